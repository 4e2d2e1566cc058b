//! What a gate is known to have written and never delivered, through the programs.

use kaisatsu_shared::sync::{HEAD_HEADER, HeadsNoted, HeardHead, HeardHeads};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::common::{Gate, Installation, client, right_of};

fn device(installation: &Installation, number: usize) -> Value {
    installation.json(&["device", "list", "--event", "1"])[number - 1].clone()
}

/// What is missing of a device, once something is: the end is noted beside the request that brought it.
async fn missing(installation: &Installation, number: usize, last: u64) -> Value {
    for _ in 0..100 {
        let missing = device(installation, number)["undelivered"].clone();
        if missing["last"] == last {
            return missing;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("never noted: {}", device(installation, number));
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_come_with_requests_and_name_what_is_missing() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let mut hub = Gate::enrol(&installation, &server, 2).await;
    let right = right_of(gate.installation, &text);
    assert_eq!(device(&installation, 1)["undelivered"], Value::Null);

    // With a request for the feed, with a claim, with the session; one that isn't its own is refused, and the
    // request that brought it is answered all the same.
    let first = gate.keep(gate.used(right, 1));
    let feed = |head: String| gate.request(Method::GET, "feed?after=0").header(HEAD_HEADER, head);
    let mut forged = first.head.clone();
    forged.signature.0[0] ^= 1;
    for nonsense in ["", "1:2:3", &"9".repeat(4_000), &forged.to_header()] {
        assert_eq!(feed(nonsense.to_owned()).send().await.unwrap().status(), 200, "{nonsense}");
    }
    assert_eq!(feed(first.head.to_header()).send().await.unwrap().status(), 200);
    let known = missing(&installation, 1, 1).await;
    assert_eq!((&known["first"], &known["through"]), (&json!(1), &json!(1)));
    let second = gate.keep(gate.used(right, 2));
    let claim = kaisatsu_shared::sync::Claim {
        used: gate.used(right, 3),
        abandons: Vec::new(),
        by_hand: None,
    };
    let asked = gate.request(Method::POST, "claims").header(HEAD_HEADER, second.head.to_header());
    assert_eq!(asked.json(&claim).send().await.unwrap().status(), 200);
    assert_eq!(missing(&installation, 1, 2).await["since"], known["since"]);
    let third = gate.keep(gate.used(right, 4));
    gate.head_sent = Some(third.head.to_header());
    gate.session().await;
    assert_eq!(device(&installation, 1)["undelivered"]["last"], 3, "before the session's answer");

    // People read it, too, and it stands at the end of the export.
    let told = installation.cli(&["device", "list", "--event", "1"]).ok();
    assert!(told.contains("entries 1-3 of device 1 at"), "{told}");
    let events = installation.json(&["event", "list"]);
    assert_eq!(events[0]["stats"]["undelivered"], 3, "{events}");
    let export = installation.cli(&["journal", "export", "--device", "1"]).ok();
    let line: Value = serde_json::from_str(export.lines().last().unwrap()).unwrap();
    assert_eq!((&line["kind"], &line["last"]), (&json!("undelivered"), &json!(3)));

    // Another device passes on what it heard; a revoked one may not.
    let fourth = gate.keep(gate.used(right, 5));
    let heard = HeardHead { credential: gate.credential.clone(), head: fourth.head.clone() };
    let pass = async |hub: &Gate, heard: HeardHead| {
        let heads = HeardHeads { heads: vec![heard] };
        hub.request(Method::POST, "heads").json(&heads).send().await.unwrap()
    };
    let mut changed = heard.clone();
    changed.head.head.number += 1;
    let refused = pass(&hub, changed).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["code"], "journal_signature");
    let noted: HeadsNoted = pass(&hub, heard.clone()).await.json().await.unwrap();
    assert_eq!(noted.news, 1);
    let known = missing(&installation, 1, 4).await;
    assert_eq!((&known["first"], &known["through"]), (&json!(1), &json!(2)));

    // Written off, it is named as lost; delivered after all, it isn't named any more.
    let refused =
        installation.cli(&["device", "write-off", "1", "--event", "1", "--reason", "drowned"]);
    refused.fails(2);
    let writer = installation.token("device:write", None);
    let url = server.url("/api/v1/events/1/devices/1/write-off");
    let body = json!({ "reason": "stolen" });
    let answer = client().post(url).bearer_auth(writer).json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        (&answer["write_off_reason"], &answer["undelivered"]["last"]),
        (&json!("stolen"), &json!(4))
    );
    let told = installation.cli(&["device", "list", "--event", "1"]).ok();
    assert!(told.contains("is written off (stolen): entries 1-4 lost"), "{told}");
    let export = installation.cli(&["journal", "export", "--device", "1"]).ok();
    assert!(export.contains("\"kind\":\"lost\"") && export.contains("\"stolen\""), "{export}");
    for batch in [first, second, third, fourth] {
        assert_eq!(gate.send(&batch).await.status(), 200);
    }
    assert_eq!(device(&installation, 1)["undelivered"], Value::Null);
    installation.cli(&["device", "revoke", "2", "--event", "1"]).ok();
    hub.session().await;
    assert_eq!(pass(&hub, heard).await.status(), 403);
    server.stop();
    let audit =
        installation.json(&["audit", "list", "--event", "1", "--limit", "1000"]).to_string();
    for trace in ["journal.head\"", "journal_signature", "journal.heads", "\"stolen\""] {
        assert!(audit.contains(trace), "{trace}: {audit}");
    }
}
