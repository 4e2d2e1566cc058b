//! Blocked, unpaid and transferred tickets, through the programs.

use kaisatsu_shared::sync::{ClaimAnswer, ClaimRefusal};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client, right_of};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_organiser_marks_counts_for_the_next_claim() {
    let installation = Installation::with_event();
    let texts = installation.issue(2);
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &texts[0]);
    let mut key = 0;
    let mut claim = async || {
        key += 1;
        match gate.claim(gate.used(right, key)).await {
            ClaimAnswer::Refused { refusal, facts } => Some((refusal, facts.block)),
            ClaimAnswer::Granted { .. } => None,
        }
    };
    let cli = |arguments: &[&str]| {
        let mut all = vec!["ticket"];
        all.extend(arguments);
        all.extend(["0", "--event", "1"]);
        installation.json(&all)
    };
    let blocked = cli(&["block", "--reason", "stolen"]);
    assert_eq!(
        (&blocked[0]["status"], &blocked[0]["blocked"]),
        (&json!("blocked"), &json!("stolen"))
    );
    let (refusal, reason) = claim().await.unwrap();
    assert_eq!((refusal, reason.unwrap().name()), (ClaimRefusal::Blocked, "stolen"));
    cli(&["unblock"]);
    cli(&["unpaid"]);
    assert_eq!(claim().await.unwrap().0, ClaimRefusal::Unpaid);
    let rules = installation.path("rules.json");
    std::fs::write(&rules, r#"{"unpaid": "review"}"#).unwrap();
    let rules = rules.to_string_lossy().into_owned();
    installation.cli(&["rules", "set", "--event", "1", &rules]).ok();
    assert_eq!(claim().await.unwrap().0, ClaimRefusal::PaymentDue);
    cli(&["paid"]);
    installation.cli(&["ticket", "reissue", "0", "--event", "1", "--reason", "transferred"]).ok();
    assert_eq!(claim().await.unwrap().0, ClaimRefusal::Transferred);
    let refused = installation.cli(&["ticket", "block", "0", "--event", "1", "--reason", "mood"]);
    assert!(refused.fails(2).contains("stolen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_mark_tickets_with_their_token() {
    let installation = Installation::with_event();
    installation.issue(1);
    let server = installation.serve();
    let token = installation.token("ticket:void,ticket:issue", None);
    let reads = installation.token("ticket:read", None);
    let send = async |method: Method, path: &str, token: &str, body: Value| {
        let url = server.url(&format!("/api/v1/events/1/tickets/0/{path}"));
        let answer =
            client().request(method, url).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let block = json!({ "reason": "banned" });
    assert_eq!(send(Method::PUT, "block", &reads, block.clone()).await.0, 403);
    let (status, info) = send(Method::PUT, "block", &token, block).await;
    assert_eq!((status, &info["blocked"]), (200, &json!("banned")));
    let (_, info) = send(Method::PUT, "block", &token, json!({ "reason": null })).await;
    assert_eq!(info["status"], "unused");
    let (_, info) = send(Method::PUT, "payment", &token, json!({ "paid": false })).await;
    assert_eq!((&info["status"], &info["unpaid"]), (&json!("unpaid"), &json!(true)));
    let (status, _) = send(Method::PUT, "payment", &token, json!({ "paid": "yes" })).await;
    assert_eq!(status, 422);
    let (status, info) =
        send(Method::POST, "reissue?reason=transferred", &token, Value::Null).await;
    assert_eq!((status, &info["generation"]), (200, &json!(2)));
    let (status, _) = send(Method::POST, "reissue?reason=mood", &token, Value::Null).await;
    assert_eq!(status, 400);
}
