//! Leases: whose word ends them, and what a use under one is recorded as.

use kaisatsu_shared::{
    id::LeaseId,
    lease::{Recipient, Serials},
    place::Place,
};

use super::*;

fn leased_state() -> EventState {
    let mut state = state();
    let serials = Serials::new(Serial(0), Serial(1)).unwrap();
    let (lease, device, gate) = (LeaseId(1), DeviceId(4), GateId(3));
    state.append(LedgerBody::Leased { lease, device, gate, serials }, NOW).unwrap();
    state
}

const fn transferred(lease: u32, serial: u32, to: Recipient) -> JournalBody {
    let serials = Serials::one(Serial(serial));
    JournalBody::Transferred { lease: LeaseId(lease), serials, to }
}

#[test]
fn only_the_holder_ends_its_lease_and_once() {
    let mut state = leased_state();
    for (device, lease, serial, to, fate, appended) in [
        (5, 1, 0, Recipient::Server, EntryFate::Quarantined, 0),
        (4, 2, 0, Recipient::Server, EntryFate::Quarantined, 0),
        // To itself; to others see `chain`.
        (4, 1, 0, Recipient::Device(DeviceId(4)), EntryFate::Quarantined, 0),
        (4, 1, 2, Recipient::Server, EntryFate::Accepted, 0),
        (4, 1, 0, Recipient::Server, EntryFate::Accepted, 1),
        (4, 1, 0, Recipient::Server, EntryFate::Accepted, 0),
    ] {
        let told = entry(device, 1, transferred(lease, serial, to));
        let accepted = accept_entry(
            &state,
            &kaisatsu_fixtures::three::rules_of(&serde_json::json!([])),
            &told,
            GateId(3),
        );
        assert_eq!((accepted.fate, accepted.append.len()), (fate, appended), "{told:?}");
        for body in accepted.append {
            state.append(body, NOW).unwrap();
        }
    }
    assert!(state.leases().holder(Serial(0)).is_none());
    assert!(state.leases().holder(Serial(1)).is_some());
}

#[test]
fn a_use_under_a_lease_is_recorded_as_such_whatever_its_entry_says() {
    let mut state = leased_state();
    for (device, serial, expected) in
        [(4, 0, Authority::Lease), (5, 1, Authority::Alone), (4, 2, Authority::Alone)]
    {
        let told = entry(device, 1, redeemed(serial, 1, UseKind::Entry, 1));
        let accepted = accept_entry(
            &state,
            &kaisatsu_fixtures::three::rules_of(&serde_json::json!([])),
            &told,
            GateId(3),
        );
        let authority = accepted.append.iter().find_map(|body| match body {
            LedgerBody::Redeemed { used, .. } => Some(used.authority),
            _ => None,
        });
        assert_eq!(authority, Some(expected));
        for body in accepted.append {
            state.append(body, NOW).unwrap();
        }
    }
}

#[test]
fn only_the_holder_gives_room_back_and_no_more_than_it_holds() {
    let mut state = leased_state();
    let (lease, device, gate) = (LeaseId(2), DeviceId(4), GateId(3));
    let shared = LedgerBody::ShareLeased { lease, device, gate, place: Place::Venue, persons: 5 };
    state.append(shared, NOW).unwrap();
    let hub = Recipient::Device(DeviceId(5));
    for (device, lease, persons, to, fate, left) in [
        (5, 2, 1, Recipient::Server, EntryFate::Quarantined, 5),
        (4, 1, 1, Recipient::Server, EntryFate::Quarantined, 5), // a lease of rights
        (4, 3, 1, Recipient::Server, EntryFate::Quarantined, 5),
        (4, 2, 1, hub, EntryFate::Quarantined, 5),
        (4, 2, 2, Recipient::Server, EntryFate::Accepted, 3),
        (4, 2, 9, Recipient::Server, EntryFate::Accepted, 0),
        (4, 2, 1, Recipient::Server, EntryFate::Accepted, 0),
    ] {
        let body = JournalBody::ShareTransferred { lease: LeaseId(lease), persons, to };
        let told = entry(device, 1, body);
        let rules = kaisatsu_fixtures::three::rules_of(&serde_json::json!([]));
        let accepted = accept_entry(&state, &rules, &told, GateId(3));
        assert_eq!(accepted.fate, fate, "{told:?}");
        accepted.append.into_iter().for_each(|body| drop(state.append(body, NOW).unwrap()));
        assert_eq!(state.leases().shares().leased(Place::Venue), left, "{told:?}");
    }
}
