//! What staff do against the rules' answer, and who may.

use kaisatsu_shared::{
    id::OperatorId,
    journal::JournalBody,
    ledger::{AskedAt, LedgerBody},
    operator::{Operator, PinVerifier, Role},
    reason::ReasonCode,
    right::OverrideReason,
    time::UnixMillis,
};

use super::world::{ELSEWHERE, Event, Gate, HERE, time};
use crate::engine::{Declined, Done, Input, LinkState};

pub(super) const STAFF: OperatorId = OperatorId(1);
pub(super) const LEAD: OperatorId = OperatorId(2);
const OVERRIDE: Input = Input::Override { reason: OverrideReason::Courtesy };

/// An event with operators.
pub(super) fn staffed() -> Event {
    let mut event = Event::new();
    // The engine leaves PINs to its caller, so this one fits nothing.
    let pin: PinVerifier = serde_json::from_value("-".into()).unwrap();
    let operator = |id, role| Operator { id, label: String::new(), role, pin: pin.clone() };
    event.operators = vec![operator(STAFF, Role::Staff), operator(LEAD, Role::Lead)];
    event
}

fn sign_in(gate: &mut Gate, operator: OperatorId) {
    gate.handle(Input::SignIn { operator });
}

#[test]
fn a_lead_lets_a_guest_in_and_it_is_no_use_of_the_right() {
    let mut event = staffed();
    let mut gate = Gate::new(&event);
    event.used_elsewhere(0, 1);
    gate.feed(&event, 3);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    for operator in [None, Some(STAFF)] {
        operator.into_iter().for_each(|operator| sign_in(&mut gate, operator));
        gate.handle(OVERRIDE);
        assert_eq!(gate.declined.pop(), Some(Declined::NeedsLead));
    }
    // The verdict still stands on the screen while the lead signs in.
    sign_in(&mut gate, LEAD);
    gate.handle(OVERRIDE);
    assert_eq!(gate.last(), ReasonCode::AdmittedByOverride);
    let overridden = JournalBody::Overridden {
        right: event.right(0),
        count: 1,
        code: ReasonCode::AlreadyUsed,
        reason: OverrideReason::Courtesy,
    };
    assert_eq!(gate.bodies().iter().filter(|body| **body == overridden).count(), 1);
    // Once: the next guest isn't let in by the same word.
    gate.handle(OVERRIDE);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToOverrule));
    let entry = gate.entries().into_iter().find(|entry| entry.body == overridden).unwrap();
    assert_eq!(entry.operator, LEAD);
}

#[test]
fn a_lead_lets_a_guest_in_whose_ticket_this_gate_has_not_heard_of() {
    let event = staffed();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(3));
    assert_eq!(gate.last(), ReasonCode::NotInRoster);
    sign_in(&mut gate, LEAD);
    gate.handle(OVERRIDE);
    assert_eq!(gate.last(), ReasonCode::AdmittedByOverride);
    let (right, count) = (event.right(3), 1);
    let (code, reason) = (ReasonCode::NotInRoster, OverrideReason::Courtesy);
    assert!(gate.bodies().contains(&JournalBody::Overridden { right, count, code, reason }));
}

#[test]
fn what_is_not_a_ticket_or_stands_at_a_refused_gate_cannot_be_overruled() {
    let event = staffed();
    let mut gate = Gate::new(&event);
    sign_in(&mut gate, LEAD);
    gate.handle(OVERRIDE);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToOverrule));
    gate.scan("not a ticket".into());
    gate.handle(OVERRIDE);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToOverrule));
    gate.handle(Input::Link(LinkState::Refused));
    gate.scan(event.text(0));
    gate.handle(OVERRIDE);
    assert_eq!(gate.declined.pop(), Some(Declined::GateRefused));
    assert!(gate.lit.is_empty());
}

#[test]
fn no_override_shines_before_it_is_durable() {
    let mut event = staffed();
    event.used_elsewhere(0, 1);
    let mut gate = Gate::new(&event);
    gate.feed(&event, 3);
    sign_in(&mut gate, LEAD);
    gate.scan(event.text(0));
    gate.full = true;
    gate.handle(OVERRIDE);
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    gate.slow = true;
    gate.scan(event.text(0));
    gate.finish_store();
    gate.handle(OVERRIDE);
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    assert_eq!(gate.last(), ReasonCode::AdmittedByOverride);
}

fn annulled(gate: &Gate) -> Vec<JournalBody> {
    let is = |body: &JournalBody| matches!(body, JournalBody::Annulled { .. });
    gate.bodies().into_iter().filter(is).collect()
}

#[test]
fn staff_take_back_their_own_last_scan_within_its_time() {
    let mut event = staffed();
    let mut gate = Gate::new(&event);
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToAnnul));
    gate.scan(event.text(0));
    gate.handle(Input::Annul);
    assert_eq!(gate.done, [Done::Annulled]);
    assert_eq!(
        annulled(&gate),
        [JournalBody::Annulled { device: HERE, number: 1, right: event.right(0) }]
    );
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToAnnul));
    // It counts until the server has recorded it.
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::AlreadyAnnulled));
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    gate.feed(&event, 3);
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    // Two minutes are over.
    gate.pass(120_001);
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::NeedsLead));
    sign_in(&mut gate, LEAD);
    gate.handle(Input::Annul);
    assert_eq!(annulled(&gate).len(), 2);
}

#[test]
fn another_guests_or_gates_scan_needs_a_lead() {
    let mut event = staffed();
    event.used_elsewhere(1, 5);
    let mut gate = Gate::new(&event);
    gate.feed(&event, 3);
    // Somebody else has taken over.
    gate.scan(event.text(0));
    sign_in(&mut gate, STAFF);
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::NeedsLead));
    gate.scan(event.text(1));
    gate.handle(Input::Annul);
    assert_eq!(gate.declined.pop(), Some(Declined::NeedsLead));
    sign_in(&mut gate, LEAD);
    gate.handle(Input::Annul);
    assert_eq!(
        annulled(&gate),
        [JournalBody::Annulled { device: ELSEWHERE, number: 5, right: event.right(1) }]
    );
}

#[test]
fn entries_are_theirs_who_stood_there() {
    let event = staffed();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan("one".into());
    gate.scan("two".into());
    sign_in(&mut gate, STAFF);
    gate.scan("three".into());
    gate.handle(Input::PinRefused { operator: LEAD });
    sign_in(&mut gate, LEAD);
    gate.handle(Input::TimeSet { at: UnixMillis(7) });
    gate.handle(Input::SignOut);
    gate.handle(Input::TimeSet { at: UnixMillis(8) });
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    let entries = gate.entries();
    let told: Vec<_> = entries.iter().map(|entry| (entry.operator.0, entry.body.name())).collect();
    assert_eq!(
        told,
        [
            (0, "refused"),
            (0, "refused"),
            (1, "signed_in"),
            (1, "refused"),
            (1, "pin_refused"),
            (1, "signed_out"),
            (2, "signed_in"),
            (2, "time_set"),
            (2, "signed_out"),
        ]
    );
    assert_eq!(gate.declined, [Declined::NeedsLead]);
    assert_eq!(gate.engine.status().operator, OperatorId(0));
}

#[test]
fn a_use_taken_back_elsewhere_frees_the_right_once_the_ledger_says_so() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    event.used_elsewhere(0, 5);
    gate.feed(&event, 3);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    let by = AskedAt {
        device: ELSEWHERE,
        gate: kaisatsu_shared::id::GateId(2),
        operator: STAFF,
        at: time(0),
    };
    let serial = kaisatsu_shared::id::Serial(0);
    event.append(LedgerBody::Annulled { serial, device: ELSEWHERE, number: 5, by });
    gate.feed(&event, 4);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}
