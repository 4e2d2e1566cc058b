//! This gate is the venue's hub and fetches a right from its lane: what makes it the authority, and what doesn't.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, Epoch, GateId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::LedgerBody,
    reason::ReasonCode,
    sync::{Claim, ClaimAnswer, ClaimRefusal, Recall},
};

use super::{
    gate::gate_of,
    world::{Event, Gate, HERE},
};
use crate::engine::{CLAIM_BUDGET, Input, LinkState, RECALL_BUDGET};

const LANE: DeviceId = DeviceId(2);
const ASKER: DeviceId = DeviceId(3);

/// Tickets 0 to 2 are the lane's; all are cut off.
fn venue() -> (Event, Gate, Gate) {
    let mut event = Event::new();
    let (lease, serials) = (LeaseId(1), Serials::new(Serial(0), Serial(2)).unwrap());
    event.append(LedgerBody::Leased { lease, device: LANE, gate: gate_of(LANE), serials });
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    hub.handle(Input::HubSees { device: LANE });
    let lane = Gate::of_device(&event, Policy::Strict, LANE);
    (event, hub, lane)
}

fn claim(event: &Event, serial: u32, key: u8) -> Claim {
    let mut used = event.used(serial);
    used.claim = ClaimKey([key; 16]);
    Claim { used, abandons: Vec::new(), by_hand: None }
}

/// The hub's answer to a claim: nothing is granted.
fn ask(hub: &mut Gate, device: DeviceId, claim: Claim) -> Result<(), Option<ClaimRefusal>> {
    hub.handle(Input::HubClaim { device, gate: gate_of(device), claim });
    match hub.hub_answers.pop_front().expect("an answer").2 {
        Some(ClaimAnswer::Granted { .. }) => Ok(()),
        Some(ClaimAnswer::Refused { refusal, .. }) => Err(Some(refusal)),
        None => Err(None),
    }
}

const fn no<T>(refusal: ClaimRefusal) -> Result<T, Option<ClaimRefusal>> {
    Err(Some(refusal))
}

fn recalled(hub: &mut Gate) -> Recall {
    let (device, recall) = hub.recalls.pop_front().expect("a recall");
    assert_eq!((device, recall.to), (LANE, HERE));
    recall
}

fn proof(lane: &mut Gate, recall: Recall) -> Vec<JournalEntry> {
    lane.handle(Input::HubRecall { hub: HERE, recall });
    let (_, entries) = lane.proofs.pop_front().expect("a proof");
    entries.iter().map(|bytes| JournalEntry::decode(bytes).unwrap()).collect()
}

fn give(hub: &mut Gate, device: DeviceId, entries: Vec<JournalEntry>) {
    hub.handle(Input::HubTransfer { device, entries });
}

fn received(hub: &Gate) -> Vec<u32> {
    let bodies = hub.bodies().into_iter();
    let received = bodies.filter_map(|body| match body {
        JournalBody::Received { serial, .. } => Some(serial.0),
        _ => None,
    });
    received.collect()
}

#[test]
fn a_right_is_fetched_from_its_lane_and_granted_once() {
    let (event, mut hub, mut lane) = venue();
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::Recalling));
    let recall = recalled(&mut hub);
    assert_eq!((recall.lease, recall.serial), (LeaseId(1), Serial(0)));
    let proof = proof(&mut lane, recall);
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::Recalling));
    assert!(hub.recalls.is_empty(), "not again so soon");
    give(&mut hub, LANE, proof.clone());
    let number = proof.last().unwrap().number;
    let expected =
        JournalBody::Received { lease: LeaseId(1), serial: Serial(0), from: LANE, number };
    assert_eq!(hub.bodies(), [expected]);
    assert_eq!(hub.engine.status().leased, 1);
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), Ok(()));
    assert_eq!(ask(&mut hub, LANE, claim(&event, 0, 2)), no(ClaimRefusal::BeingAdmitted));
    // Once more, and after a restart: it is received once, and stays.
    give(&mut hub, LANE, proof);
    hub.crash(&event, true);
    assert_eq!((received(&hub), hub.engine.status().leased), (vec![0], 1));
    assert_eq!(ask(&mut hub, LANE, claim(&event, 0, 2)), no(ClaimRefusal::BeingAdmitted));
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::BeingAdmitted);
}

#[test]
fn a_received_right_is_not_used_before_its_entry_is_durable() {
    for reached in [true, false] {
        let (event, mut hub, mut lane) = venue();
        let _ = ask(&mut hub, ASKER, claim(&event, 0, 1));
        let proof = proof(&mut lane, recalled(&mut hub));
        hub.slow = true;
        give(&mut hub, LANE, proof.clone());
        assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::Recalling));
        hub.crash(&event, reached);
        hub.slow = false;
        hub.handle(Input::HubSees { device: LANE });
        let expected = if reached { Ok(()) } else { no(ClaimRefusal::Recalling) };
        assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), expected);
        // What the crash took is fetched again.
        give(&mut hub, LANE, proof);
        assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), Ok(()));
    }
}

#[test]
fn uses_before_the_transfer_count_at_the_hub_after_a_restart_too() {
    let (event, mut hub, mut lane) = venue();
    lane.scan(event.text(0));
    lane.scan(event.text(2));
    let _ = ask(&mut hub, ASKER, claim(&event, 0, 1));
    let proof_of = proof(&mut lane, recalled(&mut hub));
    give(&mut hub, LANE, proof_of);
    let _ = ask(&mut hub, ASKER, claim(&event, 2, 2));
    let proof_of = proof(&mut lane, recalled(&mut hub));
    give(&mut hub, LANE, proof_of);
    assert_eq!(received(&hub), [0, 2]);
    for key in [10, 20] {
        assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, key)), no(ClaimRefusal::AlreadyUsed));
        hub.crash(&event, true);
    }
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 2, 31)), Ok(()));
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 2, 32)), no(ClaimRefusal::BeingAdmitted));
}

#[test]
fn a_lane_that_is_not_heard_is_not_asked() {
    let (event, mut hub, _) = venue();
    hub.pass(10_000);
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::LaneSilent));
    assert!(hub.recalls.is_empty());
    hub.handle(Input::HubSees { device: LANE });
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::Recalling));
    let mut event = event;
    event.revoked = vec![LANE];
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    hub.handle(Input::HubSees { device: LANE });
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::LaneLost));
}

#[test]
fn a_transfer_of_another_device_is_none() {
    let (mut event, mut hub, mut lane) = venue();
    // The asker holds a ticket too, by its own lease.
    event.issue_the_fourth(&[]);
    let _ = ask(&mut hub, ASKER, claim(&event, 0, 1));
    let recall = recalled(&mut hub);
    let proof = proof(&mut lane, recall);
    // What the lane signed, brought by somebody else.
    give(&mut hub, ASKER, proof.clone());
    // Somebody else's own word.
    let mut forged = proof.clone();
    forged[0].device = ASKER;
    give(&mut hub, ASKER, forged);
    assert_eq!(received(&hub), [0; 0]);
    give(&mut hub, LANE, proof);
    assert_eq!(received(&hub), [0]);
}

#[test]
fn a_transfer_counts_only_as_it_was_asked_for() {
    let (event, mut hub, mut lane) = venue();
    let unasked = Recall {
        lease: LeaseId(1),
        serial: Serial(1),
        to: HERE,
        gate: GateId(1),
        epoch: event.state.cursor().epoch,
        ledger: event.state.cursor().sequence,
    };
    let unasked = proof(&mut lane, unasked);
    give(&mut hub, LANE, unasked.clone());
    let _ = ask(&mut hub, ASKER, claim(&event, 0, 1));
    let good = proof(&mut lane, recalled(&mut hub));
    let last = good.last().copied().unwrap();
    let changed = |lease, serials, to| {
        let body = JournalBody::Transferred { lease, serials, to };
        vec![JournalEntry { body, ..last }]
    };
    let (one, hub_here) = (Serials::one(Serial(0)), Recipient::Device(HERE));
    let both = Serials::new(Serial(0), Serial(1)).unwrap();
    for entries in [
        Vec::new(),
        unasked,
        changed(LeaseId(2), one, hub_here),
        changed(LeaseId(1), both, hub_here),
        changed(LeaseId(1), one, Recipient::Server),
        changed(LeaseId(1), one, Recipient::Device(ASKER)),
        vec![JournalEntry { body: JournalBody::SignedIn, ..last }, last],
        vec![last, JournalEntry { body: JournalBody::SignedIn, ..last }],
    ] {
        give(&mut hub, LANE, entries.clone());
        assert_eq!(received(&hub), [0; 0], "{entries:?}");
    }
    give(&mut hub, LANE, good);
    assert_eq!(received(&hub), [0]);
}

#[test]
fn a_lease_that_the_hubs_ledger_does_not_have_is_not_asked_for_nor_received() {
    let (event, _, mut lane) = venue();
    // This hub has followed the ledger less far.
    let mut early = Event::new();
    early.hubs = vec![HERE];
    let mut hub = Gate::with_policy(&early, Policy::Strict);
    hub.handle(Input::HubSees { device: LANE });
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::ServerNeeded));
    let (lease, serial, to, gate) = (LeaseId(1), Serial(0), HERE, GateId(1));
    let recall = Recall { lease, serial, to, gate, epoch: Epoch(1), ledger: 0 };
    let proof = proof(&mut lane, recall);
    give(&mut hub, LANE, proof);
    assert_eq!(received(&hub), [0; 0]);
}

/// The hub got ticket 0; its journal and the lane's are still its own.
fn fetched() -> (Event, Gate, Gate) {
    let (event, mut hub, mut lane) = venue();
    let _ = ask(&mut hub, ASKER, claim(&event, 0, 1));
    let proof = proof(&mut lane, recalled(&mut hub));
    give(&mut hub, LANE, proof);
    (event, hub, lane)
}

fn follow(gate: &mut Gate, event: &Event) {
    gate.feed(event, gate.engine.state().cursor().sequence as usize);
}

fn online(gate: &mut Gate, event: &mut Event) {
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(event);
}

#[test]
fn with_the_server_back_a_received_right_is_returned_once_the_ledger_has_it() {
    let (mut event, mut hub, mut lane) = fetched();
    online(&mut hub, &mut event);
    follow(&mut hub, &event);
    assert_eq!(hub.engine.status().leased, 1, "nobody else could decide about it");
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), Ok(()));
    hub.deliver_all(&mut event);
    online(&mut lane, &mut event);
    follow(&mut hub, &event);
    hub.deliver_all(&mut event);
    assert_eq!(event.state.leases().holder(Serial(0)), None);
    assert_eq!(event.state.right(Serial(0)).unwrap().grants.len(), 1, "the server has its grant");
    follow(&mut hub, &event);
    assert_eq!(hub.engine.status().leased, 0);
    assert_eq!(ask(&mut hub, LANE, claim(&event, 0, 9)), no(ClaimRefusal::BeingAdmitted));
}

#[test]
fn a_hub_that_learned_so_before_its_restart_returns_it_as_well() {
    let (mut event, mut hub, mut lane) = fetched();
    online(&mut hub, &mut event);
    online(&mut lane, &mut event);
    hub.handle(Input::Link(LinkState::Alone));
    follow(&mut hub, &event);
    hub.crash(&event, true);
    assert_eq!(hub.engine.status().leased, 1);
    online(&mut hub, &mut event);
    assert_eq!(event.state.leases().holder(Serial(0)), None);
}

#[test]
fn a_hub_whose_last_delivery_went_unanswered_returns_it_as_well() {
    let (mut event, mut hub, mut lane) = fetched();
    hub.handle(Input::Link(LinkState::Online));
    let entries = hub.uploads.pop_front().unwrap();
    let number = event.take(&entries).acknowledged;
    hub.handle(Input::UploadFailed);
    online(&mut lane, &mut event);
    follow(&mut hub, &event);
    assert_eq!(hub.engine.status().unsynced, 1, "it doesn't know that the server has it");
    // A session's answer says so, and nothing else happens any more.
    hub.handle(Input::ServerHas { number, entries: Vec::new() });
    hub.pass(10_000);
    hub.deliver_all(&mut event);
    assert_eq!(event.state.leases().holder(Serial(0)), None);
}

#[test]
fn the_servers_recall_reaches_a_received_right_also_before_the_ledger_has_it() {
    for by_ledger in [false, true] {
        let (mut event, mut hub, mut lane) = fetched();
        if by_ledger {
            online(&mut lane, &mut event);
        }
        let (lease, serials) = (LeaseId(1), Serials::one(Serial(0)));
        event.append(LedgerBody::Recalled { lease, serials });
        follow(&mut hub, &event);
        assert_eq!(hub.engine.status().leased, 0);
        online(&mut hub, &mut event);
        online(&mut lane, &mut event);
        assert_eq!(event.state.leases().holder(Serial(0)), None, "{by_ledger}");
    }
}

#[test]
fn what_the_hub_gave_back_it_never_gets_again_under_that_lease() {
    let (mut event, mut hub, mut lane) = fetched();
    hub.handle(Input::ReturnLeases);
    let again = Recall {
        lease: LeaseId(1),
        serial: Serial(0),
        to: HERE,
        gate: GateId(1),
        epoch: event.state.cursor().epoch,
        ledger: event.state.cursor().sequence,
    };
    let old = proof(&mut lane, again);
    give(&mut hub, LANE, old.clone());
    assert_eq!((received(&hub), hub.engine.status().leased), (vec![0], 0));
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 5)), no(ClaimRefusal::ServerNeeded));
    hub.crash(&event, true);
    give(&mut hub, LANE, old);
    assert_eq!(hub.engine.status().leased, 0);
    online(&mut hub, &mut event);
    online(&mut lane, &mut event);
    assert_eq!(event.state.leases().holder(Serial(0)), None);
}

#[test]
fn a_gate_asks_the_hub_again_while_it_fetches_and_then_sends_the_guest_to_the_lane() {
    let (event, _, _) = venue();
    let mut gate = Gate::of_device(&event, Policy::Strict, ASKER);
    gate.handle(Input::HubLink { up: true });
    gate.scan(event.text(0));
    let facts = kaisatsu_shared::rules::Facts {
        lane: Some(gate_of(LANE)),
        ..kaisatsu_shared::rules::Facts::EMPTY
    };
    let refusal = ClaimRefusal::Recalling;
    let mut keys = Vec::new();
    for _ in 0..40 {
        if let Some(claim) = gate.hub_claims.pop_front() {
            keys.push(claim.used.claim);
            let answer = ClaimAnswer::Refused { refusal, facts };
            gate.handle(Input::HubAnswered { key: claim.used.claim, answer });
        }
        gate.pass(50);
    }
    assert_eq!(gate.waits, [ReasonCode::Recalling], "said once");
    assert!(keys.len() >= 10 && keys.iter().all(|key| *key == keys[0]), "{}", keys.len());
    gate.pass(RECALL_BUDGET);
    assert_eq!(gate.last(), ReasonCode::OtherLane);
    assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(gate_of(LANE)));
    assert_eq!(gate.hub_told.len(), 1, "the hub hears that it was given up");
    // Granted within its time it is one use; a hub that is lost meanwhile leaves it to the lane.
    gate.handle(Input::HubTold { claim: keys[0], heard: true });
    for (serial, answered) in [(0, true), (1, false)] {
        gate.scan(event.text(serial));
        let claim = gate.hub_claims.pop_front().unwrap();
        let key = claim.used.claim;
        let answer = ClaimAnswer::Refused { refusal, facts };
        gate.handle(Input::HubAnswered { key, answer });
        gate.pass(150);
        assert_eq!(gate.hub_claims.pop_front().unwrap().used.claim, key);
        if answered {
            let answer = ClaimAnswer::Granted { sequence: 1 };
            gate.handle(Input::HubAnswered { key, answer });
            assert_eq!(gate.last(), ReasonCode::Admitted);
        } else {
            gate.pass(CLAIM_BUDGET);
            assert_eq!(gate.last(), ReasonCode::LaneSilent);
        }
    }
}

#[test]
fn a_guest_of_another_lane_who_stands_at_the_hub_is_fetched_for_too() {
    let (event, mut hub, mut lane) = venue();
    hub.scan(event.text(0));
    assert_eq!((hub.waits.clone(), hub.shown.len()), (vec![ReasonCode::Recalling], 0));
    // Meanwhile nobody else is granted it.
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::BeingAdmitted));
    let proof = proof(&mut lane, recalled(&mut hub));
    hub.pass(150);
    give(&mut hub, LANE, proof);
    hub.pass(150);
    assert_eq!(hub.last(), ReasonCode::Admitted);
    assert_eq!(hub.shown.last().unwrap().2, Some(kaisatsu_shared::right::Authority::Lease));
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::AlreadyUsed);
    // A lane that was heard and doesn't answer.
    hub.scan(event.text(1));
    for _ in 0..14 {
        hub.pass(150);
    }
    assert_eq!(hub.last(), ReasonCode::OtherLane);
    assert_eq!(hub.waits.len(), 2);
    hub.pass(10_000);
    hub.scan(event.text(1));
    assert_eq!(hub.last(), ReasonCode::LaneSilent);
}

#[test]
fn a_right_that_went_on_to_another_hub_does_not_come_round_under_the_same_lease() {
    let mut event = Event::new();
    event.hubs = vec![HERE, LANE];
    let (lease, serials) = (LeaseId(1), Serials::new(Serial(0), Serial(2)).unwrap());
    event.append(LedgerBody::Leased { lease, device: HERE, gate: gate_of(HERE), serials });
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    let ledger = event.state.cursor().sequence;
    let recall =
        Recall { lease, serial: Serial(0), to: LANE, gate: gate_of(LANE), epoch: Epoch(1), ledger };
    hub.handle(Input::HubRecall { hub: LANE, recall });
    online(&mut hub, &mut event);
    hub.handle(Input::Link(LinkState::Alone));
    follow(&mut hub, &event);
    assert_eq!(event.state.leases().holder(Serial(0)).unwrap().device, LANE);
    let mut second = Gate::of_device(&event, Policy::Strict, LANE);
    hub.handle(Input::HubSees { device: LANE });
    assert_eq!(ask(&mut hub, ASKER, claim(&event, 0, 1)), no(ClaimRefusal::Recalling));
    let proof = proof(&mut second, recalled(&mut hub));
    give(&mut hub, LANE, proof);
    assert_eq!(received(&hub), [0; 0]);
}
