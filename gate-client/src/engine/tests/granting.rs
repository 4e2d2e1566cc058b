//! This gate is the venue's hub: what it grants to others, and when they hear of it.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, LeaseId, Serial},
    journal::JournalBody,
    lease::Serials,
    ledger::LedgerBody,
    reason::ReasonCode,
    right::{Authority, Use, UseKind},
    rules::Answers,
    sync::{Claim, ClaimAnswer, ClaimRefusal},
};

use super::{
    gate::gate_of,
    world::{ELSEWHERE, Event, Gate, HERE, time},
};
use crate::engine::{Input, LinkState};

const ONE: DeviceId = DeviceId(2);
const OTHER: DeviceId = DeviceId(3);

fn lease(event: &mut Event, device: DeviceId, first: u32, last: u32) -> LeaseId {
    let lease = event.state.leases().next();
    let serials = Serials::new(Serial(first), Serial(last)).unwrap();
    event.append(LedgerBody::Leased { lease, device, gate: gate_of(device), serials });
    lease
}

/// A cut-off hub that holds tickets 0 to 2.
fn hub(event: &mut Event) -> Gate {
    lease(event, HERE, 0, 2);
    Gate::with_policy(event, Policy::Strict)
}

fn claim(event: &Event, serial: u32, key: u8) -> Claim {
    let mut used = event.used(serial);
    used.claim = ClaimKey([key; 16]);
    Claim { used, abandons: Vec::new(), by_hand: None }
}

fn ask(hub: &mut Gate, device: DeviceId, claim: Claim) {
    hub.handle(Input::HubClaim { device, gate: gate_of(device), claim });
}

fn give_up(hub: &mut Gate, event: &Event, device: DeviceId, serial: u32, key: u8) {
    let (claim, right) = (ClaimKey([key; 16]), event.right(serial));
    hub.handle(Input::HubGiveUp { device, claim, right });
}

/// The next answer: nothing is granted.
fn answer(hub: &mut Gate) -> Result<(), Option<ClaimRefusal>> {
    match hub.hub_answers.pop_front().expect("an answer").2 {
        Some(ClaimAnswer::Granted { .. }) => Ok(()),
        Some(ClaimAnswer::Refused { refusal, .. }) => Err(Some(refusal)),
        None => Err(None),
    }
}

const BEING_ADMITTED: Result<(), Option<ClaimRefusal>> = Err(Some(ClaimRefusal::BeingAdmitted));
const USED: Result<(), Option<ClaimRefusal>> = Err(Some(ClaimRefusal::AlreadyUsed));

#[test]
fn of_all_who_ask_for_a_leased_right_so_many_are_granted_as_it_allows() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    for (serial, allowed) in [(0, 1), (2, 2)] {
        for key in 0..5 {
            let device = if key % 2 == 0 { ONE } else { OTHER };
            ask(&mut hub, device, claim(&event, serial, key + 10 * serial as u8 + 1));
            let expected = if key < allowed { Ok(()) } else { BEING_ADMITTED };
            assert_eq!(answer(&mut hub), expected);
        }
    }
    let bodies = hub.bodies();
    assert!(matches!(bodies[0], JournalBody::Granted { device: ONE, .. }));
    assert_eq!(bodies.len(), 3, "refusals aren't written");
}

#[test]
fn the_hubs_own_guests_count_too_on_the_way_to_its_disk_as_well() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::Admitted);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), USED);
    ask(&mut hub, ONE, claim(&event, 1, 2));
    assert_eq!(answer(&mut hub), Ok(()));
    hub.scan(event.text(1));
    assert_eq!(hub.last(), ReasonCode::BeingAdmitted);
    assert_eq!(hub.shown.last().unwrap().1.facts.last_use.unwrap().gate, gate_of(ONE));
    hub.slow = true;
    hub.scan(event.text(2));
    ask(
        &mut hub,
        ONE,
        Claim { used: Use { count: 2, ..claim(&event, 2, 3).used }, ..claim(&event, 2, 3) },
    );
    assert_eq!(answer(&mut hub), BEING_ADMITTED);
}

#[test]
fn nobody_hears_of_a_grant_before_it_is_durable() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    hub.slow = true;
    ask(&mut hub, ONE, claim(&event, 0, 1));
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert!(hub.hub_answers.is_empty());
    // It counts at once all the same.
    ask(&mut hub, OTHER, claim(&event, 0, 2));
    assert_eq!(answer(&mut hub), BEING_ADMITTED);
    hub.scan(event.text(0));
    assert_eq!(hub.last(), ReasonCode::BeingAdmitted);
    hub.finish_store();
    assert_eq!(answer(&mut hub), Ok(()));
    assert!(hub.hub_answers.is_empty(), "one answer to one claim");
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Ok(()), "the same claim is the same grant");
}

#[test]
fn a_grant_that_could_not_be_written_is_none() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    hub.full = true;
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Err(None));
    hub.full = false;
    ask(&mut hub, OTHER, claim(&event, 0, 2));
    assert_eq!(answer(&mut hub), Ok(()));
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), BEING_ADMITTED);
}

#[test]
fn after_a_restart_the_hub_knows_what_it_granted_and_what_was_given_up() {
    for reached in [true, false] {
        let mut event = Event::new();
        let mut hub = hub(&mut event);
        give_up(&mut hub, &event, ONE, 1, 9);
        hub.slow = true;
        ask(&mut hub, ONE, claim(&event, 0, 1));
        hub.crash(&event, reached);
        hub.slow = false;
        ask(&mut hub, OTHER, claim(&event, 0, 2));
        assert_eq!(answer(&mut hub), if reached { BEING_ADMITTED } else { Ok(()) });
        ask(&mut hub, ONE, claim(&event, 0, 1));
        assert_eq!(answer(&mut hub), if reached { Ok(()) } else { BEING_ADMITTED });
        ask(&mut hub, ONE, claim(&event, 1, 9));
        assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::Abandoned)));
    }
}

#[test]
fn what_was_given_up_is_free_and_its_key_is_dead_also_before_its_claim_comes() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Ok(()));
    // Not by a stranger to the claim.
    give_up(&mut hub, &event, OTHER, 0, 1);
    assert_eq!(hub.hub_heard.pop_front(), Some((OTHER, ClaimKey([1; 16]))));
    ask(&mut hub, OTHER, claim(&event, 0, 2));
    assert_eq!(answer(&mut hub), BEING_ADMITTED);
    hub.slow = true;
    give_up(&mut hub, &event, ONE, 0, 1);
    give_up(&mut hub, &event, ONE, 0, 1);
    assert!(hub.hub_heard.is_empty(), "not before it is durable");
    hub.finish_store();
    hub.slow = false;
    assert_eq!(hub.hub_heard.pop_front(), Some((ONE, ClaimKey([1; 16]))));
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::Abandoned)));
    ask(&mut hub, OTHER, claim(&event, 0, 3));
    assert_eq!(answer(&mut hub), Ok(()));
    give_up(&mut hub, &event, ONE, 1, 4);
    ask(&mut hub, ONE, claim(&event, 1, 4));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::Abandoned)));
    // With the next claim of the ticket, too.
    let next = Claim { abandons: vec![ClaimKey([3; 16])], ..claim(&event, 0, 5) };
    ask(&mut hub, OTHER, next);
    assert_eq!(answer(&mut hub), Ok(()));
}

#[test]
fn a_strict_right_that_the_hub_does_not_hold_is_not_its_to_grant() {
    let mut event = Event::new();
    let id = lease(&mut event, HERE, 0, 0);
    lease(&mut event, ELSEWHERE, 1, 1);
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    ask(&mut hub, OTHER, claim(&event, 2, 1));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::ServerNeeded)));
    ask(&mut hub, OTHER, claim(&event, 1, 2));
    let (_, _, refused) = hub.hub_answers.pop_front().unwrap();
    let Some(ClaimAnswer::Refused { refusal: ClaimRefusal::LaneSilent, facts }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(facts.lane, Some(gate_of(ELSEWHERE)));
    // What it hands back isn't its own any more, from the moment that this waits for the disk.
    hub.slow = true;
    event.append(LedgerBody::Recalled { lease: id, serials: Serials::one(Serial(0)) });
    hub.feed(&event, hub.engine.state().cursor().sequence as usize);
    ask(&mut hub, OTHER, claim(&event, 0, 3));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::ServerNeeded)));
    // Whoever is inside may leave.
    let mut leaves = claim(&event, 0, 4);
    leaves.used.kind = UseKind::Exit;
    hub.slow = false;
    ask(&mut hub, OTHER, leaves);
    while !hub.waiting.is_empty() {
        hub.finish_store();
    }
    assert_eq!(answer(&mut hub), Ok(()));
}

#[test]
fn of_available_rights_the_hub_grants_what_it_does_not_know_as_used() {
    let mut event = Event::new();
    event.used_elsewhere(1, 1);
    let mut hub = Gate::new(&event);
    ask(&mut hub, OTHER, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Ok(()));
    ask(&mut hub, OTHER, claim(&event, 1, 2));
    assert_eq!(answer(&mut hub), USED);
}

#[test]
fn the_ledger_has_the_last_word_on_what_was_granted() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    ask(&mut hub, ONE, claim(&event, 1, 2));
    assert_eq!((answer(&mut hub), answer(&mut hub)), (Ok(()), Ok(())));
    let used = Use { device: ONE, gate: gate_of(ONE), ..claim(&event, 0, 1).used };
    event.append(LedgerBody::Redeemed { used, number: 1, by_hand: false });
    let (serial, claim_key, device) = (Serial(1), ClaimKey([2; 16]), ONE);
    event.append(LedgerBody::Abandoned { serial, claim: claim_key, device });
    hub.feed(&event, hub.engine.state().cursor().sequence as usize);
    for restarted in [false, true] {
        if restarted {
            hub.crash(&event, true);
        }
        ask(&mut hub, OTHER, claim(&event, 0, 3));
        assert_eq!(answer(&mut hub), USED);
        ask(&mut hub, ONE, claim(&event, 0, 1));
        assert_eq!(answer(&mut hub), Ok(()), "the same claim");
        ask(&mut hub, ONE, claim(&event, 1, 2));
        assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::Abandoned)));
    }
    ask(&mut hub, OTHER, claim(&event, 1, 4));
    assert_eq!(answer(&mut hub), Ok(()));
}

#[test]
fn what_the_ledger_says_of_a_grant_that_still_waits_for_the_disk_counts() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    hub.slow = true;
    ask(&mut hub, ONE, claim(&event, 0, 1));
    let (serial, claim_key, device) = (Serial(0), ClaimKey([1; 16]), ONE);
    event.append(LedgerBody::Abandoned { serial, claim: claim_key, device });
    hub.feed(&event, hub.engine.state().cursor().sequence as usize);
    hub.slow = false;
    while !hub.waiting.is_empty() {
        hub.finish_store();
    }
    let _ = answer(&mut hub);
    // The guest's next scan isn't kept out by it.
    ask(&mut hub, ONE, Claim { abandons: vec![claim_key], ..claim(&event, 0, 2) });
    assert_eq!(answer(&mut hub), Ok(()));
}

#[test]
fn what_a_hub_cannot_say_it_leaves_open() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    let by_hand = Claim { by_hand: Some(Answers::NONE), ..claim(&event, 0, 1) };
    ask(&mut hub, ONE, by_hand);
    ask(&mut hub, HERE, claim(&event, 0, 2));
    let mut foreign = claim(&event, 0, 3);
    foreign.used.right.event.0 += 1;
    ask(&mut hub, ONE, foreign);
    let mut nobody = claim(&event, 0, 4);
    nobody.used.count = 0;
    ask(&mut hub, ONE, nobody);
    hub.handle(Input::Link(LinkState::Refused));
    ask(&mut hub, ONE, claim(&event, 0, 5));
    hub.handle(Input::Link(LinkState::Alone));
    hub.monotonic += 2 * 86_400_000;
    ask(&mut hub, ONE, claim(&event, 0, 6));
    for _ in 0..6 {
        assert_eq!(answer(&mut hub), Err(None));
    }
    assert_eq!(hub.bodies(), []);
}

#[test]
fn a_device_that_was_revoked_is_granted_nothing() {
    let mut event = Event::new();
    event.revoked = vec![ONE];
    let mut hub = hub(&mut event);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Err(None));
    ask(&mut hub, OTHER, claim(&event, 0, 2));
    assert_eq!(answer(&mut hub), Ok(()));
}

#[test]
fn online_only_tickets_are_not_granted_by_a_hub() {
    let event = Event::new();
    let mut hub = Gate::with_policy(&event, Policy::OnlineOnly);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::ServerNeeded)));
}

#[test]
fn a_key_means_one_claim() {
    let mut event = Event::new();
    let mut hub = hub(&mut event);
    ask(&mut hub, ONE, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Ok(()));
    ask(&mut hub, OTHER, claim(&event, 0, 1));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::KeyReused)));
    ask(&mut hub, ONE, claim(&event, 1, 1));
    assert_eq!(answer(&mut hub), Err(Some(ClaimRefusal::KeyReused)));
    assert_eq!(time(0), hub.entries()[0].at);
    assert_eq!(hub.entries()[0].granted().unwrap().authority, Authority::Hub);
}
