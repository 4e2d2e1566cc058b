//! Room that is leased to this gate, or to others.

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId, Serial},
    journal::JournalBody,
    lease::{Recipient, Serials},
    ledger::LedgerBody,
    place::Place,
    reason::ReasonCode,
    right::Authority,
    rules::{Capacity, Direction, Facts},
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::{
    leases::{authorities, cut_off, follow, online},
    world::{ELSEWHERE, Event, Gate, HERE},
};
use crate::engine::{Done, Input, RECALL_BUDGET};

/// All three tickets are leased here; the venue holds ten.
fn event() -> Event {
    let mut event = Event::new();
    let capacity = serde_json::json!({"persons": 10});
    event.capacity = serde_json::from_value::<Option<Capacity>>(capacity).unwrap();
    let serials = Serials::new(Serial(0), Serial(2)).unwrap();
    let (lease, device, gate) = (LeaseId(1), HERE, GateId(1));
    event.append(LedgerBody::Leased { lease, device, gate, serials });
    event
}

fn share(event: &mut Event, device: DeviceId, persons: u32) -> LeaseId {
    let lease = event.state.leases().next();
    let gate = GateId(if device == HERE { 1 } else { 2 });
    let place = Place::Venue;
    event.append(LedgerBody::ShareLeased { lease, device, gate, place, persons });
    lease
}

/// For how many persons the journal gave room back, entry by entry.
fn given_back(gate: &Gate) -> Vec<u32> {
    let bodies = gate.bodies().into_iter();
    let back = bodies.filter_map(|body| match body {
        JournalBody::ShareTransferred { persons, to: Recipient::Server, .. } => Some(persons),
        _ => None,
    });
    back.collect()
}

#[test]
fn a_cut_off_gate_admits_as_many_as_its_own_share_has_room_for() {
    let mut event = event();
    share(&mut event, ELSEWHERE, 5);
    share(&mut event, HERE, 1);
    let mut gate = cut_off(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::NoRoomHere);
    gate.crash(&event, true);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::NoRoomHere, "nor after a restart");
    gate.handle(Input::Direction(Direction::Exit));
    gate.scan(event.text(0));
    gate.handle(Input::Direction(Direction::Entry));
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::Admitted, "who left made room in the share");
    assert_eq!(authorities(&gate), [Authority::Lease; 3]);
}

#[test]
fn a_share_that_was_not_heard_of_yet_is_none() {
    let mut event = event();
    let mut gate = cut_off(&event);
    share(&mut event, HERE, 1);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::NoRoomHere);
    follow(&mut gate, &event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn beyond_its_share_it_asks_the_server_for_room_under_a_claim() {
    let mut event = event();
    share(&mut event, HERE, 1);
    let mut gate = online(&event);
    gate.scan(event.text(0));
    assert!(gate.claims.is_empty(), "its own room");
    gate.scan(event.text(1));
    assert_eq!(gate.claims.len(), 1);
    let used = gate.claims.pop_front().unwrap().used;
    event.append(LedgerBody::Granted(used));
    let answer = ClaimAnswer::Granted { sequence: event.state.cursor().sequence };
    gate.handle(Input::Claimed { key: used.claim, answer });
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(authorities(&gate), [Authority::Lease, Authority::Server]);
    // Without an answer it decides by its own share, which is full.
    gate.scan(event.text(2));
    gate.pass(400);
    assert_eq!(gate.last(), ReasonCode::NoRoomHere);
}

#[test]
fn room_of_another_lane_is_waited_for_and_claimed_again_under_the_same_key() {
    let mut event = event();
    let there = share(&mut event, ELSEWHERE, 5);
    let mut gate = online(&event);
    let refused = |refusal| {
        let facts =
            Facts { lane: Some(GateId(2)), inside: Some(5), limit: Some(10), ..Facts::EMPTY };
        ClaimAnswer::Refused { refusal, facts }
    };
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    let answer = refused(ClaimRefusal::RoomRecalling);
    gate.handle(Input::Claimed { key, answer });
    assert_eq!((gate.waits.as_slice(), gate.shown.len()), (&[ReasonCode::RoomRecalling][..], 0));
    event.append(LedgerBody::ShareRecalled { lease: there, persons: 1 });
    follow(&mut gate, &event);
    let again = gate.claims.pop_front().unwrap().used;
    assert_eq!(again.claim, key, "asked whenever the ledger went on");
    gate.handle(Input::Claimed { key, answer });
    event.append(LedgerBody::ShareTransferred { lease: there, persons: 1, number: 1 });
    follow(&mut gate, &event);
    let again = gate.claims.pop_front().unwrap().used;
    event.append(LedgerBody::Granted(again));
    let granted = ClaimAnswer::Granted { sequence: event.state.cursor().sequence };
    gate.handle(Input::Claimed { key, answer: granted });
    assert_eq!(gate.last(), ReasonCode::Admitted);
    // The next one waits in vain.
    gate.scan(event.text(1));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::Claimed { key, answer });
    gate.pass(RECALL_BUDGET);
    assert_eq!(gate.last(), ReasonCode::RoomHeld);
    assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(GateId(2)));
    // A lane that isn't heard isn't waited for.
    gate.scan(event.text(1));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::Claimed { key, answer: refused(ClaimRefusal::RoomHeld) });
    assert_eq!(gate.last(), ReasonCode::RoomHeld);
}

#[test]
fn room_that_is_recalled_is_given_back_once_full_or_not() {
    let mut event = event();
    let here = share(&mut event, HERE, 2);
    let mut gate = cut_off(&event);
    gate.scan(event.text(0));
    for (persons, back) in [(1, vec![1]), (1, vec![1, 1])] {
        event.append(LedgerBody::ShareRecalled { lease: here, persons });
        follow(&mut gate, &event);
        assert_eq!(given_back(&gate), back);
        gate.scan(event.text(1));
        assert_eq!(gate.last(), ReasonCode::NoRoomHere);
    }
    gate.crash(&event, true);
    follow(&mut gate, &event);
    assert_eq!(given_back(&gate), [1, 1], "not again after a restart");
}

#[test]
fn a_lane_that_closes_gives_all_its_room_back_once() {
    let mut event = event();
    let here = share(&mut event, HERE, 4);
    let mut gate = online(&event);
    gate.scan(event.text(0));
    event.append(LedgerBody::ShareRecalled { lease: here, persons: 1 });
    follow(&mut gate, &event);
    gate.handle(Input::ReturnLeases);
    gate.handle(Input::ReturnLeases);
    assert_eq!(given_back(&gate), [1, 3]);
    assert!(gate.done.ends_with(&[Done::LeasesReturned]));
    // What was given back unasked isn't given back when it is asked for, late.
    event.append(LedgerBody::ShareRecalled { lease: here, persons: 3 });
    follow(&mut gate, &event);
    assert_eq!(given_back(&gate), [1, 3]);
}
