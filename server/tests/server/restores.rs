//! A restore over HTTP: what gates offer, what an admin sees and confirms, and what is refused.

use kaisatsu_shared::ledger::Cursor;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, Server, client};

async fn answer(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

/// Offers bytes after a position.
async fn offer(gate: &Gate, after: Cursor, page: Vec<u8>) -> (u16, Value) {
    let path = format!(
        "ledger?epoch={}&after={}&hash={}",
        after.epoch,
        after.sequence,
        hex::encode(after.hash)
    );
    answer(gate.request(Method::POST, &path).body(page).send().await.unwrap()).await
}

async fn admin(
    server: &Server,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let url = server.url(&format!("/api/v1/events/1/{path}"));
    let request = client().request(method, url).bearer_auth(token).json(&body);
    answer(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_offer_and_an_admin_confirms() {
    let installation = Installation::with_event();
    installation.issue(1);
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let page = gate.feed(0, 0).await;
    server.stop();
    let begun = installation.json(&["restore", "begin"]);
    assert_eq!(begun, json!({ "epoch": 2, "events": 1 }));
    let server = installation.serve();
    let mut gate = gate.moved_to(&server);
    let stale = gate.request(Method::GET, "feed?after=0").send().await.unwrap();
    assert_eq!(stale.status(), 401, "sessions end with their epoch");
    gate.session().await;

    // What isn't this installation's, or can't be read, is refused and leaves nothing.
    let start = Cursor::default();
    let mut changed = page.encode();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    for (bytes, code) in [
        (Vec::new(), "offer_broken"),
        (b"not a page".to_vec(), "offer_broken"),
        (changed, "offer_broken"),
    ] {
        let (status, problem) = offer(&gate, start, bytes).await;
        assert_eq!((status, &problem["code"]), (400, &json!(code)));
    }
    let large = offer(&gate, start, vec![0; (2 << 20) + 1]).await;
    assert_eq!(large.0, 413, "{large:?}");
    let many = json!({ "positions": vec![start; 65], "newest": null });
    let refused = gate.request(Method::POST, "locate").json(&many).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let good = offer(&gate, start, page.encode()).await;
    assert_eq!(good, (200, json!({ "restated": 0, "unfit": 0 })), "nothing was lost");

    // Reading and confirming are two permissions.
    let reader = installation.token("device:read", None);
    let writer = installation.token("device:write", None);
    let (status, info) = admin(&server, &reader, Method::GET, "restore", Value::Null).await;
    assert_eq!((status, &info["open"], &info["epoch"]), (200, &json!(true), &json!(2)));
    assert_eq!(info["devices"][0]["standing"], "awaited");
    for (token, method, path) in [
        (&writer, Method::GET, "restore"),
        (&reader, Method::POST, "restore/confirm"),
        (&reader, Method::POST, "devices/1/write-off"),
    ] {
        assert_eq!(admin(&server, token, method, path, json!({})).await.0, 403, "{path}");
    }
    let confirm = |body: Value| admin(&server, &writer, Method::POST, "restore/confirm", body);
    assert_eq!(confirm(json!({ "issued_up_to": u32::MAX })).await.0, 400, "too far");
    assert_eq!(confirm(json!({ "issued": 3 })).await.0, 422, "an unknown field");
    let (status, info) = confirm(json!({ "issued_up_to": 4 })).await;
    assert_eq!((status, &info["open"], &info["confirmed"]), (200, &json!(true), &json!(true)));
    let unknown = admin(&server, &writer, Method::POST, "devices/9/write-off", json!({})).await;
    assert_eq!(unknown.0, 404);
    let (status, device) =
        admin(&server, &writer, Method::POST, "devices/1/write-off", json!({})).await;
    assert_eq!(status, 200);
    assert!(device["written_off_at"].is_u64(), "{device}");
    let (_, info) = admin(&server, &reader, Method::GET, "restore", Value::Null).await;
    assert_eq!((&info["open"], &info["lost_serials"]), (&json!(false), &json!(4)));
    let audit = installation.json(&["audit", "list", "--limit", "1000"]).to_string();
    for action in ["server.restore", "ledger.offer", "restore.confirm", "device.write_off"] {
        assert!(audit.contains(action), "{action} is on record");
    }
    server.stop();
}
