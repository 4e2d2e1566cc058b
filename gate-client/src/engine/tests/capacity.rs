//! How many fit, by what the ledger says and by what this gate alone knows.

use kaisatsu_shared::{
    ledger::LedgerBody,
    reason::ReasonCode,
    right::{Authority, OverrideReason},
    rules::{Capacity, Direction},
};

use super::{
    interventions::{LEAD, staffed},
    world::{Event, Gate},
};
use crate::engine::{Answer, Input, LinkState};

fn for_persons(mut event: Event, persons: u32) -> Event {
    let capacity = serde_json::json!({"persons": persons});
    event.capacity = serde_json::from_value::<Option<Capacity>>(capacity).unwrap();
    event
}

#[test]
fn a_cut_off_gate_counts_whom_it_let_in_itself() {
    let event = for_persons(Event::new(), 1);
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::CapacityUnknown);
    gate.handle(Input::Direction(Direction::Exit));
    gate.scan(event.text(0));
    gate.handle(Input::Direction(Direction::Entry));
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::Admitted, "who left made room");
}

#[test]
fn what_comes_back_through_the_ledger_counts_once() {
    let mut event = for_persons(Event::new(), 2);
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver(&mut event);
    gate.scan(event.text(1));
    assert_eq!(gate.claims.len(), 1, "one is inside, two fit");
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::VenueFull);
}

#[test]
fn its_own_open_grant_does_not_stand_in_its_guests_way() {
    let mut event = for_persons(Event::new(), 1);
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    // The grant is on its way through the feed, the answer got lost.
    let granted = gate.claims.pop_front().unwrap().used;
    event.append(LedgerBody::Granted(granted));
    gate.feed(&event, 3);
    gate.pass(400);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(gate.shown.last().unwrap().2, Some(Authority::Alone));
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::CapacityUnknown, "but it fills the venue for others");
}

#[test]
fn who_was_let_in_against_the_rules_takes_a_place_at_once_and_after_a_restart() {
    let event = for_persons(staffed(), 1);
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    gate.scan(event.text(0));
    gate.handle(Input::Direction(Direction::Exit));
    gate.scan(event.text(0));
    gate.handle(Input::Direction(Direction::Entry));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.handle(Input::SignIn { operator: LEAD });
    gate.handle(Input::Override { reason: OverrideReason::Courtesy });
    assert_eq!(gate.last(), ReasonCode::AdmittedByOverride);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::CapacityUnknown);
    gate.crash(&event, true);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::CapacityUnknown);
}

#[test]
fn a_group_is_asked_for_as_many_as_fit_by_what_the_gate_knows_now() {
    let mut event = for_persons(Event::new(), 3);
    event.admission.group = true;
    let mut gate = Gate::online(&event);
    let asked = |gate: &mut Gate, event: &Event| {
        gate.scan(event.text(2));
        assert_eq!(gate.last(), ReasonCode::AskPersons);
        gate.shown.last().unwrap().1.facts.left
    };
    assert_eq!(asked(&mut gate, &event), Some(2), "the ticket is for two");
    for (serial, left) in [(0, 2), (1, 1)] {
        event.used_elsewhere(serial, u64::from(serial) + 1);
        gate.feed(&event, 3 + serial as usize);
        assert_eq!(asked(&mut gate, &event), Some(left));
    }
    gate.answer(Answer::Number(2));
    assert_eq!(gate.last(), ReasonCode::VenueFull, "one more than fits");
    assert_eq!(asked(&mut gate, &event), Some(1));
    gate.answer(Answer::Number(1));
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::VenueFull, "nobody is asked about where nobody fits");
}
