//! Claims: of any number of gates that ask for the same right, one is granted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use kaisatsu_fixtures::three::{NOW, add, claim, operators, print, rules_of, state, used};
use kaisatsu_shared::{
    bundle::EventRules,
    claims::{LaneState, Lanes, judge_claim},
    id::{DeviceId, GateId, Generation, LeaseId, OperatorId, Serial},
    lease::Serials,
    ledger::{
        EventState, IssuedTicket, LastUse, Lease, LedgerBody, ReissueReason, Right, VoidReason,
    },
    right::{Authority, RightRef, Use, UseKind},
    rules::Facts,
    sync::{Claim, ClaimAnswer, ClaimRefusal},
    time::{TimeInterval, UnixMillis},
};

const HEARD: Lanes<'_> = &|_| LaneState::Heard;

/// An event without rules of its own.
fn rules() -> EventRules {
    rules_of(&serde_json::json!([]))
}

/// Claims, appends, and gives the answer.
fn ask(state: &mut EventState, claim: &Claim) -> ClaimAnswer {
    let outcome = judge_claim(state, &rules(), claim, NOW, HEARD);
    for body in &outcome.append {
        add(state, body.clone());
    }
    outcome.answer_at(state.cursor().sequence)
}

fn refused(answer: ClaimAnswer) -> Option<ClaimRefusal> {
    match answer {
        ClaimAnswer::Granted { .. } => None,
        ClaimAnswer::Refused { refusal, .. } => Some(refusal),
    }
}

fn redeem(state: &mut EventState, used: Use, number: u64) {
    add(state, LedgerBody::Redeemed { used, number, by_hand: false });
}

#[test]
fn a_right_is_granted_as_often_as_it_allows() {
    for (serial, granted) in [(0, 1), (1, 3), (2, 9)] {
        let mut state = state();
        let answers: Vec<_> = (1..=9)
            .map(|key| refused(ask(&mut state, &claim(used(serial, key, 1), &[]))))
            .collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), granted);
        let others = answers.iter().skip(granted);
        assert!(others.clone().all(|answer| *answer == Some(ClaimRefusal::BeingAdmitted)));
    }
}

#[test]
fn a_group_is_granted_whole_or_not() {
    let mut state = state();
    let group = |key, count| claim(Use { count, ..used(1, key, 1) }, &[]);
    assert_eq!(refused(ask(&mut state, &group(1, 4))), Some(ClaimRefusal::NotEnoughLeft));
    assert_eq!(refused(ask(&mut state, &group(2, 2))), None);
    assert_eq!(refused(ask(&mut state, &group(3, 2))), Some(ClaimRefusal::BeingAdmitted));
    assert_eq!(refused(ask(&mut state, &group(4, 1))), None);
}

#[test]
fn the_loser_learns_which_use_stands_in_the_way() {
    let mut state = state();
    let first = Use { gate: GateId(2), device: DeviceId(7), ..used(0, 1, 7) };
    let granted = ask(&mut state, &claim(first, &[]));
    assert_eq!(granted, ClaimAnswer::Granted { sequence: state.cursor().sequence });
    let last_use = Some(LastUse::from(&first));
    let loser = claim(used(0, 2, 1), &[]);
    let refusal = ClaimRefusal::BeingAdmitted;
    assert_eq!(
        ask(&mut state, &loser),
        ClaimAnswer::Refused { refusal, facts: Facts { last_use, ..Facts::EMPTY } }
    );
    redeem(&mut state, first, 1);
    let refusal = ClaimRefusal::AlreadyUsed;
    assert_eq!(
        ask(&mut state, &loser),
        ClaimAnswer::Refused { refusal, facts: Facts { last_use, ..Facts::EMPTY } }
    );
}

#[test]
fn the_same_key_is_the_same_claim() {
    let mut state = state();
    let asked = claim(used(0, 1, 1), &[]);
    let first = ask(&mut state, &asked);
    let later = TimeInterval::exact(UnixMillis(9_000));
    let again = claim(Use { at: later, operator: OperatorId(5), ..asked.used }, &[]);
    assert_eq!(ask(&mut state, &again), first);
    assert_eq!(state.cursor().sequence, 4, "nothing was appended for the repetition");
    redeem(&mut state, Use { authority: Authority::Alone, ..asked.used }, 1);
    assert_eq!(ask(&mut state, &again), ClaimAnswer::Granted { sequence: 5 });
}

#[test]
fn a_key_with_any_other_field_is_refused_and_flagged() {
    let base = used(0, 1, 1);
    let changes = [
        used(1, 1, 1),
        Use { device: DeviceId(2), ..base },
        Use { gate: GateId(2), ..base },
        Use { count: 2, ..base },
        Use { kind: UseKind::Exit, ..base },
        Use { right: RightRef { generation: Generation(2), ..base.right }, ..base },
        Use { right: RightRef { fingerprint: print(9, 9), ..base.right }, ..base },
    ];
    for (index, other) in changes.into_iter().enumerate() {
        let mut state = state();
        ask(&mut state, &claim(base, &[]));
        let outcome = judge_claim(&state, &rules(), &claim(other, &[]), NOW, HEARD);
        assert!(outcome.is_suspicious(), "change {index}");
        assert!(outcome.append.is_empty(), "change {index}");
        assert_eq!(refused(outcome.answer_at(0)), Some(ClaimRefusal::KeyReused), "change {index}");
    }
}

#[test]
fn an_abandoned_claim_frees_the_right_and_is_never_granted_again() {
    let mut state = state();
    ask(&mut state, &claim(used(0, 1, 1), &[]));
    assert_eq!(refused(ask(&mut state, &claim(used(0, 2, 1), &[1]))), None);
    let repeated = ask(&mut state, &claim(used(0, 1, 1), &[]));
    assert_eq!(refused(repeated), Some(ClaimRefusal::Abandoned));
    // The tombstone may come before the claim it is for.
    assert_eq!(refused(ask(&mut state, &claim(used(1, 9, 1), &[8, 8]))), None);
    let late = ask(&mut state, &claim(used(1, 8, 1), &[]));
    assert_eq!(refused(late), Some(ClaimRefusal::Abandoned));
    // A claim may give up itself: it is answered without a grant.
    let own = ask(&mut state, &claim(used(2, 7, 1), &[7]));
    assert_eq!(refused(own), Some(ClaimRefusal::Abandoned));
}

#[test]
fn only_the_own_open_grant_can_be_given_up() {
    for (serial, device) in [(0, 2), (1, 1)] {
        let mut state = state();
        let granted = claim(used(0, 1, 1), &[]);
        ask(&mut state, &granted);
        ask(&mut state, &claim(used(serial, 2, device), &[1]));
        assert_eq!(state.right(Serial(0)).map(Right::claimed), Some(1), "{serial} {device}");
    }
    let mut state = state();
    ask(&mut state, &claim(used(0, 1, 1), &[]));
    redeem(&mut state, used(0, 1, 1), 1);
    let next = ask(&mut state, &claim(used(0, 2, 1), &[1]));
    assert_eq!(refused(next), Some(ClaimRefusal::AlreadyUsed), "a redemption stays");
}

#[test]
fn tickets_that_were_not_issued_or_withdrawn_are_refused() {
    let mut state = state();
    let with = |change: fn(&mut RightRef)| {
        let mut used = used(0, 1, 1);
        change(&mut used.right);
        claim(used, &[])
    };
    let reissued = IssuedTicket {
        serial: Serial(1),
        generation: Generation(2),
        fingerprint: print(1, 2),
        reason: ReissueReason::Other,
    };
    add(&mut state, LedgerBody::Reissued(reissued));
    add(&mut state, LedgerBody::Voided { serial: Serial(0), reason: VoidReason::Lost });
    let device = DeviceId(1);
    add(&mut state, LedgerBody::Interrupted { serial: Serial(2), device, number: 3 });
    for (asked, refusal) in [
        (with(|right| right.serial = Serial(3)), ClaimRefusal::NotIssued),
        (with(|right| right.generation = Generation(2)), ClaimRefusal::NotIssued),
        (with(|right| right.fingerprint = print(9, 9)), ClaimRefusal::NotIssued),
        (with(|_| {}), ClaimRefusal::Voided),
        (claim(used(1, 1, 1), &[]), ClaimRefusal::Superseded),
        (claim(used(2, 1, 1), &[]), ClaimRefusal::Interrupted),
    ] {
        assert_eq!(refused(ask(&mut state, &asked)), Some(refusal));
    }
    // An unknown serial has no state that could take a tombstone.
    let unknown = claim(used(3, 1, 1), &[5]);
    assert!(judge_claim(&state, &rules(), &unknown, NOW, HEARD).append.is_empty());
}

#[test]
fn an_exit_is_never_refused() {
    let mut state = state();
    redeem(&mut state, used(0, 1, 1), 1);
    let exit = claim(Use { kind: UseKind::Exit, ..used(0, 2, 1) }, &[]);
    assert_eq!(refused(ask(&mut state, &exit)), None);
    add(&mut state, LedgerBody::Voided { serial: Serial(0), reason: VoidReason::Other });
    let exit = claim(Use { kind: UseKind::Exit, ..used(0, 3, 1) }, &[]);
    assert_eq!(refused(ask(&mut state, &exit)), None);
}

#[test]
fn the_last_place_goes_to_one_and_back_when_its_claim_is_given_up() {
    let rules = serde_json::json!({
        "policy": "available",
        "clock_window": kaisatsu_shared::display::clock::ClockWindow::default(),
        "types": [],
        "gates": [],
        "zone": "UTC",
        "capacity": {"persons": 1},
    });
    let rules = EventRules::new(serde_json::from_value(rules).unwrap(), operators()).unwrap();
    let mut state = state();
    let mut ask = |claim: &Claim| {
        let outcome = judge_claim(&state, &rules, claim, NOW, HEARD);
        outcome.append.iter().cloned().for_each(|body| add(&mut state, body));
        refused(outcome.answer_at(state.cursor().sequence))
    };
    assert_eq!(ask(&claim(used(0, 1, 1), &[])), None);
    assert_eq!(ask(&claim(used(1, 2, 2), &[])), Some(ClaimRefusal::VenueFull));
    // The same claim again is the same claim, and a new one that gives the first up takes its place.
    assert_eq!(ask(&claim(used(0, 1, 1), &[])), None);
    assert_eq!(ask(&claim(used(0, 3, 1), &[1])), None);
    assert_eq!(ask(&claim(used(1, 4, 2), &[])), Some(ClaimRefusal::VenueFull));
}

fn lease(state: &mut EventState, device: u32, serial: u32) -> LeaseId {
    let lease = state.leases().next();
    let (device, gate, serials) = (DeviceId(device), GateId(3), Serials::one(Serial(serial)));
    add(state, LedgerBody::Leased { lease, device, gate, serials });
    lease
}

#[test]
fn what_another_lane_holds_is_asked_for_once_and_granted_once_it_is_back() {
    let mut state = state();
    let lease = lease(&mut state, 9, 0);
    let asked = claim(used(0, 1, 1), &[]);
    let expected = ClaimAnswer::Refused {
        refusal: ClaimRefusal::Recalling,
        facts: Facts { lane: Some(GateId(3)), ..Facts::EMPTY },
    };
    assert_eq!(ask(&mut state, &asked), expected);
    assert!(state.leases().is_recalled(Serial(0)));
    let before = state.cursor().sequence;
    assert_eq!(ask(&mut state, &asked), expected);
    assert_eq!(state.cursor().sequence, before, "asked for once");
    let serials = Serials::one(Serial(0));
    add(&mut state, LedgerBody::Transferred { lease, serials, number: 1 });
    assert_eq!(refused(ask(&mut state, &asked)), None);
}

#[test]
fn what_is_known_to_be_used_is_not_asked_for() {
    let mut state = state();
    lease(&mut state, 9, 0);
    redeem(&mut state, used(0, 1, 9), 1);
    let answer = ask(&mut state, &claim(used(0, 2, 1), &[]));
    assert_eq!(refused(answer), Some(ClaimRefusal::AlreadyUsed));
    assert!(!state.leases().is_recalled(Serial(0)));
}

#[test]
fn a_lost_lane_is_asked_for_nothing() {
    let mut state = state();
    lease(&mut state, 9, 0);
    let claimed = claim(used(0, 1, 1), &[7]);
    let outcome = judge_claim(&state, &rules(), &claimed, NOW, &|_| LaneState::Lost);
    assert_eq!(refused(outcome.answer_at(0)), Some(ClaimRefusal::LaneLost));
    assert!(matches!(outcome.append[..], [LedgerBody::Abandoned { .. }]), "{:?}", outcome.append);
    // One that isn't heard is asked all the same: it may come back.
    let outcome = judge_claim(&state, &rules(), &claimed, NOW, &|_| LaneState::Silent);
    assert_eq!(refused(outcome.answer_at(0)), Some(ClaimRefusal::LaneSilent));
    assert!(matches!(outcome.append.last(), Some(LedgerBody::Recalled { .. })));
}

#[test]
fn a_holder_asks_for_room_only() {
    let mut state = state();
    lease(&mut state, 9, 0);
    assert_eq!(refused(ask(&mut state, &claim(used(0, 1, 9), &[]))), None);
    // Its open grant counts for whoever asks meanwhile.
    let answer = ask(&mut state, &claim(used(0, 2, 1), &[]));
    assert_eq!(refused(answer), Some(ClaimRefusal::BeingAdmitted));
}

#[test]
fn whoever_leaves_asks_no_lane() {
    let mut state = state();
    lease(&mut state, 9, 0);
    let leaves = claim(Use { kind: UseKind::Exit, ..used(0, 1, 1) }, &[]);
    assert_eq!(refused(ask(&mut state, &leaves)), None);
}

mod room {
    //! Room that lanes hold: who is asked for how much of it.

    use kaisatsu_fixtures::three::rules_in;
    use kaisatsu_shared::place::Place;

    use super::*;

    /// A venue for three.
    fn rules() -> EventRules {
        rules_in(&serde_json::json!({ "capacity": { "persons": 3 } }))
    }

    fn share(state: &mut EventState, device: u32, persons: u32) -> LeaseId {
        let lease = state.leases().next();
        let gate = GateId(u16::try_from(device).unwrap());
        let (device, place) = (DeviceId(device), Place::Venue);
        add(state, LedgerBody::ShareLeased { lease, device, gate, place, persons });
        lease
    }

    /// What device `device` is answered when it asks for ticket 2, whose leases are whose, and who is asked for
    /// how much.
    fn asked(
        state: &mut EventState,
        (key, device): (u8, u32),
        lanes: Lanes<'_>,
    ) -> (Option<ClaimRefusal>, Option<u16>, Vec<(u32, u32)>) {
        let claim = claim(used(2, key, device), &[]);
        let outcome = judge_claim(state, &rules(), &claim, NOW, lanes);
        let recalls = outcome.append.iter().filter_map(|body| match *body {
            LedgerBody::ShareRecalled { lease, persons } => {
                Some((state.leases().lease(lease).unwrap().device.0, persons))
            }
            _ => None,
        });
        let recalls = recalls.collect();
        outcome.append.iter().for_each(|body| add(state, body.clone()));
        match outcome.answer_at(state.cursor().sequence) {
            ClaimAnswer::Granted { .. } => (None, None, recalls),
            ClaimAnswer::Refused { refusal, facts } => {
                (Some(refusal), facts.lane.map(|lane| lane.0), recalls)
            }
        }
    }

    #[test]
    fn room_that_was_not_given_back_counts_as_full() {
        let mut state = state();
        let (first, second) = (share(&mut state, 1, 1), share(&mut state, 2, 1));
        assert_eq!(asked(&mut state, (1, 3), HEARD), (None, None, vec![]), "the server's own");
        let waiting = Some(ClaimRefusal::RoomRecalling);
        assert_eq!(asked(&mut state, (2, 3), HEARD), (waiting, Some(1), vec![(1, 1)]));
        assert_eq!(asked(&mut state, (3, 4), HEARD), (waiting, Some(1), vec![]), "asked once");
        add(&mut state, LedgerBody::ShareTransferred { lease: first, persons: 1, number: 1 });
        assert_eq!(asked(&mut state, (2, 3), HEARD), (None, None, vec![]));
        assert_eq!(asked(&mut state, (3, 4), HEARD), (waiting, Some(2), vec![(2, 1)]));
        // It was filled meanwhile, as its holder says with the room.
        let inside = Use { authority: Authority::Alone, ..used(2, 9, 2) };
        redeem(&mut state, inside, 1);
        add(&mut state, LedgerBody::ShareTransferred { lease: second, persons: 1, number: 2 });
        let full = Some(ClaimRefusal::VenueFull);
        assert_eq!(asked(&mut state, (3, 4), HEARD), (full, None, vec![]));
    }

    #[test]
    fn whoever_asks_gives_first_then_who_is_heard_and_has_most() {
        let mut state = state();
        for device in [1, 2] {
            share(&mut state, device, 1);
        }
        share(&mut state, 3, 1);
        let waiting = Some(ClaimRefusal::RoomRecalling);
        assert_eq!(asked(&mut state, (1, 3), HEARD), (waiting, Some(3), vec![(3, 1)]));
        // Silent lanes may never answer what they owe.
        let second = |lease: &Lease| match lease.device.0 {
            2 => LaneState::Heard,
            _ => LaneState::Silent,
        };
        assert_eq!(asked(&mut state, (2, 4), &second), (waiting, Some(2), vec![(2, 1)]));
        let nobody = |_: &Lease| LaneState::Silent;
        let held = Some(ClaimRefusal::RoomHeld);
        assert_eq!(asked(&mut state, (3, 4), &nobody), (held, Some(1), vec![(1, 1)]));
        // Lost lanes give nothing back: it is full.
        let lost = |_: &Lease| LaneState::Lost;
        let full = Some(ClaimRefusal::VenueFull);
        assert_eq!(asked(&mut state, (4, 4), &lost), (full, None, vec![]));
    }

    #[test]
    fn a_holder_that_asks_for_room_has_none_itself() {
        let mut state = state();
        lease(&mut state, 3, 2);
        share(&mut state, 3, 2);
        share(&mut state, 1, 1);
        let waiting = Some(ClaimRefusal::RoomRecalling);
        assert_eq!(asked(&mut state, (1, 3), HEARD), (waiting, Some(1), vec![(1, 1)]));
        // The right comes before the room.
        let lane = Some(ClaimRefusal::Recalling);
        assert_eq!(asked(&mut state, (2, 4), HEARD), (lane, Some(3), vec![]));
    }
}
