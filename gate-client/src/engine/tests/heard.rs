//! What cut-off gates know of each other through the hub: uses that the ledger doesn't have.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, OperatorId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::Serials,
    ledger::{AskedAt, LedgerBody},
    reason::ReasonCode,
    right::{Authority, UseKind},
    rules::Facts,
    sync::{Claim, ClaimAnswer, ClaimRefusal},
};

use super::{
    gate::gate_of,
    world::{Event, Gate, HERE},
};
use crate::engine::{Answer, Input, LinkState};

const THERE: DeviceId = DeviceId(2);

/// Another gate's entry about an admission on a ticket.
fn used(event: &Event, serial: u32, number: u64, key: u8) -> JournalEntry {
    let (right, kind, claim) = (event.right(serial), UseKind::Entry, ClaimKey([key; 16]));
    let authority = Authority::Hub;
    let body = JournalBody::Redeemed { right, kind, count: 1, claim, authority, by_hand: false };
    JournalEntry { device: THERE, gate: gate_of(THERE), number, ..event.entry(body) }
}

fn hear(gate: &mut Gate, entries: Vec<JournalEntry>) {
    gate.handle(Input::Heard { entries });
}

#[test]
fn what_another_gate_told_is_used_there() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    hear(&mut gate, vec![used(&event, 0, 1, 1), used(&event, 2, 2, 2)]);
    gate.scan(event.text(0));
    let (_, verdict, _) = gate.shown.last().unwrap();
    assert_eq!(verdict.code, ReasonCode::AlreadyUsed);
    assert_eq!(verdict.facts.last_use.unwrap().gate, gate_of(THERE));
    for code in [ReasonCode::Admitted, ReasonCode::AlreadyUsed] {
        gate.scan(event.text(2));
        assert_eq!(gate.last(), code, "it admits twice");
    }
}

#[test]
fn it_counts_once_however_often_it_is_told_and_once_the_ledger_has_it() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    let entry = used(&event, 2, 7, 1);
    hear(&mut gate, vec![entry, entry]);
    let (used, number) = (entry.redeemed().unwrap(), 7);
    event.append(LedgerBody::Redeemed { used, number, by_hand: false });
    gate.feed(&event, gate.engine.state().cursor().sequence as usize);
    hear(&mut gate, vec![entry]);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn own_entries_and_those_of_another_event_say_nothing() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    let mut foreign = used(&event, 0, 1, 1);
    if let JournalBody::Redeemed { right, .. } = &mut foreign.body {
        right.event.0 += 1;
    }
    let own = JournalEntry { device: HERE, ..used(&event, 0, 1, 2) };
    hear(&mut gate, vec![foreign, own]);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn the_hub_hears_that_what_it_granted_was_used() {
    let mut event = Event::new();
    let lease = event.state.leases().next();
    let (serials, gate) = (Serials::new(Serial(0), Serial(2)).unwrap(), gate_of(HERE));
    event.append(LedgerBody::Leased { lease, device: HERE, gate, serials });
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    let ask = |hub: &mut Gate, device: DeviceId, key: u8| {
        let mut used = event.used(2);
        used.claim = ClaimKey([key; 16]);
        let claim = Claim { used, abandons: Vec::new(), by_hand: None };
        hub.handle(Input::HubClaim { device, gate: gate_of(device), claim });
        hub.hub_answers.pop_front().unwrap().2.unwrap()
    };
    assert!(matches!(ask(&mut hub, THERE, 1), ClaimAnswer::Granted { .. }));
    hear(&mut hub, vec![used(&event, 2, 1, 1)]);
    // One of two is used, not a used one and one that is being admitted.
    assert!(matches!(ask(&mut hub, DeviceId(3), 2), ClaimAnswer::Granted { .. }));
    hear(&mut hub, vec![JournalEntry { device: DeviceId(3), ..used(&event, 2, 1, 2) }]);
    let refused = ask(&mut hub, DeviceId(3), 3);
    let ClaimAnswer::Refused { refusal, facts: Facts { last_use, .. } } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((refusal, last_use.unwrap().device), (ClaimRefusal::AlreadyUsed, DeviceId(3)));
}

#[test]
fn what_is_heard_frees_nothing() {
    let mut event = Event::new();
    let lease = event.state.leases().next();
    let (serials, gate) = (Serials::new(Serial(0), Serial(2)).unwrap(), gate_of(HERE));
    event.append(LedgerBody::Leased { lease, device: HERE, gate, serials });
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    let mut used_here = event.used(0);
    used_here.claim = ClaimKey([1; 16]);
    let claim = Claim { used: used_here, abandons: Vec::new(), by_hand: None };
    hub.handle(Input::HubClaim { device: THERE, gate: gate_of(THERE), claim });
    // The key of that grant, on another ticket and by another device; and an exit.
    let elsewhere = JournalEntry { device: DeviceId(3), ..used(&event, 0, 1, 1) };
    let other_ticket = used(&event, 1, 1, 1);
    let mut exit = used(&event, 0, 2, 2);
    if let JournalBody::Redeemed { kind, .. } = &mut exit.body {
        *kind = UseKind::Exit;
    }
    hear(&mut hub, vec![other_ticket, exit]);
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::BeingAdmitted);
    hear(&mut hub, vec![elsewhere]);
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn a_gate_with_a_hub_tells_what_the_server_has_not_until_it_is_kept() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    assert!(gate.offers.is_empty(), "no hub");
    gate.handle(Input::HubLink { up: true });
    let all = gate.entries().len();
    assert_eq!(gate.offers.pop_front().map(|entries| entries.len()), Some(all));
    // No answer: not at once again.
    gate.handle(Input::HubKept { number: None });
    assert!(gate.offers.is_empty());
    gate.pass(1_000);
    assert_eq!(gate.offers.pop_front().map(|entries| entries.len()), Some(all));
    gate.handle(Input::HubKept { number: Some(all as u64) });
    assert!(gate.offers.is_empty());
    // What comes after is told at once; a hub that started anew is told everything.
    gate.scan(event.text(0));
    assert_eq!(gate.offers.pop_front().map(|entries| entries.len()), Some(1));
    gate.handle(Input::HubLink { up: false });
    gate.handle(Input::HubLink { up: true });
    assert_eq!(gate.offers.pop_front().map(|entries| entries.len()), Some(all + 1));
    // While the server is in reach it hears of it from there.
    gate.handle(Input::HubKept { number: None });
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    gate.pass(5_000);
    assert!(gate.offers.is_empty());
}

/// A gate that heard of another one's admission, and what then came of it.
fn heard_of(event: &Event, policy: Policy, bodies: &[JournalBody]) -> Gate {
    let mut gate = Gate::with_policy(event, policy);
    let after = (2..).zip(bodies).map(|(number, body)| JournalEntry {
        device: THERE,
        gate: gate_of(THERE),
        number,
        ..event.entry(*body)
    });
    let entries = core::iter::once(used(event, 0, 1, 1)).chain(after).collect();
    hear(&mut gate, entries);
    gate
}

#[test]
fn an_admission_that_was_interrupted_elsewhere_is_asked_about_not_refused() {
    let event = Event::new();
    let right = event.right(0);
    let interrupted = JournalBody::Interrupted { number: 1, right };
    let mut gate = heard_of(&event, Policy::Available, &[interrupted]);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::AdmittedAfterInterruption);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed, "asked once");
    // Only the gate where it was may let the guest of a strict right in.
    let mut gate = heard_of(&event, Policy::Strict, &[interrupted]);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::OtherLane);
    // Staff there have answered: they aren't asked here, whatever comes first.
    for let_in in [false, true] {
        let answered = JournalBody::Answered { device: THERE, number: 1, right, let_in };
        for bodies in [[interrupted, answered], [answered, interrupted]] {
            let mut gate = heard_of(&event, Policy::Available, &bodies);
            gate.scan(event.text(0));
            assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
        }
    }
}

#[test]
fn an_interruption_that_was_heard_of_ends_with_the_answer_in_the_ledger() {
    let mut event = Event::new();
    let right = event.right(0);
    let interrupted = JournalBody::Interrupted { number: 1, right };
    let mut gate = heard_of(&event, Policy::Available, &[interrupted]);
    let used = used(&event, 0, 1, 1).redeemed().unwrap();
    event.append(LedgerBody::Redeemed { used, number: 1, by_hand: false });
    event.append(LedgerBody::Interrupted { serial: Serial(0), device: THERE, number: 1 });
    let by = AskedAt { device: THERE, gate: gate_of(THERE), operator: OperatorId(0), at: used.at };
    let (serial, device, let_in) = (Serial(0), THERE, true);
    event.append(LedgerBody::Answered { serial, device, number: 1, let_in, by });
    gate.feed(&event, gate.engine.state().cursor().sequence as usize);
    hear(&mut gate, vec![JournalEntry { device: THERE, number: 2, ..event.entry(interrupted) }]);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn what_staff_elsewhere_answered_for_an_own_interruption_is_not_asked_again() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(&event, true);
    gate.slow = false;
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    let number = 1;
    let right = event.right(0);
    let answered = JournalBody::Answered { device: HERE, number, right, let_in: false };
    hear(&mut gate, vec![JournalEntry { device: THERE, number: 1, ..event.entry(answered) }]);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}
