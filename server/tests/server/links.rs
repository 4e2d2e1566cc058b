//! Personal links: what opens, what doesn't, and that nothing of it stays anywhere.

use kaisatsu_shared::{
    display::clock::{LinkCache, verify_link},
    token::{Display, ModePart, decode},
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, Server, right_of};

/// Event 1 with a static ticket, number 0, and a clock ticket, number 1.
fn two_tickets() -> Installation {
    let installation = Installation::with_event();
    installation.issue(1);
    let out = installation.path("clock");
    let out = out.to_str().unwrap();
    let issue = ["ticket", "issue", "--event", "1", "--type", "2", "--count", "1", "--out", out];
    installation.json(&issue);
    installation
}

fn link(installation: &Installation, serials: &[&str]) -> String {
    let url = ["--event", "1", "--url", "https://tickets.example/"];
    let answer = installation.json(&[&["ticket", "link"], serials, &url[..]].concat());
    answer["link"].as_str().unwrap().to_owned()
}

/// The secret of a ticket's link.
fn secret(installation: &Installation, serial: &str) -> String {
    link(installation, &[serial]).split_once('#').unwrap().1.to_owned()
}

async fn ask(server: &Server, what: &str, secret: &str) -> Response {
    let body = json!({ "secret": secret });
    server.post(&format!("/api/v1/tickets/{what}"), &body).send().await.unwrap()
}

async fn opened(server: &Server, secret: &str) -> Value {
    let answer = ask(server, "open", secret).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_its_ticket_with_all_that_the_page_needs_and_no_name() {
    let installation = two_tickets();
    let server = installation.serve();
    let ticket = opened(&server, &secret(&installation, "0")).await;
    assert_eq!(
        ticket["event"],
        json!({ "id": 1, "name": { "ja": "秋祭り", "en": "Autumn" }, "zone": "Asia/Tokyo" })
    );
    assert_eq!(ticket["ticket_type"], json!({ "ja": "一般", "en": "General" }));
    assert_eq!((&ticket["standing"], &ticket["display"]), (&json!("unused"), &json!("static")));
    assert_eq!(ticket["code"], json!(installation.text_of(0)));
    assert!(ticket.get("holder").is_none() && ticket.get("entered_at").is_none(), "{ticket}");

    // A clock display's code is the last of its chain, whose anchor is signed.
    let ticket = opened(&server, &secret(&installation, "1")).await;
    let last = decode(ticket["code"].as_str().unwrap()).unwrap();
    let (ModePart::Clock(part), Display::Clock { step, link }) =
        (&last.token.body.mode, &last.display)
    else {
        panic!("{ticket}");
    };
    assert_eq!(*step, part.steps);
    let installed = ticket["installation"].as_str().unwrap().parse().unwrap();
    let id = kaisatsu_shared::display::clock::ChainId::of(&last.token.body).unwrap();
    assert!(verify_link(installed, id, &part.anchor, *step, link, &mut LinkCache::default()));
    // The same chain as ever, until a new one is due.
    assert_eq!(decode(&installation.text_of(1)).unwrap().token, last.token);
    assert_eq!(opened(&server, &secret(&installation, "1")).await["code"], ticket["code"]);

    let looked: Value =
        ask(&server, "look", &secret(&installation, "1")).await.json().await.unwrap();
    assert_eq!((&looked["standing"], looked.get("code")), (&json!("unused"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_nothing_is_answered_alike_whatever_is_wrong_with_it() {
    let installation = two_tickets();
    let server = installation.serve();
    let good = secret(&installation, "0");
    let flipped = |at: usize| {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &good[..at], &good[at + 1..])
    };
    let mut answers = Vec::new();
    // Another event, another ticket, another generation, another code, cut short, nothing.
    for wrong in
        [flipped(2), flipped(9), flipped(11), flipped(30), good[..20].to_owned(), String::new()]
    {
        for what in ["open", "look"] {
            let answer = ask(&server, what, &wrong).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{wrong}");
            answers.push(answer.text().await.unwrap());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].contains("link_unknown"), "{answers:?}");
    opened(&server, &good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reissued_tickets_older_link_says_so_and_a_void_one_shows_no_code() {
    let installation = two_tickets();
    let server = installation.serve();
    let older = secret(&installation, "0");
    installation.cli(&["ticket", "reissue", "0", "--event", "1"]).ok();
    let ticket = opened(&server, &older).await;
    assert_eq!((&ticket["standing"], ticket.get("code")), (&json!("reissued"), None));
    let newer = secret(&installation, "0");
    assert_ne!(older, newer);
    assert_eq!(opened(&server, &newer).await["standing"], "unused");

    let voided = secret(&installation, "1");
    installation.cli(&["ticket", "void", "1", "--event", "1", "--reason", "refunded"]).ok();
    let ticket = opened(&server, &voided).await;
    assert_eq!((&ticket["standing"], ticket.get("code")), (&json!("voided"), None));
    assert!(
        installation.cli(&["ticket", "link", "1", "--event", "1"]).fails(2).contains("voided"),
        "nobody is sent a link that shows nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_shows_with_its_time() {
    let installation = two_tickets();
    let text = installation.text_of(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let used = gate.used(right_of(gate.installation, &text), 1);
    gate.claim(used).await;
    let secret = secret(&installation, "0");
    assert_eq!(opened(&server, &secret).await["standing"], "unused", "being admitted");
    let at = used.at.middle().0;
    gate.redeem(used).await;
    let ticket = opened(&server, &secret).await;
    assert_eq!((&ticket["standing"], &ticket["entered_at"]), (&json!("used"), &json!(at)));
    // A code is still shown: whoever leaves scans it.
    assert!(ticket["code"].is_string(), "{ticket}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_opens_a_group_and_every_opening_is_on_record() {
    let installation = two_tickets();
    let server = installation.serve();
    let address = link(&installation, &["0", "1"]);
    let (sent, kept) = address.split_once('#').unwrap();
    assert_eq!(sent, "https://tickets.example/t/");
    for (serial, secret) in kept.split('.').enumerate() {
        assert_eq!(opened(&server, secret).await["serial"], json!(serial));
    }
    let rows = installation.json(&["audit", "list"]);
    let said = |action: &str| -> Vec<(String, String)> {
        let rows = rows.as_array().unwrap().iter().filter(|row| row["action"] == action);
        let text =
            |row: &Value, path: &str| row.pointer(path).unwrap().as_str().unwrap().to_owned();
        rows.map(|row| (text(row, "/actor/kind"), text(row, "/object"))).collect()
    };
    let row = |kind: &str, object: &str| (kind.to_owned(), object.to_owned());
    assert_eq!(said("ticket.link"), [row("cli", "event/1/tickets/0,1")]);
    let by = |serial| row("attendee", &format!("event/1/ticket/{serial}"));
    assert_eq!(said("ticket.open"), [by(0), by(1)]);
    let log = server.log();
    for secret in kept.split('.') {
        assert!(!log.contains(secret) && !rows.to_string().contains(secret));
    }
    assert!(log.contains("/api/v1/tickets/open") && !log.contains("KS1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_are_paced_by_ticket_and_guesses_by_address() {
    let installation = two_tickets();
    let server = installation.serve();
    let (one, other) = (secret(&installation, "0"), secret(&installation, "1"));
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        let answer = ask(&server, "open", &one).await;
        last = answer.status();
        if last != StatusCode::OK {
            assert_eq!(answer.headers()["retry-after"].to_str().unwrap().parse(), Ok(2));
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // A whole venue may have one address.
    opened(&server, &other).await;
    for _ in 0..60 {
        last = ask(&server, "look", "guess").await.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(&server, "look", &one).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_with_a_policy_of_its_own_and_nothing_beside_it() {
    let installation = Installation::new();
    let server = installation.serve();
    let page = server.get("/t/").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(!policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"));
    for nowhere in ["/t/nothing.js", "/t/..%2fCargo.toml", "/t/../../Cargo.toml"] {
        assert_eq!(server.get(nowhere).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}
