//! Numbers that no database holds, and ledgers that can't be read, are told before anything is
//! answered.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::common::{Gate, Installation};

async fn told(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_past_every_ledger_are_refused() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let token = installation.token("ledger:read", None);
    let gate = Gate::enrol(&installation, &server, 1).await;
    for after in [1 << 63, u64::MAX] {
        let feed = gate.request(Method::GET, &format!("feed?epoch=1&after={after}"));
        assert_eq!(told(feed).await, (400, "invalid_query".to_owned()));
        let ledger = server.get(&format!("/api/v1/events/1/ledger?after={after}"));
        assert_eq!(told(ledger.bearer_auth(&token)).await, (400, "invalid_query".to_owned()));
    }
    let last = i64::MAX;
    let feed = gate.request(Method::GET, &format!("feed?epoch=1&after={last}"));
    assert_eq!(told(feed).await, (409, "cursor_unknown".to_owned()));
    let ledger = server.get(&format!("/api/v1/events/1/ledger?after={last}")).bearer_auth(&token);
    assert_eq!(ledger.send().await.unwrap().text().await.unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_codes_last_a_minute_to_30_days() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let token = installation.token("device:write", None);
    let days = 30 * 24 * 3_600_000_u64;
    for (lasts, expected) in [
        (0, 400),
        (59_999, 400),
        (60_000, 201),
        (days, 201),
        (days + 1, 400),
        (1 << 63, 400),
        (u64::MAX, 400),
    ] {
        let body = json!({ "gate": 1, "name": "Lane", "code_lasts": lasts });
        let request = server.post("/api/v1/events/1/devices", &body).bearer_auth(&token);
        let (status, code) = told(request).await;
        assert_eq!(status, expected, "{lasts}: {code}");
        assert!(status == 201 || code == "invalid_request", "{lasts}: {code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_ledger_is_a_problem_and_not_a_broken_stream() {
    let installation = Installation::with_event();
    installation.issue(1);
    let server = installation.serve();
    let token = installation.token("ledger:read", None);
    let database = rusqlite::Connection::open(installation.path("data/kaisatsu.db")).unwrap();
    database.execute("UPDATE ledger SET bytes = zeroblob(9)", []).unwrap();
    let ledger = server.get("/api/v1/events/1/ledger").bearer_auth(&token);
    assert_eq!(told(ledger).await, (500, "ledger_broken".to_owned()));
}
