//! Rights that a lane gave to the venue's hub: in whatever order the journals arrive, the ledger ends the same, a
//! right that was used as often as it allows is no conflict, and nobody's word moves what they don't hold.

use kaisatsu_shared::{
    id::LeaseId,
    lease::{Recipient, Serials},
    ledger::AfterReceipt,
};

use super::*;
use crate::ledger::{Restated, name_lanes, restate};

const LANE: u32 = 4;
const HUB: u32 = 5;
const SECOND: u32 = 6;
const GATE: u32 = 7;

/// Serials 0 to 2 are the lane's.
fn leased_state() -> EventState {
    let mut state = state();
    let serials = Serials::new(Serial(0), Serial(2)).unwrap();
    let (lease, device, gate) = (LeaseId(1), DeviceId(LANE), GateId(3));
    state.append(LedgerBody::Leased { lease, device, gate, serials }, NOW).unwrap();
    state
}

fn gives(serial: u32, to: Recipient) -> JournalBody {
    JournalBody::Transferred { lease: LeaseId(1), serials: Serials::one(Serial(serial)), to }
}

const fn to(device: u32) -> Recipient {
    Recipient::Device(DeviceId(device))
}

const fn receives(serial: u32, from: u32, number: u64) -> JournalBody {
    let (lease, serial, from) = (LeaseId(1), Serial(serial), DeviceId(from));
    JournalBody::Received { lease, serial, from, number }
}

const fn grants(serial: u32, key: u8) -> JournalBody {
    JournalBody::Granted {
        device: DeviceId(GATE),
        gate: GateId(9),
        right: right(serial),
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([key; 16]),
    }
}

const fn enters_by_hub(serial: u32, key: u8) -> JournalBody {
    JournalBody::Redeemed {
        right: right(serial),
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([key; 16]),
        authority: Authority::Hub,
        by_hand: false,
    }
}

/// What each device wrote.
type Journals<'a> = &'a [(u32, &'a [JournalBody])];

/// Every order in which journals can arrive: each keeps its own.
fn orders(journals: Journals<'_>) -> Vec<Vec<JournalEntry>> {
    let mut all = Vec::new();
    let mut places = vec![0; journals.len()];
    arrange(journals, &mut places, &mut Vec::new(), &mut all);
    all
}

fn arrange(
    journals: Journals<'_>,
    places: &mut [usize],
    so_far: &mut Vec<JournalEntry>,
    all: &mut Vec<Vec<JournalEntry>>,
) {
    let length: usize = journals.iter().map(|(_, bodies)| bodies.len()).sum();
    if so_far.len() == length {
        all.push(so_far.clone());
        return;
    }
    for (place, (device, bodies)) in journals.iter().enumerate() {
        let Some(body) = bodies.get(places[place]) else { continue };
        so_far.push(entry(*device, places[place] as u64 + 1, *body));
        places[place] += 1;
        arrange(journals, places, so_far, all);
        places[place] -= 1;
        so_far.pop();
    }
}

/// Takes them all in; each is accepted.
fn accept_all(state: &mut EventState, story: &[JournalEntry]) {
    for entry in story {
        let (fate, _) = take(state, entry);
        assert_eq!(fate, EntryFate::Accepted, "{entry:?} in {story:?}");
    }
}

/// What must be the same in whatever order.
fn ends_at_the_server(state: &EventState, serial: u32, entered: u32, why: &[JournalEntry]) {
    let leases = state.leases();
    assert_eq!(leases.holder(Serial(serial)), None, "{why:?}");
    let waiting = leases.receipts(Serials::one(Serial(serial))).count();
    assert_eq!((waiting, state.conflicts().count()), (0, 0), "{why:?}");
    let right = state.right(Serial(serial)).unwrap();
    assert_eq!((right.entered(), right.grants.len()), (entered, 0), "{why:?}");
    assert!(leases.holder(Serial(2)).is_some_and(|lease| lease.device.0 == LANE));
}

/// The hub got a right, granted it to a gate, and gave it to the server.
fn fetched() -> Vec<Vec<JournalEntry>> {
    let server = Recipient::Server;
    let journals: Journals<'_> = &[
        (LANE, &[gives(0, to(HUB))]),
        (HUB, &[receives(0, LANE, 1), grants(0, 1), gives(0, server)]),
        (GATE, &[enters_by_hub(0, 1)]),
    ];
    orders(journals)
}

/// Through two hubs, with uses on the way: two of a right that allows two.
fn passed_on() -> Vec<Vec<JournalEntry>> {
    let server = Recipient::Server;
    let journals: Journals<'_> = &[
        (LANE, &[enters(1, 1), gives(1, to(HUB))]),
        (HUB, &[receives(1, LANE, 2), gives(1, to(SECOND))]),
        (SECOND, &[receives(1, HUB, 2), enters(1, 2), gives(1, server)]),
    ];
    orders(journals)
}

#[test]
fn in_whatever_order_journals_arrive_a_fetched_right_ends_at_the_server() {
    let all = fetched();
    assert_eq!(all.len(), 20);
    for story in all {
        let mut state = leased_state();
        accept_all(&mut state, &story);
        ends_at_the_server(&state, 0, 1, &story);
    }
}

#[test]
fn a_chain_through_two_hubs_is_taken_in_whatever_order_it_arrives() {
    let all = passed_on();
    assert_eq!(all.len(), 210);
    for story in all {
        let mut state = leased_state();
        accept_all(&mut state, &story);
        ends_at_the_server(&state, 1, 2, &story);
    }
}

#[test]
fn nothing_is_freed_before_the_givers_journal_is_there() {
    for (journals, serial) in [(fetched(), 0), (passed_on(), 1)] {
        for story in journals {
            let mut state = leased_state();
            let given = story.iter().position(|it| {
                it.device.0 == LANE && matches!(it.body, JournalBody::Transferred { .. })
            });
            for entry in &story[..given.unwrap()] {
                take(&mut state, entry);
                let holder = state.leases().holder(Serial(serial)).unwrap();
                assert_eq!(holder.device.0, LANE, "{story:?}");
            }
        }
    }
}

#[test]
fn the_ledger_says_who_holds_a_right_and_where() {
    let mut state = leased_state();
    let given = entry(LANE, 1, gives(0, to(HUB)));
    let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
    let mut append = accept_entry(&state, &rules, &given, GateId(3)).append;
    name_lanes(&mut append, |device| (device.0 == HUB).then_some(GateId(8)));
    append.into_iter().for_each(|body| drop(state.append(body, NOW).unwrap()));
    let lane = state.leases().holder(Serial(0)).unwrap();
    assert_eq!((lane.id, lane.device.0, lane.gate), (LeaseId(1), HUB, GateId(8)));
    // The lane is its authority no more, and the hub is.
    let (fate, _) = take(&mut state, &entry(LANE, 2, enters(0, 1)));
    assert_eq!(fate, EntryFate::Accepted);
    let authority = state.right(Serial(0)).unwrap().redemptions[0].used.authority;
    assert_eq!(authority, Authority::Alone);
    let (fate, appended) = take(&mut state, &entry(HUB, 1, receives(0, LANE, 1)));
    assert_eq!((fate, appended), (EntryFate::Accepted, vec![]), "the ledger knows");
}

#[test]
fn uses_that_exceed_the_right_are_found_in_whatever_order() {
    // The lane used it before it gave it away, and the hub granted it all the same.
    let journals: Journals<'_> = &[
        (LANE, &[enters(0, 1), gives(0, to(HUB))]),
        (HUB, &[receives(0, LANE, 2), grants(0, 2), gives(0, Recipient::Server)]),
        (GATE, &[enters_by_hub(0, 2)]),
    ];
    for story in orders(journals) {
        let mut state = leased_state();
        story.iter().for_each(|entry| drop(take(&mut state, entry)));
        let conflict = state.conflicts().next().expect("found");
        let mut devices: Vec<_> =
            conflict.redemptions.iter().map(|known| known.used.device.0).collect();
        devices.sort_unstable();
        assert_eq!(devices, [LANE, GATE], "{story:?}");
        assert_eq!(state.leases().holder(Serial(0)), None);
    }
}

#[test]
fn a_hub_that_never_got_a_right_frees_nothing_and_is_named() {
    let mut state = leased_state();
    let said = [receives(0, LANE, 2), grants(0, 1), gives(0, Recipient::Server)];
    for (number, body) in (1..).zip(said) {
        let (fate, _) = take(&mut state, &entry(HUB, number, body));
        assert_eq!(fate, EntryFate::Accepted, "its giver may be late");
    }
    let (_, appended) = take(&mut state, &entry(LANE, 1, JournalBody::SignedIn));
    assert_eq!(appended, Vec::<&str>::new());
    // Here it would have to be.
    let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
    for (body, names) in
        [(JournalBody::SignedIn, true), (gives(0, to(SECOND)), true), (gives(0, to(HUB)), false)]
    {
        let second = entry(LANE, 2, body);
        let append = accept_entry(&state, &rules, &second, GateId(3)).append;
        let named = append.iter().any(|body| {
            matches!(body, LedgerBody::Received(receipt)
                if receipt.device.0 == HUB && receipt.then == AfterReceipt::Unfounded)
        });
        assert_eq!(named, names, "{body:?}");
    }
    take(&mut state, &entry(LANE, 2, JournalBody::SignedIn));
    assert_eq!(state.leases().holder(Serial(0)).unwrap().device.0, LANE);
    for (number, body) in (4..).zip([grants(0, 2), gives(0, Recipient::Server)]) {
        let (fate, appended) = take(&mut state, &entry(HUB, number, body));
        assert_eq!((fate, appended), (EntryFate::Quarantined, vec![]));
    }
}

#[test]
fn a_lane_gives_only_what_it_holds_and_to_one() {
    for (before, body, fate) in [
        (None, gives(0, to(HUB)), EntryFate::Accepted),
        (None, gives(0, to(LANE)), EntryFate::Quarantined),
        (None, gives(3, to(HUB)), EntryFate::Quarantined),
        (Some(gives(0, to(HUB))), gives(0, to(SECOND)), EntryFate::Quarantined),
        (Some(gives(0, to(HUB))), gives(0, to(HUB)), EntryFate::Quarantined),
        (Some(gives(0, to(HUB))), gives(0, Recipient::Server), EntryFate::Quarantined),
        (Some(gives(0, Recipient::Server)), gives(0, to(HUB)), EntryFate::Quarantined),
        (Some(gives(0, Recipient::Server)), gives(0, Recipient::Server), EntryFate::Accepted),
    ] {
        let mut state = leased_state();
        if let Some(body) = before {
            take(&mut state, &entry(LANE, 1, body));
        }
        let holder = state.leases().holder(Serial(0)).map(|lease| lease.device);
        let (told, appended) = take(&mut state, &entry(LANE, 2, body));
        assert_eq!(told, fate, "{before:?} {body:?}");
        let after = state.leases().holder(Serial(0)).map(|lease| lease.device);
        assert_eq!(appended.is_empty(), holder == after, "{before:?} {body:?}");
    }
    // Nor does anybody give what they were never given.
    let mut state = leased_state();
    for (device, body) in [
        (SECOND, gives(0, to(HUB))),
        (SECOND, gives(0, Recipient::Server)),
        (HUB, receives(0, HUB, 1)),
        (HUB, receives(9, LANE, 1)),
    ] {
        let (fate, appended) = take(&mut state, &entry(device, 1, body));
        assert_eq!((fate, appended), (EntryFate::Quarantined, vec![]), "{device} {body:?}");
    }
}

/// Says again what was lost, as a server does that was restored.
fn say_again(state: &mut EventState, lost: &[LedgerBody]) -> usize {
    let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
    let mut unfit = 0;
    for body in lost {
        match restate(state, &rules, body) {
            Restated::Anew(bodies) => {
                bodies.into_iter().for_each(|body| drop(state.append(body, NOW).unwrap()));
            }
            Restated::Known => {}
            Restated::Unfit => unfit += 1,
        }
    }
    unfit
}

#[test]
fn what_was_lost_of_a_chain_is_got_back_from_ledgers_and_journals_in_whatever_order() {
    for (stories, serial, entered) in [(fetched(), 0, 1), (passed_on(), 1, 2)] {
        for story in stories {
            // The line that is lost, as far as some gate followed it.
            let mut old = leased_state();
            let mut lost = Vec::new();
            let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
            for entry in &story {
                for body in accept_entry(&old, &rules, entry, GateId(3)).append {
                    old.append(body.clone(), NOW).unwrap();
                    lost.push(body);
                }
            }
            for followed in [lost.len() / 2, lost.len()] {
                for delivered in [0, story.len() / 2, story.len()] {
                    let mut state = leased_state();
                    accept_all(&mut state, &story[..delivered]);
                    assert_eq!(say_again(&mut state, &lost[..followed]), 0, "{story:?}");
                    for entry in &story {
                        let (fate, _) = take(&mut state, entry);
                        assert_ne!(fate, EntryFate::Quarantined, "{entry:?} in {story:?}");
                    }
                    ends_at_the_server(&state, serial, entered, &story);
                }
            }
        }
    }
}

#[test]
fn what_waits_for_a_givers_journal_is_said_again_too() {
    let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
    let (mut old, mut lost) = (leased_state(), Vec::new());
    let said =
        [receives(0, LANE, 1), grants(0, 1), gives(0, Recipient::Server), receives(1, LANE, 9)];
    for (number, body) in (1..).zip(said) {
        for body in accept_entry(&old, &rules, &entry(HUB, number, body), GateId(3)).append {
            old.append(body.clone(), NOW).unwrap();
            lost.push(body);
        }
    }
    take(&mut old, &entry(LANE, 9, JournalBody::SignedIn));
    let receipt = *old.leases().receipt(Serial(0), DeviceId(HUB)).unwrap();
    assert_eq!(receipt.then, AfterReceipt::Gave { to: Recipient::Server, number: 3 });
    let unfounded = AfterReceipt::Unfounded;
    let named = old.leases().receipt(Serial(1), DeviceId(HUB)).is_none();
    assert!(named, "its giver's ninth entry says something else");
    let mut state = leased_state();
    assert_eq!(say_again(&mut state, &lost), 0);
    assert_eq!(say_again(&mut state, &lost), 0);
    assert_eq!(state.leases().receipt(Serial(0), DeviceId(HUB)), Some(&receipt));
    let mut about = *state.leases().receipt(Serial(1), DeviceId(HUB)).unwrap();
    about.then = unfounded;
    let before = state.cursor().sequence;
    for _ in 0..2 {
        assert_eq!(say_again(&mut state, &[LedgerBody::Received(about)]), 0);
        assert_eq!(state.leases().receipt(Serial(1), DeviceId(HUB)), None);
        assert_eq!(state.cursor().sequence, before + 1, "once");
    }
}
