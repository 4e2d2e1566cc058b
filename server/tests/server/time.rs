//! The time a gate asks for, and times in journals that can't be.

use std::time::{SystemTime, UNIX_EPOCH};

use kaisatsu_shared::{
    id::{DeviceId, TimeNonce},
    sync::{EntryFate, SignedTime, TimeDocument, TimeError, TimeQuestion, TimeRequest},
    time::{TimeInterval, UnixMillis},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

async fn ask(gate: &Gate, request: TimeRequest) -> Response {
    gate.request(Method::POST, "time").json(&request).send().await.unwrap()
}

async fn answer(gate: &Gate, nonce: u8) -> (SignedTime, TimeQuestion) {
    let request = TimeRequest { device: gate.own.device, nonce: TimeNonce([nonce; 16]) };
    let answer = ask(gate, request).await;
    assert_eq!(answer.status(), 200);
    let question = TimeQuestion { installation: gate.installation, event: gate.own.event, request };
    (answer.json().await.unwrap(), question)
}

async fn time(gate: &Gate, nonce: u8) -> TimeDocument {
    let (signed, question) = answer(gate, nonce).await;
    signed.open(&gate.root, &question).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_is_signed_for_the_device_that_asks() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let north = Gate::enrol(&installation, &server, 1).await;
    let south = Gate::enrol(&installation, &server, 2).await;
    let sent = now();
    let (signed, question) = answer(&north, 1).await;
    let document = signed.open(&north.root, &question).unwrap();
    assert!((sent..=now()).contains(&document.at.0), "{document:?}");
    assert_eq!(document.version, 0);
    // It is no answer to another question, nor for another device.
    let (_, other) = answer(&north, 2).await;
    assert_eq!(signed.open(&north.root, &other), Err(TimeError::OtherQuestion));
    let (_, theirs) = answer(&south, 1).await;
    assert_eq!(signed.open(&south.root, &theirs), Err(TimeError::OtherDevice));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_device_with_a_session_gets_the_time_and_only_its_own() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let own = TimeRequest { device: gate.own.device, nonce: TimeNonce([1; 16]) };
    let refused = async |gate: &Gate, request| {
        let answer = ask(gate, request).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
    };
    let other = TimeRequest { device: DeviceId(own.device.0 + 1), ..own };
    assert_eq!(refused(&gate, other).await, (409, json!("time_mismatch")));
    let short = gate.request(Method::POST, "time").json(&json!({ "device": 1, "nonce": "00" }));
    assert_eq!(short.send().await.unwrap().status(), 422);
    let device = gate.own.device.to_string();
    installation.cli(&["device", "revoke", &device, "--event", "1"]).ok();
    assert_eq!(refused(&gate, own).await, (403, json!("device_revoked")));
    gate.token.clear();
    assert_eq!(refused(&gate, own).await, (401, json!("session_invalid")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_raises_the_version_at_once_and_on_record() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    assert_eq!(time(&gate, 1).await.version, 0);
    assert_eq!(installation.json(&["time", "correct"])["version"], 1);
    assert_eq!(time(&gate, 2).await.version, 1);
    let audit = installation.json(&["audit", "list"]);
    let mut rows = audit.as_array().unwrap().iter();
    assert!(rows.any(|row| row["action"] == "time.correct" && row["actor"]["kind"] == "cli"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_at_a_time_that_cannot_be_is_recorded_and_told() {
    let installation = Installation::with_event();
    let texts = installation.issue(3);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let unknown = TimeInterval { earliest: UnixMillis(0), latest: UnixMillis(u64::MAX) };
    let in_2099 = TimeInterval::exact(UnixMillis(4_070_908_800_000));
    let in_1970 = TimeInterval::exact(UnixMillis(1));
    for (text, (at, suspicious)) in
        texts.iter().zip([(unknown, vec![]), (in_2099, vec![2]), (in_1970, vec![3])])
    {
        let mut used = gate.used(right_of(gate.installation, text), 1);
        used.at = at;
        let answer = gate.redeem(used).await;
        assert_eq!(answer.entries[0].fate, EntryFate::Accepted, "{at:?}");
        assert_eq!(answer.suspicious_times, suspicious, "{at:?}");
    }
    let audit = installation.json(&["audit", "list"]);
    let told = audit.as_array().unwrap().iter();
    let told = told.filter(|row| row["action"] == "journal.suspicious_time");
    let told: Vec<_> = told.map(|row| (row["object"].clone(), row["outcome"].clone())).collect();
    let row =
        |number: u8| (json!(format!("event/1/device/1/{number}-{number}")), json!("recorded x1"));
    assert_eq!(told, [row(2), row(3)]);
}
