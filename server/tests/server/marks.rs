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

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_issued_as_unpaid_and_paid_later() {
    let installation = Installation::with_event();
    let (csv, out) = (installation.path("holders.csv"), installation.path("out"));
    let issue = |extra: &[&str]| {
        let all = ["ticket", "issue", "--event", "1", "--out", out.to_str().unwrap()];
        installation.cli(&[&all[..], extra, &["--json"]].concat())
    };
    let issued = |extra: &[&str]| -> Value { serde_json::from_str(&issue(extra).ok()).unwrap() };
    issued(&["--type", "1", "--count", "3", "--unpaid"]);
    // A list says it by row; --unpaid is for those that don't.
    let text = "name,kana,email,type,note,unpaid\nA,,,1,,yes\nB,,,1,,no\nC,,,1,,\n";
    std::fs::write(&csv, text).unwrap();
    let csv = csv.to_string_lossy().into_owned();
    issued(&["--csv", &csv]);
    issued(&["--csv", &csv, "--unpaid", "--again"]);
    let status = |serial: u32| -> String {
        let shown = installation.json(&["ticket", "show", &serial.to_string(), "--event", "1"]);
        shown["status"].as_str().unwrap().to_owned()
    };
    let told: Vec<_> = (0..9).map(status).collect();
    let (due, paid) = ("unpaid", "unused");
    assert_eq!(told, [due, due, due, due, paid, paid, due, paid, due]);
    // The job is of unpaid tickets, so it doesn't go on with paid ones.
    let problem = issue(&["--csv", &csv, "--unpaid"]).problem(2);
    assert_eq!(problem["code"], "job_content");
    assert!(problem["title"].as_str().unwrap().contains("--unpaid"), "{problem}");
    let again = issued(&["--csv", &csv]);
    assert_eq!((&again["issued"], &again["repeated"]), (&json!(0), &json!(3)));
    std::fs::write(&csv, "name,kana,email,type,note,unpaid\nA,,,1,,maybe\n").unwrap();
    let problem = issue(&["--csv", &csv]).problem(2);
    assert_eq!(problem["code"], "csv_malformed");
    assert_eq!(problem["rows"][0]["faults"][0]["fault"], "unpaid");

    let server = installation.serve();
    let token = installation.token("ticket:issue", Some("1"));
    let send = async |tickets: Value| -> (u16, Value) {
        let body = json!({ "ticket_type": 1, "tickets": tickets });
        let request = server.post("/api/v1/events/1/tickets", &body);
        let request = request.bearer_auth(&token).header("idempotency-key", "order 1");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    assert_eq!(send(json!([{ "unpaid": true }, {}])).await.0, 201);
    assert_eq!((status(9).as_str(), status(10).as_str()), (due, paid));
    assert_eq!(send(json!([{ "unpaid": true }, {}])).await.0, 201, "the same job");
    let (code, problem) = send(json!([{}, {}])).await;
    assert_eq!((code, &problem["code"]), (409, &json!("job_content")));
    assert_eq!(send(json!([{ "unpaid": "no" }, {}])).await.0, 422);
    // Until it is paid, a gate lets nobody in on it.
    let gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &installation.text_of(9));
    let refused = gate.claim(gate.used(right, 1)).await;
    let ClaimAnswer::Refused { refusal, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(refusal, ClaimRefusal::Unpaid);
    // By a list and by a range; what is void stays so, and the others are told.
    installation.cli(&["ticket", "void", "8", "--event", "1"]).ok();
    installation.cli(&["ticket", "paid", "0", "3", "--event", "1"]).ok();
    let told = installation.cli(&["ticket", "paid", "6", "--event", "1", "--count", "4"]).ok();
    assert!(told.contains("ticket 8 is voided") && told.contains("ticket 9 is unused"), "{told}");
    let all: Vec<_> = (0..10).map(status).collect();
    assert_eq!(all, [paid, due, due, paid, paid, paid, paid, paid, "voided", paid]);
    let history = installation.cli(&["ticket", "show", "9", "--event", "1"]).ok();
    assert!(history.contains("issued, unpaid") && history.contains("payment, paid"), "{history}");
    let void = ["ticket", "paid", "8", "--event", "1", "--json"];
    assert_eq!(installation.cli(&void).problem(2)["code"], "ticket_voided");
    let granted = gate.claim(gate.used(right, 2)).await;
    assert!(matches!(granted, ClaimAnswer::Granted { .. }), "{granted:?}");
}
