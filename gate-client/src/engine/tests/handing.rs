//! The venue's hub asks this lane for a right: what is given, to whom, and what is never given.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, Epoch, GateId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{Cursor, LedgerBody, VoidReason},
    reason::ReasonCode,
    right::Use,
    sync::{Claim, ClaimAnswer, Recall},
    time::UnixSeconds,
    validity::Validity,
};

use super::world::{Event, Gate, HERE, OPENING};
use crate::engine::{Input, LinkState};

/// The hub, and a lane that isn't.
const HUB: DeviceId = HERE;
const LANE: DeviceId = DeviceId(2);
const STRANGER: DeviceId = DeviceId(3);

fn lease(event: &mut Event, device: DeviceId, first: u32, last: u32) -> LeaseId {
    let lease = event.state.leases().next();
    let (serials, gate) = (Serials::new(Serial(first), Serial(last)).unwrap(), GateId(2));
    event.append(LedgerBody::Leased { lease, device, gate, serials });
    lease
}

/// A cut-off lane that holds tickets 0 to 2.
fn lane(event: &mut Event) -> Gate {
    lease(event, LANE, 0, 2);
    Gate::of_device(event, Policy::Strict, LANE)
}

fn recall(event: &Event, lease: u32, serial: u32) -> Recall {
    let (lease, serial) = (LeaseId(lease), Serial(serial));
    let Cursor { epoch, sequence: ledger, .. } = event.state.cursor();
    Recall { lease, serial, to: HUB, gate: GateId(9), epoch, ledger }
}

fn ask(lane: &mut Gate, recall: Recall) {
    lane.handle(Input::HubRecall { hub: HUB, recall });
}

/// What the hub gets next: uses that are told again, and the right that is given.
fn given(lane: &mut Gate) -> Option<(Vec<(DeviceId, u64)>, u32)> {
    let (hub, entries) = lane.proofs.pop_front()?;
    assert_eq!(hub, HUB);
    let entries: Vec<_> = entries.iter().map(|it| JournalEntry::decode(it).unwrap()).collect();
    let (last, told) = entries.split_last().unwrap();
    let JournalBody::Transferred { serials, to, .. } = last.body else { panic!("{last:?}") };
    assert_eq!((serials.count(), to), (1, Recipient::Device(HUB)));
    let told = told.iter().map(|entry| entry.recounted().unwrap());
    Some((told.map(|(number, used)| (used.device, number)).collect(), serials.first().0))
}

fn transfers(lane: &Gate) -> usize {
    let bodies = lane.bodies().into_iter();
    bodies.filter(|body| matches!(body, JournalBody::Transferred { .. })).count()
}

#[test]
fn a_right_goes_to_the_hub_once_that_is_durable_and_is_decided_here_no_more() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    lane.slow = true;
    ask(&mut lane, recall(&event, 1, 1));
    ask(&mut lane, recall(&event, 1, 1));
    assert_eq!(lane.engine.status().leased, 2, "from the moment that it waits for the disk");
    assert!(lane.proofs.is_empty(), "nobody hears of it before");
    lane.finish_store();
    lane.slow = false;
    assert_eq!(given(&mut lane), Some((vec![], 1)));
    assert_eq!(given(&mut lane), None);
    // The answer was lost: the same word again, also after a restart.
    for _ in 0..2 {
        ask(&mut lane, recall(&event, 1, 1));
        assert_eq!(given(&mut lane), Some((vec![], 1)));
        assert_eq!(transfers(&lane), 1);
        // Its guest is the hub's: with the hub in reach it is asked.
        lane.handle(Input::HubLink { up: true });
        lane.scan(event.text(1));
        assert_eq!(lane.hub_claims.pop_front().unwrap().used.right.serial, Serial(1));
        lane.pass(400);
        assert_eq!(lane.last(), ReasonCode::LaneSilent);
        assert_eq!(lane.shown.last().unwrap().1.facts.lane, Some(GateId(9)));
        lane.crash(&event, true);
    }
    lane.scan(event.text(0));
    assert_eq!(lane.last(), ReasonCode::Admitted, "the rest is still its own");
}

#[test]
fn what_was_used_here_goes_along() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    event.used_elsewhere(2, 7);
    lane.feed(&event, lane.engine.state().cursor().sequence as usize);
    lane.scan(event.text(2));
    assert_eq!(lane.last(), ReasonCode::Admitted);
    ask(&mut lane, recall(&event, 1, 2));
    assert_eq!(given(&mut lane), Some((vec![(LANE, 7), (LANE, 1)], 2)));
    // Another ticket's uses don't.
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![], 0)));
    lane.crash(&event, true);
    ask(&mut lane, recall(&event, 1, 2));
    assert_eq!(given(&mut lane), Some((vec![(LANE, 7), (LANE, 1)], 2)));
}

#[test]
fn a_hub_that_follows_the_ledger_from_before_a_restore_is_told_all() {
    // In a restored server's ledger a use may stand before the lease that it came after.
    let mut event = Event::new();
    event.used_elsewhere(2, 7);
    event.append(LedgerBody::Voided { serial: Serial(1), reason: VoidReason::Refunded });
    let mut lane = lane(&mut event);
    let before = |serial| Recall { epoch: Epoch(0), ledger: u64::MAX, ..recall(&event, 1, serial) };
    ask(&mut lane, before(1));
    assert_eq!(
        given(&mut lane),
        None,
        "it doesn't know that the ticket is void, however far it is"
    );
    ask(&mut lane, before(2));
    assert_eq!(given(&mut lane), Some((vec![(LANE, 7)], 2)));
    // In the same ledger whoever knows of the lease knows what was before it.
    let mut lane = Gate::of_device(&event, Policy::Strict, LANE);
    ask(&mut lane, recall(&event, 1, 2));
    assert_eq!(given(&mut lane), Some((vec![], 2)));
}

#[test]
fn a_guest_who_is_being_decided_about_comes_first() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    lane.slow = true;
    lane.scan(event.text(0));
    ask(&mut lane, recall(&event, 1, 0));
    lane.slow = false;
    while !lane.waiting.is_empty() {
        lane.finish_store();
    }
    assert_eq!((lane.last(), given(&mut lane)), (ReasonCode::Admitted, None));
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![(LANE, 1)], 0)));
}

#[test]
fn a_full_disk_gives_nothing_away_that_the_hub_hears_of() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    lane.full = true;
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), None);
    lane.full = false;
    lane.pass(1_000);
    assert_eq!(given(&mut lane), Some((vec![], 0)), "it must follow");
    // What a crash took was never given.
    lane.slow = true;
    ask(&mut lane, recall(&event, 1, 1));
    lane.crash(&event, false);
    lane.slow = false;
    lane.scan(event.text(1));
    assert_eq!(lane.last(), ReasonCode::Admitted);
}

#[test]
fn a_recall_by_a_gate_that_is_no_hub_is_not_answered() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    for hub in [STRANGER, LANE] {
        let recall = Recall { to: hub, ..recall(&event, 1, 0) };
        lane.handle(Input::HubRecall { hub, recall });
    }
    assert_eq!((given(&mut lane), transfers(&lane)), (None, 0));
    event.revoked = vec![HUB];
    let mut lane = Gate::of_device(&event, Policy::Strict, LANE);
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!((given(&mut lane), transfers(&lane)), (None, 0), "nor by one that was revoked");
}

#[test]
fn a_recall_that_names_another_recipient_is_not_answered() {
    let mut event = Event::new();
    event.hubs = vec![HUB, STRANGER];
    let mut lane = lane(&mut event);
    ask(&mut lane, Recall { to: STRANGER, ..recall(&event, 1, 0) });
    assert_eq!((given(&mut lane), transfers(&lane)), (None, 0));
    // Nor does a second hub get what the first one got.
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![], 0)));
    let second = Recall { to: STRANGER, ..recall(&event, 1, 0) };
    lane.handle(Input::HubRecall { hub: STRANGER, recall: second });
    assert_eq!((given(&mut lane), transfers(&lane)), (None, 1));
}

#[test]
fn only_what_is_held_under_the_named_lease_is_given() {
    let mut event = Event::new();
    lease(&mut event, LANE, 0, 0);
    lease(&mut event, STRANGER, 1, 1);
    let mut lane = Gate::of_device(&event, Policy::Strict, LANE);
    for (lease, serial) in [(2, 1), (1, 1), (2, 0), (1, 2), (0, 0)] {
        ask(&mut lane, recall(&event, lease, serial));
        assert_eq!((given(&mut lane), transfers(&lane)), (None, 0), "{lease} {serial}");
    }
}

#[test]
fn an_old_recall_again_gives_nothing_that_came_back_since() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    let old = recall(&event, 1, 0);
    ask(&mut lane, old);
    assert!(given(&mut lane).is_some());
    lane.handle(Input::Link(LinkState::Online));
    lane.deliver_all(&mut event);
    // The hub gave it to the server, which leases it to this lane anew.
    let (id, serials) = (LeaseId(1), Serials::one(Serial(0)));
    event.append(LedgerBody::Transferred { lease: id, serials, number: 9 });
    lease(&mut event, LANE, 0, 0);
    lane.feed(&event, lane.engine.state().cursor().sequence as usize);
    lane.handle(Input::Link(LinkState::Alone));
    ask(&mut lane, old);
    assert_eq!(transfers(&lane), 1, "only the old word again");
    lane.scan(event.text(0));
    assert_eq!(lane.last(), ReasonCode::Admitted);
}

#[test]
fn a_lease_that_comes_after_its_recall_is_dead_for_that_right() {
    let mut event = Event::new();
    let mut lane = Gate::of_device(&event, Policy::Strict, LANE);
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![], 0)));
    lease(&mut event, LANE, 0, 2);
    for restarted in [false, true] {
        if restarted {
            lane.crash(&event, true);
        }
        lane.feed(&event, 0);
        assert_eq!(lane.engine.status().leased, 2);
        lane.scan(event.text(0));
        // Where the hub stands it has forgotten.
        let code = if restarted { ReasonCode::ServerNeeded } else { ReasonCode::LaneSilent };
        assert_eq!(lane.last(), code);
    }
}

#[test]
fn what_the_hub_cannot_know_keeps_a_right_here() {
    let season = Validity { from: UnixSeconds(OPENING), until: UnixSeconds(OPENING + 86_400) };
    for change in 0..4 {
        let mut event = if change == 3 { Event::renewing(season) } else { Event::new() };
        let mut lane = lane(&mut event);
        let before = recall(&event, 1, 0);
        match change {
            0 => drop(event.append(LedgerBody::Voided {
                serial: Serial(0),
                reason: kaisatsu_shared::ledger::VoidReason::Lost,
            })),
            1 => drop(event.append(LedgerBody::Payment { serial: Serial(0), paid: false })),
            2 => drop(event.append(LedgerBody::Blocked {
                serial: Serial(0),
                reason: kaisatsu_shared::ledger::BlockReason::ALL[0],
            })),
            _ => event.renew(season),
        }
        lane.feed(&event, lane.engine.state().cursor().sequence as usize);
        ask(&mut lane, before);
        assert_eq!(given(&mut lane), None);
        // A hub that has followed the ledger that far may have it.
        ask(&mut lane, recall(&event, 1, 0));
        assert_eq!(given(&mut lane), Some((vec![], 0)));
    }
}

#[test]
fn an_interrupted_guest_is_asked_about_here_so_the_right_stays() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    lane.slow = true;
    lane.scan(event.text(2));
    lane.crash(&event, true);
    lane.slow = false;
    ask(&mut lane, recall(&event, 1, 2));
    assert_eq!(given(&mut lane), None);
}

#[test]
fn until_the_ledger_says_so_the_server_is_not_asked_for_what_the_hub_got() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    lane.handle(Input::Link(LinkState::Online));
    lane.slow = true;
    ask(&mut lane, recall(&event, 1, 0));
    lane.scan(event.text(0));
    assert!(lane.claims.is_empty(), "it would take this lane for the holder");
    assert_eq!(lane.last(), ReasonCode::LaneSilent);
    lane.slow = false;
    while !lane.waiting.is_empty() {
        lane.finish_store();
    }
    lane.scan(event.text(0));
    assert!(lane.claims.is_empty());
    lane.deliver_all(&mut event);
    lane.feed(&event, lane.engine.state().cursor().sequence as usize);
    lane.scan(event.text(0));
    assert_eq!(lane.claims.len(), 1, "by now it knows");
}

#[test]
fn a_hub_hands_on_what_it_granted_as_an_open_grant() {
    let mut event = Event::new();
    let mut lane = lane(&mut event);
    // This lane was hub itself before.
    let used = Use { claim: ClaimKey([1; 16]), device: STRANGER, ..event.used(0) };
    let claim = Claim { used, abandons: Vec::new(), by_hand: None };
    lane.handle(Input::HubClaim { device: STRANGER, gate: GateId(3), claim });
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![(STRANGER, 0)], 0)));
}

#[test]
fn a_claim_that_is_still_open_is_given_up_before_the_right_goes() {
    let mut event = Event::new();
    let mut lane = Gate::of_device(&event, Policy::Strict, LANE);
    lane.handle(Input::Link(LinkState::Online));
    lane.scan(event.text(0));
    let key = lane.claims.pop_front().unwrap().used.claim;
    // The server granted it, and the disk was full.
    lane.full = true;
    lane.handle(Input::Claimed { key, answer: ClaimAnswer::Granted { sequence: 9 } });
    assert_eq!(lane.last(), ReasonCode::CannotRecord);
    lane.full = false;
    lease(&mut event, LANE, 0, 2);
    lane.feed(&event, lane.engine.state().cursor().sequence as usize);
    ask(&mut lane, recall(&event, 1, 0));
    assert_eq!(given(&mut lane), Some((vec![], 0)));
    let bodies = lane.bodies();
    let place = |wanted: &dyn Fn(&JournalBody) -> bool| bodies.iter().position(wanted).unwrap();
    let gave_up = place(&|it| matches!(it, JournalBody::Abandoned { claim, .. } if *claim == key));
    assert!(gave_up < place(&|it| matches!(it, JournalBody::Transferred { .. })));
    lane.scan(event.text(0));
    assert!(lane.claims.iter().all(|claim| claim.used.claim != key));
}
