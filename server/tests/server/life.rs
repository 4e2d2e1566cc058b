//! The server's life: it stops without losing what it answered, and its log tells nothing about
//! people.

use std::time::{Duration, Instant};

use kaisatsu_shared::sync::ClaimAnswer;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

/// A request that takes longer hangs: then the test ends and shows the server's log.
const LONGEST: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_ends_polls_at_once_and_keeps_every_grant() {
    let installation = Installation::with_event();
    let texts = installation.issue(40);
    let mut server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let poller = Gate::enrol(&installation, &server, 2).await;
    let head = poller.feed(0, 0).await.end.cursor.sequence;
    // A poll that nothing answers while the server stops.
    let polling = async {
        let path = format!("feed?epoch=1&after={}&wait_ms=25000", head + 1_000);
        let begun = Instant::now();
        // Either an answer or a closed connection, but soon.
        let _ = poller.request(reqwest::Method::GET, &path).timeout(LONGEST).send().await;
        begun.elapsed()
    };
    let claiming = async {
        let mut granted = Vec::new();
        let mut ended = String::new();
        for text in &texts {
            let right = right_of(gate.installation, text);
            let claim = gate.used(right, 1);
            let mut claim = claim;
            claim.claim.0 = [u8::try_from(right.serial.0).unwrap() + 1; 16];
            let body = json!({ "use": claim });
            let request =
                gate.request(reqwest::Method::POST, "claims").timeout(LONGEST).json(&body);
            let answer = match request.send().await {
                Ok(answer) => answer.json::<ClaimAnswer>().await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(ClaimAnswer::Granted { .. }) => granted.push(right.serial),
                other => {
                    ended = format!("{other:?}");
                    break;
                }
            }
            if granted.len() == 15 {
                server.signal(Signal::SIGTERM);
            }
        }
        if granted.len() < 15 {
            // The server is stopped all the same, so that the test ends and tells why.
            server.signal(Signal::SIGTERM);
        }
        (granted, ended)
    };
    let begun = Instant::now();
    let (polled, (granted, ended)) = tokio::join!(polling, claiming);
    let status = tokio::task::block_in_place(|| server.wait());
    println!("shutdown: {:?} in all, poll ended after {polled:?}", begun.elapsed());
    assert!(status.success(), "{status}: {}", server.log());
    assert!(polled < Duration::from_secs(10), "{polled:?}: {}", server.log());
    assert!(granted.len() >= 15, "{} granted, then {ended}: {}", granted.len(), server.log());
    let exported = installation.cli(&["ledger", "export", "--event", "1"]).ok();
    for serial in granted {
        let kept = exported.lines().any(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["kind"] == "granted" && line["use"]["right"]["serial"] == serial.0
        });
        assert!(kept, "the grant of ticket {serial} is lost");
    }
    assert_eq!(installation.cli(&["ledger", "verify", "--event", "1"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupt_ends_it_too_and_sessions_outlive_a_restart() {
    let installation = Installation::with_event();
    let mut server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    server.signal(Signal::SIGINT);
    assert!(tokio::task::block_in_place(|| server.wait()).success());
    let server = installation.serve();
    let request = server.get("/api/v1/device/bundle").bearer_auth(&gate.token);
    assert_eq!(request.send().await.unwrap().status(), 200);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_name_address_or_secret() {
    let installation = Installation::with_event();
    let csv = "name,kana,email,type,note\n山田 花子,ヤマダ,hana@example.jp,1,\n";
    let (list, out) = (installation.path("holders.csv"), installation.path("out"));
    std::fs::write(&list, csv).unwrap();
    let issue = [
        "ticket",
        "issue",
        "--event",
        "1",
        "--csv",
        list.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    installation.cli(&issue).ok();
    let text = installation.text_of(0);
    let token = installation.token("all", None);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    gate.claim(gate.used(right, 7)).await;
    gate.redeem(gate.used(right, 7)).await;
    gate.feed(0, 0).await;
    for path in [
        "/api/v1/events/1/tickets/0/holder",
        "/api/v1/events/1/tickets/0/display",
        "/api/v1/events/1/codes?first=0&count=1",
        "/nowhere/hana@example.jp?name=%E5%B1%B1%E7%94%B0",
    ] {
        server.get(path).bearer_auth(&token).send().await.unwrap();
    }
    let body = json!({ "ticket_type": 1, "tickets": [{ "holder": { "name": 7, "email": "hana@example.jp" } }] });
    let request = server.post("/api/v1/events/1/tickets", &body);
    let request = request.bearer_auth(&token).header("idempotency-key", "secret-key");
    assert_eq!(request.send().await.unwrap().status(), 422);
    let log = server.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let routes: Vec<_> = lines.iter().filter_map(|line| line["route"].as_str()).collect();
    for route in [
        "/api/v1/events/{event}/tickets/{serial}/holder",
        "/api/v1/device/claims",
        "/api/v1/device/feed",
        "unknown",
    ] {
        assert!(routes.contains(&route), "{route}: {routes:?}");
    }
    assert!(lines.iter().any(|line| line["status"] == 422 && line["millis"].is_u64()), "{log}");
    let session = gate.token.clone();
    let secret_part = &text[20..60];
    for hidden in [
        "山田",
        "ヤマダ",
        "hana@",
        "%E5%B1%B1",
        "secret-key",
        &token,
        &session,
        secret_part,
        "KS1:",
    ] {
        assert!(!log.contains(hidden), "the log holds {hidden}: {log}");
    }
    server.stop();
}
