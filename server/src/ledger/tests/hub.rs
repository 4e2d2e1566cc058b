//! The venue's hub: in whatever order its journal and a gate's arrive, a right that it granted and that was
//! used once is no conflict, and one that was used twice is.

use kaisatsu_shared::{
    id::LeaseId,
    lease::{Recipient, Serials},
    ledger::ClaimStanding,
};

use super::*;

const HUB: u32 = 4;
const GATE: u32 = 5;
const OTHER: u32 = 6;

/// Serials 0 and 1 are leased to the hub.
fn leased_state() -> EventState {
    let mut state = state();
    let serials = Serials::new(Serial(0), Serial(1)).unwrap();
    let (lease, device, gate) = (LeaseId(1), DeviceId(HUB), GateId(3));
    state.append(LedgerBody::Leased { lease, device, gate, serials }, NOW).unwrap();
    state
}

const fn granted_to(device: u32, serial: u32, key: u8) -> JournalBody {
    JournalBody::Granted {
        device: DeviceId(device),
        gate: GateId(9),
        right: right(serial),
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([key; 16]),
    }
}

const fn gave_up(device: u32, serial: u32, key: u8) -> JournalBody {
    let (device, claim) = (DeviceId(device), ClaimKey([key; 16]));
    JournalBody::GaveUp { device, claim, right: right(serial) }
}

const fn abandoned(serial: u32, key: u8) -> JournalBody {
    JournalBody::Abandoned { claim: ClaimKey([key; 16]), right: right(serial) }
}

/// A gate's use that it says the hub granted.
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

fn take_back(serial: u32) -> JournalBody {
    let serials = Serials::one(Serial(serial));
    JournalBody::Transferred { lease: LeaseId(1), serials, to: Recipient::Server }
}

fn authorities(state: &EventState, serial: u32) -> Vec<Authority> {
    let right = state.right(Serial(serial)).unwrap();
    right.redemptions.iter().map(|known| known.used.authority).collect()
}

/// Takes in what each device wrote, in this order; no right is in conflict afterwards.
fn in_order(state: &mut EventState, story: &[(u32, JournalBody)]) {
    let mut numbers = std::collections::BTreeMap::new();
    for (device, body) in story {
        let number = numbers.entry(*device).or_insert(0);
        *number += 1;
        let (fate, _) = take(state, &entry(*device, *number, *body));
        assert_eq!(fate, EntryFate::Accepted, "{device} {body:?}");
    }
    assert_eq!(state.conflicts().count(), 0);
}

#[test]
fn what_the_hub_granted_of_its_own_is_an_open_grant_until_the_gate_has_spoken() {
    let mut state = leased_state();
    in_order(&mut state, &[(HUB, granted_to(GATE, 0, 1))]);
    let grants = &state.right(Serial(0)).unwrap().grants;
    assert_eq!((grants[0].used.device, grants[0].by_lease), (DeviceId(GATE), true));
    in_order(&mut state, &[(GATE, enters_by_hub(0, 1))]);
    assert_eq!(authorities(&state, 0), [Authority::Hub]);
    assert!(state.right(Serial(0)).unwrap().grants.is_empty());
}

#[test]
fn one_use_is_no_conflict_in_whatever_order_the_journals_arrive() {
    let (grant, used) = ((HUB, granted_to(GATE, 0, 1)), (GATE, enters_by_hub(0, 1)));
    let back = (HUB, take_back(0));
    for (story, authority) in [
        (vec![grant, used, back], Authority::Hub),
        (vec![grant, back, used], Authority::Hub),
        // The ledger doesn't know of the grant yet.
        (vec![used, grant, back], Authority::Alone),
    ] {
        let mut state = leased_state();
        in_order(&mut state, &story);
        assert_eq!(authorities(&state, 0), [authority]);
        assert!(state.right(Serial(0)).unwrap().grants.is_empty());
        let claim = state.claim(&ClaimKey([1; 16])).unwrap();
        assert!(matches!(claim.standing, ClaimStanding::Redeemed(_)));
    }
}

#[test]
fn what_was_given_up_is_free_again_and_never_granted_in_whatever_order() {
    let (grant, gone) = ((HUB, granted_to(GATE, 0, 1)), (GATE, abandoned(0, 1)));
    let heard = (HUB, gave_up(GATE, 0, 1));
    for story in [
        vec![grant, gone],
        vec![gone, grant],
        vec![grant, heard],
        vec![grant, heard, gone],
        vec![heard, gone],
        vec![gone, heard],
    ] {
        let mut state = leased_state();
        in_order(&mut state, &story);
        let open = state.right(Serial(0)).map_or(0, |right| right.grants.len());
        assert_eq!(open, 0, "{story:?}");
        let claim = state.claim(&ClaimKey([1; 16])).unwrap();
        assert_eq!((claim.device, claim.standing), (DeviceId(GATE), ClaimStanding::Abandoned));
    }
}

#[test]
fn the_server_takes_a_right_back_with_all_that_the_hub_granted_on_it() {
    use kaisatsu_fixtures::three::rules_of;
    use kaisatsu_shared::{
        claims::judge_claim,
        sync::{Claim, ClaimAnswer, ClaimRefusal},
    };
    let mut state = leased_state();
    in_order(&mut state, &[(HUB, granted_to(GATE, 0, 1)), (HUB, take_back(0))]);
    assert!(state.leases().holder(Serial(0)).is_none());
    let ask = |device: u32, key: u8| {
        let mut used = entry(HUB, 9, granted_to(device, 0, key)).granted().unwrap();
        used.authority = Authority::Server;
        let claim = Claim { used, abandons: Vec::new(), by_hand: None };
        judge_claim(&state, &rules_of(&serde_json::json!([])), &claim, NOW, &|_| {
            kaisatsu_shared::claims::LaneState::Heard
        })
        .answer_at(0)
    };
    let ClaimAnswer::Refused { refusal, .. } = ask(OTHER, 2) else { panic!("granted twice") };
    assert_eq!(refusal, ClaimRefusal::BeingAdmitted);
    assert!(matches!(ask(GATE, 1), ClaimAnswer::Granted { .. }), "the same claim");
}

#[test]
fn nobody_grants_what_another_device_holds() {
    let mut state = leased_state();
    let (fate, appended) = take(&mut state, &entry(OTHER, 1, granted_to(GATE, 0, 1)));
    assert_eq!((fate, appended), (EntryFate::Quarantined, Vec::new()));
    // Nobody holds it: a peer that knows more granted it, with the policy `available`.
    let (fate, appended) = take(&mut state, &entry(OTHER, 2, granted_to(GATE, 2, 2)));
    assert_eq!((fate, appended), (EntryFate::Accepted, vec!["granted"]));
    assert!(!state.right(Serial(2)).unwrap().grants[0].by_lease);
    // Serials that were never issued.
    let (fate, _) = take(&mut state, &entry(HUB, 1, granted_to(GATE, 8, 3)));
    assert_eq!(fate, EntryFate::Quarantined);
}

#[test]
fn a_foreign_key_is_not_given_up_by_a_hubs_word() {
    let mut state = leased_state();
    in_order(&mut state, &[(HUB, granted_to(GATE, 0, 1)), (HUB, gave_up(OTHER, 0, 1))]);
    assert_eq!(state.right(Serial(0)).unwrap().grants.len(), 1);
    in_order(&mut state, &[(GATE, enters_by_hub(0, 1))]);
    // Nor one whose use is recorded.
    let (_, appended) = take(&mut state, &entry(HUB, 3, gave_up(GATE, 0, 1)));
    assert_eq!(appended, Vec::<&str>::new());
}

#[test]
fn doubles_of_the_policy_available_are_found_in_whatever_order() {
    // Without a lease: the hub granted, and a third gate was alone.
    let (grant, used) = ((HUB, granted_to(GATE, 0, 1)), (GATE, enters_by_hub(0, 1)));
    let alone = (OTHER, enters(0, 2));
    for story in [
        [grant, used, alone],
        [grant, alone, used],
        [alone, grant, used],
        [used, grant, alone],
        [used, alone, grant],
        [alone, used, grant],
    ] {
        let mut state = state();
        for (device, body) in story {
            take(&mut state, &entry(device, 1, body));
        }
        let conflict = state.conflicts().next().expect("found");
        let devices: Vec<_> = conflict.redemptions.iter().map(|it| it.used.device.0).collect();
        assert_eq!(devices.len(), 2, "{story:?}");
        assert!(devices.contains(&GATE) && devices.contains(&OTHER));
    }
}

#[test]
fn a_hub_without_lease_is_not_believed_to_have_known_what_was_taken_back() {
    use kaisatsu_shared::{ledger::AskedAt, time::UnixMillis};
    for (mut state, conflicts) in [(state(), 1), (leased_state(), 0)] {
        take(&mut state, &entry(HUB, 1, enters(0, 7)));
        let (serial, device, number) = (Serial(0), DeviceId(HUB), 1);
        let at = TimeInterval::exact(UnixMillis(2_000));
        let by = AskedAt { device, gate: GateId(1), operator: OperatorId(1), at };
        state.append(LedgerBody::Annulled { serial, device, number, by }, at).unwrap();
        // Granted and used at an instant before it was taken back.
        take(&mut state, &entry(HUB, 2, granted_to(GATE, 0, 1)));
        take(&mut state, &entry(GATE, 1, enters_by_hub(0, 1)));
        assert_eq!(state.conflicts().count(), conflicts);
    }
}
