//! What happened, told afterwards: tickets, conflicts, ledger, journals, audit.

use kaisatsu_shared::{
    id::{Epoch, EventId},
    ledger::EventState,
    right::Authority,
    sync::EntryFate,
};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

/// Two gates that decided alone let the same ticket in.
async fn doubled() -> (Installation, crate::common::Server) {
    let installation = Installation::with_event();
    let text = installation.issue(2).remove(0);
    let server = installation.serve();
    let mut north = Gate::enrol(&installation, &server, 1).await;
    let mut south = Gate::enrol(&installation, &server, 2).await;
    let right = right_of(north.installation, &text);
    let mut used = north.used(right, 1);
    used.authority = Authority::Alone;
    assert_eq!(north.redeem(used).await.entries[0].fate, EntryFate::Accepted);
    let mut used = south.used(right, 2);
    used.authority = Authority::Alone;
    let answer = south.redeem(used).await;
    assert!(matches!(&answer.entries[0].fate, EntryFate::Conflict { with } if with.len() == 1));
    (installation, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_both_sides_everywhere() {
    let (installation, server) = doubled().await;
    let token = installation.token("ledger:read", Some("1"));
    let request = server.get("/api/v1/events/1/conflicts").bearer_auth(&token);
    let over_http: Value = request.send().await.unwrap().json().await.unwrap();
    let at_the_cli = installation.json(&["conflict", "list", "--event", "1"]);
    assert_eq!(over_http, at_the_cli);
    let uses = over_http[0]["uses"].as_array().unwrap();
    let gates: Vec<_> = uses.iter().map(|used| used["gate"].clone()).collect();
    assert_eq!((gates, &over_http[0]["serial"]), (vec![json!(1), json!(2)], &json!(0)));
    let text = installation.cli(&["conflict", "list", "--event", "1", "--lang", "ja"]).ok();
    assert!(text.contains('北') && text.contains('南') && text.contains("alone"), "{text}");
    let ticket = installation.json(&["ticket", "show", "0", "--event", "1"]);
    assert_eq!(ticket["status"], "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exported_ledger_proves_itself() {
    let (installation, server) = doubled().await;
    let exported = installation.cli(&["ledger", "export", "--event", "1"]).ok();
    let lines: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["issued", "redeemed", "redeemed", "conflict_found"]);
    let gate = Gate::enrol(&installation, &server, 1).await;
    let mut state = EventState::new(gate.installation, EventId(1), Epoch(1));
    for line in &lines {
        state.apply(&hex::decode(line["bytes"].as_str().unwrap()).unwrap()).unwrap();
        assert_eq!(line["hash"], hex::encode(state.cursor().hash));
    }
    assert_eq!(state.conflicts().count(), 1);

    let token = installation.token("ledger:read", Some("1"));
    let get = async |path: &str| {
        let request = server.get(path).bearer_auth(&token);
        request.send().await.unwrap().bytes().await.unwrap()
    };
    assert_eq!(get("/api/v1/events/1/ledger").await, exported.as_bytes());
    let mut binary = Vec::new();
    for line in &lines {
        let bytes = hex::decode(line["bytes"].as_str().unwrap()).unwrap();
        binary.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        binary.extend(bytes);
    }
    assert_eq!(get("/api/v1/events/1/ledger?format=binary").await, binary);
    let rest = get("/api/v1/events/1/ledger?after=3").await;
    assert_eq!(rest.iter().filter(|byte| **byte == b'\n').count(), 1);

    let report = installation.json(&["ledger", "verify", "--event", "1"]);
    assert_eq!((&report["entries"], &report["conflicts"]), (&json!(4), &json!(1)));
    let journal = installation.cli(&["journal", "export", "--device", "1"]).ok();
    let entry: Value = serde_json::from_str(journal.trim()).unwrap();
    assert_eq!((&entry["kind"], &entry["authority"]), (&json!("redeemed"), &json!("alone")));
}

#[test]
fn tickets_are_voided_reissued_and_audited() {
    let installation = Installation::with_event();
    let before = installation.issue(2).remove(0);
    let out = installation.path("again");
    let reissue = ["ticket", "reissue", "0", "--event", "1", "--out", out.to_str().unwrap()];
    assert_eq!(installation.json(&reissue)["generation"], 2);
    assert_ne!(installation.text_of(0), before);
    assert!(out.join("ticket-1-0000000.png").exists());
    let void = ["ticket", "void", "1", "--event", "1", "--reason", "refunded"];
    assert_eq!(installation.json(&void), json!({ "reason": "refunded", "repeated": false }));
    assert_eq!(installation.json(&void)["repeated"], true);
    let shown = installation.json(&["ticket", "show", "1", "--event", "1"]);
    assert_eq!((&shown["status"], &shown["voided"]), (&json!("voided"), &json!("refunded")));
    let sentence = installation.cli(&["ticket", "display", "1", "--event", "1"]).fails(2);
    assert!(sentence.contains("voided"), "{sentence}");
    installation.cli(&["event", "rotate-key", "--event", "1"]).ok();
    let keys = installation.json(&["event", "list"])[0]["event"]["keys"].clone();
    let current: Vec<_> =
        keys.as_array().unwrap().iter().map(|key| key["current"].clone()).collect();
    assert_eq!(current, [false, true]);
    let audit = installation.json(&["audit", "list"]);
    let rows = audit.as_array().unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row["sequence"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let actions: Vec<_> = rows.iter().map(|row| row["action"].as_str().unwrap()).collect();
    for action in ["event.create", "ticket.issue", "ticket.reissue", "ticket.void"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    assert!(rows.iter().all(|row| row["actor"]["kind"] == "cli"), "{audit}");
}
