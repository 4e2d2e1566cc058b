//! Everything that is recorded can be read: entries set apart, and rows of the audit trail that
//! belong to no organisation or to the event itself.

use kaisatsu_shared::right::Authority;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_were_set_apart_can_be_read() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let list = ["quarantine", "list", "--event", "1"];
    assert_eq!(installation.json(&list), json!([]));
    installation.cli(&["device", "revoke", "1", "--event", "1"]).ok();
    let mut used = gate.used(right_of(gate.installation, &text), 1);
    used.authority = Authority::Alone;
    gate.redeem(used).await;

    let at_the_cli = installation.json(&list);
    let entry = &at_the_cli[0];
    assert_eq!((&entry["device"], &entry["number"]), (&json!(1), &json!(1)), "{entry}");
    assert_eq!(entry["reason"], "revoked");
    assert!(entry["bytes"].as_str().unwrap().len() > 100, "{entry}");
    let table = installation.cli(&list).ok();
    assert!(table.contains("revoked") && table.contains("redeemed"), "{table}");
    let sentence = installation.cli(&["quarantine", "list", "--event", "7"]).fails(2);
    assert!(sentence.contains("--event"), "{sentence}");

    let token = installation.token("ledger:read", Some("1"));
    let request = server.get("/api/v1/events/1/quarantine").bearer_auth(token);
    let over_http: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(over_http, at_the_cli);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_list_has_what_belongs_to_no_organisation_and_to_the_event_itself() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let public = kaisatsu_shared::key::DeviceKey::from_seed([1; 32]).public();
    let body = json!({ "code": "0000-0000-0000-0000", "public": public });
    let refused = server.post("/api/v1/device/enrol", &body).send().await.unwrap();
    assert_eq!(refused.status(), 404);
    installation.cli(&["gate", "add", "East", "--event", "9"]).fails(2);
    let said = |arguments: &[&str]| -> Vec<String> {
        let rows = installation.json(&[&["audit", "list"], arguments].concat());
        let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| format!("{} {}", text(row, "action"), text(row, "outcome"))).collect()
    };
    let all = said(&[]);
    assert!(all.contains(&"device.enrol enrolment_unknown".to_owned()), "{all:?}");
    assert!(all.contains(&"gate.add event_unknown".to_owned()), "{all:?}");
    let first = said(&["--event", "1"]);
    assert_eq!(first[0], "event.create ok", "{first:?}");
    assert_eq!(first.len(), 3, "{first:?}");
    assert_eq!(said(&["--event", "9"]), ["gate.add event_unknown"]);
}
