//! Every failure is a problem with a stable code, and every answer has the security headers.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client};

fn headers_are_safe(answer: &Response) {
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let at = answer.url();
    assert_eq!(header("x-content-type-options"), "nosniff", "{at}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{at}");
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{at}");
    assert!(!header("x-request-id").is_empty(), "{at}");
}

async fn refused(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    headers_are_safe(&answer);
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{}", answer.url());
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(problem["type"], "about:blank");
    assert!(problem["title"].as_str().unwrap().len() > 10, "{problem}");
    (status, problem["code"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_problems() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let token = installation.token("all", None);
    let http: Client = client();
    let post = |path: &str| http.post(server.url(path)).bearer_auth(&token);
    let get = |path: &str| http.get(server.url(path)).bearer_auth(&token);
    let types = "/api/v1/events/1/types";
    let json = |path: &str, body: &'static str| {
        post(path).header("content-type", "application/json").body(body)
    };
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(9 << 20));
    let cases = [
        (get("/nowhere"), 404, "not_found"),
        (get("/api/v1/device/nowhere"), 404, "not_found"),
        (get("/api/v1/events/1/nowhere"), 404, "not_found"),
        (post("/healthz"), 405, "method_not_allowed"),
        (http.put(server.url("/api/v1/events/1/tickets/0")), 405, "method_not_allowed"),
        (http.get(server.url("/api/v1/device/claims")), 405, "method_not_allowed"),
        (json(types, "{"), 400, "malformed_json"),
        (json(types, "[1]"), 422, "invalid_body"),
        (json(types, "{\"surprise\":1}"), 422, "invalid_body"),
        (post(types).body("x"), 415, "unsupported_media_type"),
        (post("/api/v1/events/1/gates").json(&json!({"name": 7})), 422, "invalid_body"),
        (json("/api/v1/device/claims", "{"), 401, "session_invalid"),
        (json("/api/v1/device/enrol", "{\"code\":\"x\",\"public\":\"y\"}"), 422, "invalid_body"),
        (get("/api/v1/events/x"), 404, "not_found"),
        (get("/api/v1/events/7"), 404, "event_unknown"),
        (get("/api/v1/events/1/tickets/x"), 400, "invalid_path"),
        (get("/api/v1/events/1/tickets/5"), 404, "ticket_unknown"),
        (get("/api/v1/events/1/codes"), 400, "invalid_query"),
        (get("/api/v1/events/1/ledger?format=xml"), 400, "invalid_query"),
        (post("/api/v1/events/1/tickets").json(&json!({})), 400, "idempotency_key_missing"),
        (
            post("/api/v1/events/1/tickets")
                .header("idempotency-key", "a")
                .json(&json!({"ticket_type": 1, "tickets": []})),
            400,
            "ticket_count",
        ),
        (post(types).header("content-type", "application/json").body(huge), 413, "too_large"),
    ];
    for (request, status, code) in cases {
        let shown = format!("{request:?}").chars().take(200).collect::<String>();
        assert_eq!(refused(request).await, (status, code.to_owned()), "{shown}");
    }
    let allow = http.delete(server.url("/api/v1/events")).send().await.unwrap();
    assert_eq!(allow.headers()["allow"], "GET, POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_negotiated_or_refused_with_the_side_to_update() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let ask = |versions: &str| {
        gate.request(reqwest::Method::GET, "bundle").header("kaisatsu-protocol", versions)
    };
    let fine = ask("1-7").send().await.unwrap();
    assert_eq!(
        (fine.status().as_u16(), &fine.headers()["kaisatsu-protocol"]),
        (200, &"1".parse().unwrap())
    );
    for (versions, side) in [("2-7", "update the server"), ("0", "update the gate")] {
        let answer = ask(versions).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 426);
        assert_eq!(answer.headers()["kaisatsu-protocol"], "1-1");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "protocol_unsupported");
        assert!(problem["title"].as_str().unwrap().contains(side), "{problem}");
    }
    assert_eq!(refused(ask("x")).await, (400, "protocol_malformed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_health_endpoints_answer() {
    let installation = Installation::with_event();
    installation.issue(3);
    let server = installation.serve();
    for (path, needle) in [
        ("/", "It works"),
        ("/style.css", "table"),
        ("/healthz", "ok"),
        ("/readyz", "commits"),
        ("/api/openapi.json", "\"openapi\""),
    ] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        headers_are_safe(&answer);
        let body = answer.text().await.unwrap();
        assert!(body.contains(needle), "{path}: {body}");
        assert!(!body.contains("<script"), "{path}");
    }
}
