use kaisatsu_shared::{
    id::{EventId, OperatorId},
    journal::JournalBody,
    operator::Role,
    reason::ReasonCode,
    right::{Authority, RightRef, UseKind},
    rules::Answers,
    sync::{Claim, ClaimAnswer, ClaimRefusal, EntryFate},
};
use serde_json::json;

use super::harness::{Backend, GateDevice, Harness, cli, everywhere, key, refusal};
use crate::store::types::*;

const STAFF: OperatorId = OperatorId(1);
const LEAD: OperatorId = OperatorId(2);
const HOLDER: Answers = Answers { holder: Some(true), ..Answers::NONE };

async fn set<B: Backend>(h: &Harness<B>, event: EventId, rules: serde_json::Value) {
    h.store.set_rules(cli(), event, serde_json::from_value(rules).unwrap()).await.unwrap();
}

fn by_hand(gate: &GateDevice, right: RightRef, number: u8, operator: OperatorId) -> Claim {
    let mut claim = gate.claim(right, number, &[]);
    claim.used.operator = operator;
    claim.by_hand = Some(HOLDER);
    claim
}

async fn ask<B: Backend>(h: &Harness<B>, gate: &GateDevice, claim: &Claim) -> ClaimAnswer {
    h.store.claim(gate.actor(), gate.device, claim.clone(), everywhere()).await.unwrap()
}

pub(crate) async fn guests_are_let_in_by_hand_as_the_rules_say<B: Backend>(h: &Harness<B>) {
    use ReasonCode::{
        AlreadyUsed, ByHandOff, ByHandRole, CheckIdentity, ConfirmHolder, Expired, WrongGate,
    };
    let event = h.event().await;
    for role in [Role::Staff, Role::Lead] {
        let request = AddOperator { event, label: "North".to_owned(), role, pin: None };
        h.store.add_operator(cli(), request).await.unwrap();
    }
    let mut gate = h.device(event, 1).await;
    let first = h.issue(event, 1, 4).await;
    let right = h.right(event, first).await;
    let because = |code| Some(ClaimRefusal::ByHand(code));
    assert_eq!(refusal(ask(h, &gate, &by_hand(&gate, right, 1, LEAD)).await), because(ByHandOff));
    let search = json!({ "by": "code", "admit": "leads" });
    set(h, event, json!({ "search": search })).await;
    for operator in [OperatorId(0), STAFF, OperatorId(9)] {
        let claim = by_hand(&gate, right, 2, operator);
        assert_eq!(refusal(ask(h, &gate, &claim).await), because(ByHandRole));
    }
    let mut unasked = by_hand(&gate, right, 3, LEAD);
    unasked.by_hand = Some(Answers::NONE);
    assert_eq!(refusal(ask(h, &gate, &unasked).await), because(ConfirmHolder));
    // What the gate can't know without the ticket: its gates, its type's questions.
    let only_south = json!([{ "id": 1, "gates": [2] }]);
    set(h, event, json!({ "search": search, "types": only_south })).await;
    assert_eq!(refusal(ask(h, &gate, &by_hand(&gate, right, 4, LEAD)).await), because(WrongGate));
    let asked = json!([{ "id": 1, "admission": { "check": { "name": true } } }]);
    set(h, event, json!({ "search": search, "types": asked })).await;
    let claim = by_hand(&gate, right, 5, LEAD);
    assert_eq!(refusal(ask(h, &gate, &claim).await), because(CheckIdentity));
    // A group is asked for as many as fit, though more are left on its ticket.
    let group = json!([{ "id": 1 }, { "id": 3, "admission": { "group": true } }]);
    let hall = json!({ "search": search, "types": group, "capacity": { "persons": 2 } });
    set(h, event, hall).await;
    let three = h.right(event, h.issue(event, 3, 1).await).await;
    let asked = ask(h, &gate, &by_hand(&gate, three, 10, LEAD)).await;
    let ClaimAnswer::Refused { refusal: why, facts } = asked else { panic!("{asked:?}") };
    assert_eq!((Some(why), facts.left), (because(ReasonCode::AskPersons), Some(2)));
    let plain = json!({ "search": search, "types": [{ "id": 1 }, { "id": 3 }] });
    set(h, event, plain).await;
    // Impossible claims are no claims.
    let mut two = by_hand(&gate, right, 6, LEAD);
    two.used.count = 2;
    let mut leaves = by_hand(&gate, right, 6, LEAD);
    leaves.used.kind = UseKind::Exit;
    for claim in [two, leaves] {
        let refused =
            h.store.claim(gate.actor(), gate.device, claim, everywhere()).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
    }
    // At a device that only scans nobody is let in by hand, whoever has signed in.
    h.store.set_device_role(cli(), gate.device, DeviceRole::Scanner).await.unwrap();
    let claim = by_hand(&gate, right, 6, LEAD);
    let refused = h.store.claim(gate.actor(), gate.device, claim, everywhere()).await;
    assert_eq!(refused.unwrap_err().code(), "device_role");
    h.store.set_device_role(cli(), gate.device, DeviceRole::Staffed).await.unwrap();
    // Once, and the same answer to the same question.
    let claim = by_hand(&gate, right, 7, LEAD);
    let granted = ask(h, &gate, &claim).await;
    assert!(matches!(granted, ClaimAnswer::Granted { .. }), "{granted:?}");
    assert_eq!(ask(h, &gate, &claim).await, granted);
    let body = JournalBody::Redeemed {
        right,
        kind: UseKind::Entry,
        count: 1,
        claim: key(7),
        authority: Authority::Server,
        by_hand: true,
    };
    let batch = gate.write_as(LEAD, &[body]);
    let answer = h.store.upload(gate.actor(), gate.device, batch).await.unwrap();
    assert_eq!(answer.entries[0].fate, EntryFate::Accepted);
    let state = h.followed(event).await;
    let redemptions = &state.right(first).unwrap().redemptions;
    assert_eq!((redemptions.len(), redemptions[0].by_hand), (1, true));
    let history = h.store.ticket(event, first).await.unwrap().history;
    assert_eq!(history.last().unwrap().by_hand, Some(LEAD));
    assert_eq!(refusal(ask(h, &gate, &by_hand(&gate, right, 8, LEAD)).await), because(AlreadyUsed));
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    let outcomes = rows.iter().filter(|row| row.action == "ticket.claim_by_hand");
    let outcomes: Vec<_> = outcomes.map(|row| row.outcome.as_str()).take(3).collect();
    assert_eq!(outcomes, ["already_used", "granted", "granted"]);
    // The ticket's own end holds.
    let other = h.right(event, kaisatsu_shared::id::Serial(first.0 + 1)).await;
    h.pass(86_400_000);
    assert_eq!(refusal(ask(h, &gate, &by_hand(&gate, other, 9, LEAD)).await), because(Expired));
}
