//! Every organiser endpoint of the description: without token, with a token that lacks exactly
//! its permission, with one of another event, and with one that has only its permission.

use kaisatsu_server::store::types::Permission;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{Installation, Server, client};

/// An endpoint and the permission that its description names.
struct Endpoint {
    method: Method,
    path: String,
    permission: String,
}

async fn endpoints(server: &Server) -> Vec<Endpoint> {
    let document: Value =
        server.get("/api/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if path.starts_with("/api/v1/events") {
                let scopes = &operation["security"][0]["api_token"];
                found.push(Endpoint {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path
                        .replace("{event}", "1")
                        .replace("{serial}", "0")
                        .replace("{device}", "1"),
                    permission: scopes[0].as_str().unwrap().to_owned(),
                });
            }
        }
    }
    found
}

impl Endpoint {
    async fn ask(&self, server: &Server, token: Option<&str>) -> (StatusCode, String) {
        let mut request = client().request(self.method.clone(), server.url(&self.path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if self.method == Method::POST {
            request = request.json(&json!({}));
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        let code = serde_json::from_str::<Value>(&body)
            .ok()
            .and_then(|problem| problem["code"].as_str().map(str::to_owned));
        (status, code.unwrap_or_default())
    }

    fn name(&self) -> String {
        format!("{} {} ({})", self.method, self.path, self.permission)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_asks_for_its_permission_on_its_event() {
    let installation = Installation::with_event();
    let other = installation.add_event();
    installation.issue(1);
    installation.json(&["device", "enrol", "--event", "1", "--gate", "1", "--name", "Lane"]);
    let server = installation.serve();
    let endpoints = endpoints(&server).await;
    assert!(endpoints.len() >= 20, "{}", endpoints.len());
    let elsewhere = installation.token("all", Some(&other));
    for endpoint in &endpoints {
        let name = endpoint.name();
        let refused = endpoint.ask(&server, None).await;
        assert_eq!(refused, (StatusCode::UNAUTHORIZED, "unauthenticated".to_owned()), "{name}");
        let refused = endpoint.ask(&server, Some("kst_nobody")).await;
        assert_eq!(refused, (StatusCode::UNAUTHORIZED, "token_unknown".to_owned()), "{name}");
        let others: Vec<_> = Permission::ALL
            .iter()
            .map(|permission| permission.name())
            .filter(|permission| *permission != endpoint.permission)
            .collect();
        let lacking = installation.token(&others.join(","), None);
        let refused = endpoint.ask(&server, Some(&lacking)).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, "forbidden".to_owned()), "{name}");
        let only = installation.token(&endpoint.permission, None);
        let (status, code) = endpoint.ask(&server, Some(&only)).await;
        assert!(
            status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN,
            "{name}: {status} {code}"
        );
        let (status, code) = endpoint.ask(&server, Some(&elsewhere)).await;
        if endpoint.path == "/api/v1/events" && endpoint.method == Method::GET {
            assert_eq!(status, StatusCode::OK, "{name}");
        } else {
            assert_eq!((status, code.as_str()), (StatusCode::FORBIDDEN, "forbidden"), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_events_shows_only_the_tokens_own() {
    let installation = Installation::with_event();
    let other = installation.add_event();
    let server = installation.serve();
    let ids = async |token: String| -> Vec<u64> {
        let answer = server.get("/api/v1/events").bearer_auth(token).send().await.unwrap();
        let events: Vec<Value> = answer.json().await.unwrap();
        events.iter().map(|event| event["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(installation.token("event:read", None)).await, [1, 2]);
    assert_eq!(ids(installation.token("event:read", Some(&other))).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_and_expired_tokens_stop_working() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let ask = async |token: &str| {
        let answer = server.get("/api/v1/events/1").bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    let token = installation.token("event:read", None);
    assert_eq!(ask(&token).await.0, 200);
    installation.cli(&["token", "revoke", "1"]).ok();
    assert_eq!(ask(&token).await, (401, "token_revoked".to_owned()));
    let arguments =
        ["token", "create", "old", "--allow", "event:read", "--expires", "2026-01-01T00:00:00Z"];
    let expired = installation.json(&arguments)["secret"].as_str().unwrap().to_owned();
    assert_eq!(ask(&expired).await, (401, "token_expired".to_owned()));
    let list = installation.cli(&["token", "list"]).ok();
    assert!(list.contains("revoked") && !list.contains(&token), "{list}");
}
