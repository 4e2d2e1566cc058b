//! Operators, through the programs: who is added here can sign in at the event's gates.

use kaisatsu_shared::bundle::Bundle;
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client};

#[tokio::test(flavor = "multi_thread")]
async fn a_drawn_pin_is_told_once_and_opens_at_the_gate() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let added = installation.json(&[
        "operator",
        "add",
        "--event",
        "1",
        "--label",
        "北口リーダー",
        "--role",
        "lead",
    ]);
    let pin = added["pin"].as_str().unwrap().to_owned();
    assert_eq!((pin.len(), &added["id"], &added["role"]), (6, &json!(1), &json!("lead")));
    let listed = installation.json(&["operator", "list", "--event", "1"]);
    assert_eq!(listed[0]["label"], "北口リーダー");
    assert!(!listed.to_string().contains(&pin) && !listed.to_string().contains("argon2"));

    let gate = Gate::enrol(&installation, &server, 1).await;
    let bundle = gate.request(Method::GET, "bundle").send().await.unwrap();
    let bundle: Value = bundle.json().await.unwrap();
    let bundle: Bundle = serde_json::from_str(bundle["document"].as_str().unwrap()).unwrap();
    assert!(bundle.operators[0].pin.verify(&pin));

    let text = installation.cli(&["operator", "remove", "1", "--event", "1"]).ok();
    assert!(text.contains("operator 1 is removed"), "{text}");
    let refused = installation.cli(&["operator", "pin", "1", "--event", "1"]).fails(2);
    assert!(refused.contains("no operator 1"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_manage_operators_with_their_token() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let writes = installation.token("event:write,event:read", None);
    let reads = installation.token("event:read", None);
    let send = async |method: Method, path: &str, token: &str, body: Value| {
        let url = server.url(&format!("/api/v1/events/1/operators{path}"));
        let client = client();
        let answer =
            client.request(method, url).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let new = json!({ "label": "South", "role": "staff", "pin": "260711" });
    let (status, refused) = send(Method::POST, "", &reads, new.clone()).await;
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let (status, added) = send(Method::POST, "", &writes, new).await;
    assert_eq!((status, &added["id"], added.get("pin")), (201, &json!(1), None));
    let (status, again) = send(Method::PUT, "/1/pin", &writes, json!({})).await;
    assert_eq!((status, again["pin"].as_str().map(str::len)), (200, Some(6)));
    let simple = json!({ "pin": "111111" });
    let (status, refused) = send(Method::PUT, "/1/pin", &writes, simple).await;
    assert_eq!((status, &refused["code"]), (400, &json!("pin_unfit")));
    assert!(!refused.to_string().contains("111111"), "{refused}");
    let (status, gone) = send(Method::DELETE, "/1", &writes, Value::Null).await;
    assert_eq!((status, &gone["label"]), (200, &json!("South")));
    let (status, _) = send(Method::DELETE, "/1", &writes, Value::Null).await;
    assert_eq!(status, 404);
    let (status, list) = send(Method::GET, "", &reads, Value::Null).await;
    assert_eq!((status, list), (200, json!([])));
}
