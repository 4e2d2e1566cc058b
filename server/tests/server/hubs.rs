//! Hubs, through the programs: what is set here stands in the bundle that gates get.

use kaisatsu_shared::{
    bundle::Bundle,
    id::DeviceId,
    right::Authority,
    sync::{BatchAnswer, EntryFate},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client, right_of};

async fn bundle(gate: &Gate) -> Bundle {
    let answer: Value =
        gate.request(Method::GET, "bundle").send().await.unwrap().json().await.unwrap();
    serde_json::from_str(answer["document"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_learn_who_is_hub_and_whom_it_answers_no_more() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let hub = Gate::enrol(&installation, &server, 1).await;
    let document: Value =
        gate.request(Method::GET, "bundle").send().await.unwrap().json().await.unwrap();
    let document = document["document"].as_str().unwrap();
    assert!(!document.contains("hubs") && !document.contains("revoked"), "as before without a hub");

    let arguments = ["hub", "set", "2", "--event", "1", "--address", "192.168.1.20:7443"];
    let set = installation.json(&[&arguments[..], &["--address", "hub.local:7443"]].concat());
    assert_eq!((&set["device"], &set["lost"]), (&json!(2), &json!(false)));
    let known = bundle(&gate).await;
    assert_eq!(known.hubs.len(), 1);
    assert_eq!((known.hubs[0].device, known.hubs[0].public), (DeviceId(2), hub.key.public()));
    assert_eq!(known.hubs[0].addresses, ["192.168.1.20:7443", "hub.local:7443"]);
    assert_eq!(known.revoked, []);

    // A device that is revoked is answered no more; a hub that is revoked is none.
    installation.cli(&["device", "revoke", "1", "--event", "1"]).ok();
    let known = bundle(&hub).await;
    assert_eq!((known.hubs.len(), known.revoked), (1, vec![DeviceId(1)]));
    let word = known.revocations[0].open(&gate.root, gate.installation, DeviceId(1)).unwrap();
    assert_eq!(word.event, known.event);
    let third = Gate::enrol(&installation, &server, 1).await;
    installation.cli(&["device", "revoke", "2", "--event", "1"]).ok();
    let known = bundle(&third).await;
    assert_eq!((known.hubs.len(), known.revoked), (0, vec![DeviceId(1), DeviceId(2)]));
    let listed = installation.json(&["hub", "list", "--event", "1"]);
    assert_eq!(listed[0]["lost"], true);
    let refused = installation.cli(&arguments).fails(2);
    assert!(refused.contains("device 2 isn't enrolled, or was revoked"), "{refused}");
    let gone = installation.cli(&["hub", "remove", "2", "--event", "1"]).ok();
    assert!(gone.contains("device 2 is no hub"), "{gone}");
    let audit = installation.json(&["audit", "list", "--event", "1"]).to_string();
    for action in ["hub.set", "hub.remove"] {
        assert!(audit.contains(action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_manage_hubs_with_their_token() {
    let installation = Installation::with_event();
    let server = installation.serve();
    Gate::enrol(&installation, &server, 1).await;
    let writes = installation.token("device:write,device:read", None);
    let reads = installation.token("device:read", None);
    let send = async |method: Method, path: &str, token: &str, body: Value| {
        let url = server.url(&format!("/api/v1/events/1/hubs{path}"));
        let client = client();
        let answer =
            client.request(method, url).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let found = json!({ "addresses": ["10.0.0.5:7443"] });
    let (status, refused) = send(Method::PUT, "/1", &reads, found.clone()).await;
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let (status, set) = send(Method::PUT, "/1", &writes, found.clone()).await;
    assert_eq!((status, &set["addresses"]), (200, &found["addresses"]));
    let five = ["a:1", "b:1", "c:1", "d:1", "e:1"];
    for (path, addresses, status, code) in [
        ("/1", json!([]), 400, "hub_address"),
        ("/1", json!(["http://10.0.0.5"]), 400, "hub_address"),
        ("/1", json!(five), 400, "hub_address"),
        ("/9", json!(["10.0.0.5:7443"]), 404, "device_unknown"),
    ] {
        let answer = send(Method::PUT, path, &writes, json!({ "addresses": addresses })).await;
        assert_eq!((answer.0, &answer.1["code"]), (status, &json!(code)), "{addresses}");
    }
    let (status, list) = send(Method::GET, "", &reads, Value::Null).await;
    assert_eq!((status, list[0]["device"].as_u64()), (200, Some(1)));
    let (status, _) = send(Method::DELETE, "/1", &writes, Value::Null).await;
    assert_eq!(status, 200);
    let (status, refused) = send(Method::DELETE, "/1", &writes, Value::Null).await;
    assert_eq!((status, &refused["code"]), (404, &json!("hub_unknown")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_passes_on_what_other_devices_signed_and_nothing_else() {
    let installation = Installation::with_event();
    let text = installation.issue(2).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let hub = Gate::enrol(&installation, &server, 2).await;
    let mut used = gate.used(right_of(gate.installation, &text), 1);
    used.authority = Authority::Alone;
    let batch = gate.keep(used);
    let mut forged = batch.clone();
    forged.head.signature.0[0] ^= 1;
    let mut mine = batch.clone();
    mine.head.device = hub.own.device;
    let mut unknown = batch.clone();
    unknown.head.device = DeviceId(99);
    for (bad, status) in [(forged, 401), (mine, 401), (unknown, 404)] {
        assert_eq!(hub.send(&bad).await.status(), status);
    }
    let seen = |installation: &Installation| {
        let devices = installation.json(&["device", "list", "--event", "1"]);
        devices[0]["last_seen"].clone()
    };
    let before = seen(&installation);
    let passed_on = hub.send(&batch).await;
    assert_eq!(passed_on.status(), 200);
    let answer: BatchAnswer = passed_on.json().await.unwrap();
    assert_eq!((answer.acknowledged, &answer.entries[0].fate), (1, &EntryFate::Accepted));
    let ticket = installation.json(&["ticket", "show", "0", "--event", "1"]);
    assert!(ticket.to_string().contains("redeemed"), "{ticket}");
    assert_eq!(seen(&installation), before, "that it is there isn't said by that");
    // The gate delivers it itself later, and goes on.
    let again: BatchAnswer = gate.send(&batch).await.json().await.unwrap();
    assert_eq!(again.entries[0].fate, EntryFate::AlreadyKnown);
    let mut next = gate.used(right_of(gate.installation, &text), 2);
    next.authority = Authority::Alone;
    assert_eq!(gate.redeem(next).await.acknowledged, 2);
    // A hub that was revoked passes on nothing.
    installation.cli(&["device", "revoke", "2", "--event", "1"]).ok();
    let refused = hub.send(&batch).await;
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["code"], "device_revoked");
}
