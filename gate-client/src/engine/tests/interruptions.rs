//! Restarts: what a gate that stopped can't know, it says and asks.

use kaisatsu_shared::{
    bundle::Policy,
    id::{GateId, OperatorId, Serial},
    journal::JournalBody,
    ledger::{AskedAt, LedgerBody, VoidReason},
    reason::ReasonCode,
};

use super::world::{ELSEWHERE, Event, Gate, HERE, time};
use crate::engine::{Answer, Input, LinkState};

/// A gate that recorded an admission of ticket 0 and died before its light was marked as shown.
fn interrupted(event: &Event) -> Gate {
    let mut gate = Gate::new(event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(event, true);
    gate.slow = false;
    gate.finish_store();
    assert!(gate.shown.is_empty());
    gate
}

#[test]
fn an_intent_without_outcome_is_abandoned_at_the_start() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let claim = gate.claims.pop_front().unwrap();
    event.answer(&claim);
    gate.crash(&event, false);
    let key = claim.used.claim;
    assert!(matches!(gate.bodies()[0], JournalBody::Abandoned { claim, .. } if claim == key));
    assert!(gate.disk.intents.is_empty());
    // The guest doesn't meet their own ghost: the new claim frees the old grant.
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    assert_eq!(gate.claims[0].abandons, [key]);
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn an_abandonment_travels_even_before_it_is_written() {
    let event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.slow = true;
    gate.crash(&event, false);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    gate.finish_store();
    gate.finish_store();
    assert_eq!(gate.claims[0].abandons, [key]);
}

#[test]
fn an_unseen_light_is_asked_about_and_not_lit() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    assert_eq!(gate.bodies()[1], JournalBody::Interrupted { number: 1, right: event.right(0) });
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    assert!(gate.shown[0].1.facts.last_use.is_some());
}

#[test]
fn an_unseen_light_is_known_before_its_record_is_written() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(2));
    gate.crash(&event, true);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
}

#[test]
fn the_guest_was_not_let_in_and_enters_now_without_a_second_use() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::AdmittedAfterInterruption);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    let redeemed =
        gate.bodies().iter().filter(|body| matches!(body, JournalBody::Redeemed { .. })).count();
    assert_eq!(redeemed, 1);
    // A second answer to the same question means nothing.
    gate.answer(Answer::No);
    assert_eq!(gate.shown.len(), 3);
}

#[test]
fn the_guest_was_let_in() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    gate.answer(Answer::Yes);
    assert_eq!(gate.shown.len(), 1);
    let (right, device) = (event.right(0), HERE);
    let answered = JournalBody::Answered { device, number: 1, right, let_in: true };
    assert_eq!(*gate.bodies().last().unwrap(), answered);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn an_answer_admits_nobody_without_the_server_where_it_is_needed() {
    let mut event = Event::new();
    let mut gate = Gate::with_policy(&event, Policy::OnlineOnly);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    gate.slow = true;
    gate.answer_claim(&mut event);
    gate.crash(&event, true);
    gate.slow = false;
    gate.finish_store();
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    // The question stands until the server is back.
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::AdmittedAfterInterruption);
}

#[test]
fn an_answer_admits_nobody_on_a_ticket_voided_since_the_question() {
    let mut event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    event.append(LedgerBody::Voided { serial: Serial(0), reason: VoidReason::Lost });
    gate.feed(&event, 3);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::Voided);
}

#[test]
fn an_answer_that_was_not_shown_is_asked_about_again() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    gate.slow = true;
    gate.answer(Answer::No);
    gate.finish_store();
    assert_eq!(gate.last(), ReasonCode::AdmittedAfterInterruption);
    gate.crash(&event, false);
    gate.slow = false;
    gate.finish_store();
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
}

#[test]
fn an_answer_that_cannot_be_recorded_lights_nothing() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    gate.full = true;
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
}

#[test]
fn answers_belong_to_the_question_shown_last() {
    let event = Event::new();
    let mut gate = interrupted(&event);
    gate.scan(event.text(0));
    gate.scan(event.text(1));
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    // Nor may it reach past a scan that couldn't be recorded.
    gate.scan(event.text(0));
    gate.full = true;
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    gate.answer(Answer::No);
    assert_eq!(gate.shown.len(), 4);
}

#[test]
fn an_interruption_answered_elsewhere_stays_answered_after_a_restart() {
    let mut event = Event::new();
    let mut gate = interrupted(&event);
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    let (serial, device) = (Serial(0), HERE);
    let by = AskedAt { device: ELSEWHERE, gate: GateId(2), operator: OperatorId(0), at: time(0) };
    event.append(LedgerBody::Answered { serial, device, number: 1, let_in: true, by });
    gate.feed(&event, 3);
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.crash(&event, false);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn an_answer_after_another_gates_answer_is_not_met_with_silence() {
    for (here, expected) in
        [(Answer::No, ReasonCode::AlreadyUsed), (Answer::Yes, ReasonCode::Interrupted)]
    {
        let mut event = Event::new();
        event.used_elsewhere(0, 1);
        let (serial, device, number) = (Serial(0), ELSEWHERE, 1);
        event.append(LedgerBody::Interrupted { serial, device, number });
        let mut gate = Gate::new(&event);
        gate.scan(event.text(0));
        assert_eq!(gate.last(), ReasonCode::Interrupted);
        let (gate_id, operator) = (GateId(2), OperatorId(0));
        let by = AskedAt { device, gate: gate_id, operator, at: time(0) };
        event.append(LedgerBody::Answered { serial, device, number, let_in: true, by });
        gate.feed(&event, 5);
        gate.answer(here);
        assert_eq!(gate.last(), expected);
        assert_eq!(gate.done.len(), usize::from(here == Answer::Yes));
        assert!(gate.lit.is_empty());
    }
}

#[test]
fn an_interruption_elsewhere_is_asked_about_here() {
    let mut event = Event::new();
    event.used_elsewhere(0, 5);
    let (serial, device) = (Serial(0), ELSEWHERE);
    event.append(LedgerBody::Interrupted { serial, device, number: 5 });
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::AdmittedAfterInterruption);
    // Also before the answer comes back through the feed, and after a restart.
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.crash(&event, false);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn nothing_is_delivered_before_what_was_interrupted_is_written() {
    for full in [false, true] {
        let mut event = Event::new();
        let mut gate = Gate::new(&event);
        gate.slow = true;
        gate.scan(event.text(0));
        gate.crash(&event, true);
        gate.handle(Input::Link(LinkState::Online));
        gate.handle(Input::HubLink { up: true });
        assert!(gate.uploads.is_empty() && gate.engine.next_tick().is_none());
        // A disk that takes nothing keeps back nothing.
        gate.full = full;
        gate.finish_store();
        let first = gate.uploads.front().unwrap();
        assert_eq!(first.len(), if full { 1 } else { 2 });
        event.issue_the_fourth(first);
        gate.deliver(&mut event);
        let asked = event.state.right(Serial(0)).unwrap().interrupted.len();
        assert_eq!(asked, usize::from(!full));
    }
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(&event, true);
    gate.handle(Input::HubLink { up: true });
    assert!(gate.offers.is_empty());
    gate.finish_store();
    assert_eq!(gate.offers.front().map(Vec::len), Some(2));
}
