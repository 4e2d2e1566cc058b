//! Rights of which one device alone decides: this one, or another lane's.

use kaisatsu_shared::{
    bundle::Policy,
    id::{DeviceId, GateId, Generation, LeaseId, Serial},
    journal::JournalBody,
    lease::{Recipient, Serials},
    ledger::{IssuedTicket, LedgerBody, ReissueReason},
    reason::ReasonCode,
    right::Authority,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::world::{ELSEWHERE, Event, Gate, HERE};
use crate::engine::{Answer, Done, Input, LinkState, RECALL_BUDGET};

fn lease(event: &mut Event, device: DeviceId, first: u32, last: u32) -> LeaseId {
    let lease = event.state.leases().next();
    let serials = Serials::new(Serial(first), Serial(last)).unwrap();
    let gate = GateId(if device == HERE { 1 } else { 2 });
    event.append(LedgerBody::Leased { lease, device, gate, serials });
    lease
}

fn recall(event: &mut Event, lease: LeaseId, serial: u32) {
    event.append(LedgerBody::Recalled { lease, serials: Serials::one(Serial(serial)) });
}

pub(super) fn cut_off(event: &Event) -> Gate {
    Gate::with_policy(event, Policy::Strict)
}

pub(super) fn online(event: &Event) -> Gate {
    let mut gate = cut_off(event);
    gate.handle(Input::Link(LinkState::Online));
    gate
}

pub(super) fn follow(gate: &mut Gate, event: &Event) {
    gate.feed(event, gate.engine.state().cursor().sequence as usize);
}

/// The serials that the journal transferred.
fn transferred(gate: &Gate) -> Vec<(u32, u32)> {
    let bodies = gate.bodies().into_iter();
    let transfers = bodies.filter_map(|body| match body {
        JournalBody::Transferred { serials, to: Recipient::Server, .. } => {
            Some((serials.first().0, serials.last().0))
        }
        _ => None,
    });
    transfers.collect()
}

pub(super) fn authorities(gate: &Gate) -> Vec<Authority> {
    let bodies = gate.bodies().into_iter();
    let uses = bodies.filter_map(|body| match body {
        JournalBody::Redeemed { authority, .. } => Some(authority),
        _ => None,
    });
    uses.collect()
}

#[test]
fn a_holder_decides_without_asking_also_while_the_server_is_in_reach() {
    let mut event = Event::new();
    lease(&mut event, HERE, 0, 1);
    for mut gate in [cut_off(&event), online(&event)] {
        assert_eq!(gate.engine.status().leased, 2);
        gate.scan(event.text(0));
        assert!(gate.claims.is_empty());
        assert_eq!(gate.last(), ReasonCode::Admitted);
        assert_eq!(authorities(&gate), [Authority::Lease]);
        gate.scan(event.text(0));
        assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    }
}

#[test]
fn cut_off_nobody_else_decides() {
    let mut event = Event::new();
    lease(&mut event, ELSEWHERE, 1, 1);
    let mut gate = cut_off(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::LaneSilent);
    assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(GateId(2)));
    assert_eq!(authorities(&gate), []);
}

#[test]
fn a_lease_that_was_not_heard_of_yet_is_none() {
    let mut event = Event::new();
    let mut gate = cut_off(&event);
    lease(&mut event, HERE, 0, 2);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    follow(&mut gate, &event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn what_is_recalled_is_transferred_in_the_journal_and_never_decided_here_again() {
    let mut event = Event::new();
    let id = lease(&mut event, HERE, 0, 2);
    let mut gate = cut_off(&event);
    recall(&mut event, id, 1);
    follow(&mut gate, &event);
    assert_eq!(transferred(&gate), [(1, 1)]);
    assert_eq!(gate.engine.status().leased, 2);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    // Not after a restart either, and what was transferred isn't transferred again.
    gate.crash(&event, true);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(transferred(&gate), [(1, 1)]);
    // Another lease gives it back.
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    lease(&mut event, HERE, 1, 1);
    follow(&mut gate, &event);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn a_gate_that_died_before_it_transferred_does_it_at_the_start() {
    let mut event = Event::new();
    let id = lease(&mut event, HERE, 0, 2);
    let mut gate = cut_off(&event);
    recall(&mut event, id, 0);
    gate.slow = true;
    follow(&mut gate, &event);
    // The ledger's entries reach the disk with the first store, the transfer with it or after it.
    gate.crash(&event, true);
    gate.slow = false;
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    assert_eq!(transferred(&gate), [(0, 0)]);
}

#[test]
fn a_use_under_way_stands_before_the_transfer() {
    let mut event = Event::new();
    let id = lease(&mut event, HERE, 0, 2);
    let mut gate = cut_off(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    recall(&mut event, id, 0);
    follow(&mut gate, &event);
    gate.scan(event.text(0));
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    let kinds: Vec<_> = gate.bodies().iter().map(JournalBody::name).collect();
    assert_eq!(kinds[..2], ["redeemed", "transferred"], "{kinds:?}");
    assert_eq!(authorities(&gate).len(), 1);
}

#[test]
fn a_right_of_another_lane_is_waited_for_and_claimed_again_under_the_same_key() {
    let mut event = Event::new();
    let id = lease(&mut event, ELSEWHERE, 0, 2);
    let mut gate = online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.answer_claim(&mut event);
    assert_eq!((gate.waits.as_slice(), gate.shown.len()), (&[ReasonCode::Recalling][..], 0));
    follow(&mut gate, &event);
    assert!(gate.claims.is_empty(), "the other lane hasn't answered");
    event.append(LedgerBody::Transferred {
        lease: id,
        serials: Serials::one(Serial(0)),
        number: 1,
    });
    follow(&mut gate, &event);
    assert_eq!(gate.claims[0].used.claim, key);
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(authorities(&gate), [Authority::Server]);
}

#[test]
fn nobody_waits_for_another_lane_for_long() {
    let mut event = Event::new();
    lease(&mut event, ELSEWHERE, 0, 2);
    let mut gate = online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.answer_claim(&mut event);
    assert_eq!(gate.engine.next_tick(), Some(RECALL_BUDGET));
    gate.pass(RECALL_BUDGET - 1);
    assert!(gate.shown.is_empty());
    gate.pass(1);
    assert_eq!(gate.last(), ReasonCode::OtherLane);
    assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(GateId(2)));
    assert!(
        gate.bodies()
            .iter()
            .any(|body| matches!(body, JournalBody::Abandoned { claim, .. } if *claim == key))
    );
    assert!(gate.disk.intents.is_empty());
}

#[test]
fn a_lane_that_closes_hands_everything_back_once() {
    let mut event = Event::new();
    let id = lease(&mut event, HERE, 0, 2);
    let mut gate = online(&event);
    recall(&mut event, id, 1);
    follow(&mut gate, &event);
    gate.handle(Input::ReturnLeases);
    assert_eq!(transferred(&gate), [(1, 1), (0, 0), (2, 2)]);
    gate.handle(Input::ReturnLeases);
    assert_eq!(transferred(&gate).len(), 3);
    assert!(gate.done.ends_with(&[Done::LeasesReturned]));
    gate.deliver_all(&mut event);
    assert_eq!(event.state.leases().held().count(), 0);
}

#[test]
fn only_the_interrupted_gate_is_told_that_a_strict_guest_was_not_let_in() {
    let mut event = Event::new();
    let used = event.used_elsewhere(0, 1);
    event.append(LedgerBody::Interrupted { serial: Serial(0), device: ELSEWHERE, number: 1 });
    let mut gate = online(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::OtherLane);
    assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(used.gate));
    assert!(gate.lit.is_empty());
}

#[test]
fn a_ticket_that_is_reissued_while_its_lane_is_asked_leaves_no_claim_behind() {
    let mut event = Event::new();
    let id = lease(&mut event, ELSEWHERE, 0, 0);
    let mut gate = online(&event);
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    let (refusal, facts) = (ClaimRefusal::Recalling, Facts::EMPTY);
    gate.handle(Input::Claimed { key, answer: ClaimAnswer::Refused { refusal, facts } });
    let (serials, serial) = (Serials::one(Serial(0)), Serial(0));
    event.append(LedgerBody::Transferred { lease: id, serials, number: 1 });
    let (generation, reason) = (Generation(2), ReissueReason::Other);
    let fingerprint = event.right(1).fingerprint;
    event.append(LedgerBody::Reissued(IssuedTicket { serial, generation, fingerprint, reason }));
    follow(&mut gate, &event);
    assert_eq!(gate.last(), ReasonCode::Superseded);
    assert!(gate.bodies().contains(&JournalBody::Abandoned { claim: key, right: event.right(0) }));
    assert!(gate.disk.intents.is_empty());
}
