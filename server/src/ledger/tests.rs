use kaisatsu_shared::{
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, OperatorId, Serial,
        TypeId,
    },
    journal::{JournalBody, JournalEntry},
    ledger::{EventState, LedgerBody, LedgerEntry, Right, UnpaidTickets},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, UseKind},
    sync::EntryFate,
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

use super::*;

mod chain;
mod conflicts;
mod hub;
mod leases;
mod passes;
mod rules;

const NOW: TimeInterval = TimeInterval::exact(UnixMillis(1_000));

/// Serial 0 allows one admission, serial 1 two, serial 2 any number.
fn state() -> EventState {
    let mut state = EventState::new(InstallationId([1; 16]), EventId(1), Epoch(1));
    for (serial, entries) in [(0, 1), (1, 2), (2, 0)] {
        let fingerprints = vec![Fingerprint([7; 8])];
        let (first, ticket_type) = (Serial(serial), TypeId(1));
        let body = LedgerBody::Issued {
            first,
            ticket_type,
            entries,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        };
        state.append(body, NOW).unwrap();
    }
    state
}

const fn right(serial: u32) -> RightRef {
    RightRef {
        event: EventId(1),
        serial: Serial(serial),
        generation: Generation(1),
        fingerprint: Fingerprint([7; 8]),
    }
}

const fn entry(device: u32, number: u64, body: JournalBody) -> JournalEntry {
    JournalEntry {
        device: DeviceId(device),
        gate: GateId(1),
        operator: OperatorId(0),
        epoch: Epoch(1),
        number,
        previous: [0; 32],
        at: NOW,
        body,
    }
}

const fn redeemed(serial: u32, key: u8, kind: UseKind, count: u8) -> JournalBody {
    let authority = Authority::Alone;
    JournalBody::Redeemed {
        right: right(serial),
        kind,
        count,
        claim: ClaimKey([key; 16]),
        authority,
        by_hand: false,
    }
}

const fn enters(serial: u32, key: u8) -> JournalBody {
    redeemed(serial, key, UseKind::Entry, 1)
}

/// The gate that a device was enrolled for.
fn gate_of(device: DeviceId) -> GateId {
    GateId(10 + u16::try_from(device.0).unwrap())
}

/// Takes an entry in, appends, and gives its fate and the kinds appended.
fn take(state: &mut EventState, entry: &JournalEntry) -> (EntryFate, Vec<&'static str>) {
    let acceptance = accept_entry(
        state,
        &kaisatsu_fixtures::three::rules_of(&serde_json::json!([])),
        entry,
        gate_of(entry.device),
    );
    let kinds = acceptance.append.iter().map(LedgerBody::name).collect();
    for body in acceptance.append {
        let (_, bytes) = state.append(body, NOW).unwrap();
        assert!(LedgerEntry::decode(&bytes).is_ok(), "what is appended can be read again");
    }
    (acceptance.fate, kinds)
}

fn conflict_of(state: &EventState, serial: u32) -> Vec<u64> {
    state.right(Serial(serial)).map(|right| right.conflict.clone()).unwrap_or_default()
}

#[test]
fn a_use_is_recorded_once_and_confirms_its_grant() {
    let mut state = state();
    let first = entry(1, 1, enters(0, 1));
    state.append(LedgerBody::Granted(first.redeemed().unwrap()), NOW).unwrap();
    assert_eq!(take(&mut state, &first), (EntryFate::Accepted, vec!["redeemed"]));
    let right = state.right(Serial(0)).unwrap();
    assert_eq!((right.entered(), right.claimed()), (1, 1));
    assert_eq!(take(&mut state, &first), (EntryFate::AlreadyKnown, vec![]));
    assert!(conflict_of(&state, 0).is_empty());
}

#[test]
fn uses_that_exceed_the_right_are_all_recorded_and_named() {
    let mut state = state();
    for (device, serial, kind, count, conflict) in [
        (1, 0, UseKind::Entry, 1, false),
        (2, 0, UseKind::Exit, 1, false),
        (3, 0, UseKind::Entry, 1, true),
        (4, 0, UseKind::Entry, 1, true),
        (5, 1, UseKind::Entry, 1, false),
        (6, 1, UseKind::Entry, 2, true),
        (7, 2, UseKind::Entry, 200, false),
        (8, 2, UseKind::Entry, 200, false),
    ] {
        let key = u8::try_from(device).unwrap();
        let (fate, kinds) = take(&mut state, &entry(device, 1, redeemed(serial, key, kind, count)));
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "device {device}");
        assert_eq!(kinds.contains(&"conflict_found"), conflict, "device {device}");
        assert!(kinds.contains(&"redeemed"), "device {device}");
    }
    let named = conflict_of(&state, 0);
    let redemptions = &state.right(Serial(0)).unwrap().redemptions;
    assert_eq!(named, redemptions.iter().map(|one| one.sequence).collect::<Vec<_>>());
    assert_eq!(redemptions.len(), 4);
}

#[test]
fn the_device_in_conflict_learns_of_the_others() {
    let mut state = state();
    take(&mut state, &entry(1, 1, enters(0, 1)));
    let (fate, _) = take(&mut state, &entry(2, 1, enters(0, 2)));
    let EntryFate::Conflict { with } = fate else { panic!("{fate:?}") };
    assert_eq!(with.iter().map(|one| one.device).collect::<Vec<_>>(), [DeviceId(1)]);
}

#[test]
fn a_ticket_recorded_thousands_of_times_makes_no_endless_entries() {
    let mut state = state();
    for number in 1..=1_000 {
        let _ = take(&mut state, &entry(1, number, enters(0, 1)));
    }
    assert_eq!(state.right(Serial(0)).map(Right::entered), Some(1_000));
    assert_eq!(conflict_of(&state, 0).len(), 256);
}

#[test]
fn superseded_and_differing_tickets_count_all_the_same() {
    let mut state = state();
    let mut other = right(0);
    (other.generation, other.fingerprint) = (Generation(9), Fingerprint([9; 8]));
    let body = JournalBody::Redeemed {
        right: other,
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([1; 16]),
        authority: Authority::Alone,
        by_hand: false,
    };
    assert_eq!(take(&mut state, &entry(1, 1, body)).0, EntryFate::Accepted);
    assert_eq!(state.right(Serial(0)).map(Right::entered), Some(1));
}

#[test]
fn entries_that_fit_nothing_are_set_apart() {
    let mut state = state();
    let before = state.clone();
    let mut elsewhere = right(0);
    elsewhere.event = EventId(2);
    for right in [elsewhere, right(3)] {
        let (claim, device) = (ClaimKey([1; 16]), DeviceId(1));
        let (kind, authority) = (UseKind::Entry, Authority::Alone);
        for body in [
            JournalBody::Redeemed { right, kind, count: 1, claim, authority, by_hand: false },
            JournalBody::Abandoned { claim, right },
            JournalBody::Interrupted { number: 1, right },
            JournalBody::Answered { device, number: 1, right, let_in: true },
            JournalBody::Annulled { device, number: 1, right },
            JournalBody::Overridden {
                right,
                count: 1,
                code: ReasonCode::Expired,
                reason: OverrideReason::Known,
            },
        ] {
            let fate = take(&mut state, &entry(1, 1, body));
            assert_eq!(fate, (EntryFate::Quarantined, vec![]), "{body:?}");
        }
    }
    assert_eq!(state, before);
}

#[test]
fn an_abandonment_frees_the_own_grant_only() {
    let mut state = state();
    let granted = entry(1, 1, enters(0, 1)).redeemed().unwrap();
    state.append(LedgerBody::Granted(granted), NOW).unwrap();
    let gives_up = JournalBody::Abandoned { claim: ClaimKey([1; 16]), right: right(0) };
    assert_eq!(take(&mut state, &entry(2, 1, gives_up)), (EntryFate::Accepted, vec![]));
    assert_eq!(state.right(Serial(0)).map(Right::claimed), Some(1));
    assert_eq!(take(&mut state, &entry(1, 1, gives_up)), (EntryFate::Accepted, vec!["abandoned"]));
    assert_eq!(state.right(Serial(0)).map(Right::claimed), Some(0));
    assert_eq!(take(&mut state, &entry(1, 2, gives_up)), (EntryFate::Accepted, vec![]));
}

#[test]
fn an_interruption_waits_for_its_answer_and_a_second_admission_is_a_conflict() {
    let interrupted = entry(1, 2, JournalBody::Interrupted { number: 1, right: right(0) });
    let answer = |device, let_in| {
        let (number, right) = (1, right(0));
        entry(device, 1, JournalBody::Answered { device: DeviceId(1), number, right, let_in })
    };
    for (first, second, conflict) in
        [(true, true, false), (true, false, true), (false, true, false), (false, false, true)]
    {
        let mut state = state();
        take(&mut state, &entry(1, 1, enters(0, 1)));
        assert_eq!(take(&mut state, &interrupted).1, ["interrupted"]);
        assert_eq!(state.right(Serial(0)).unwrap().interrupted, [(DeviceId(1), 1)]);
        assert_eq!(take(&mut state, &answer(2, first)), (EntryFate::Accepted, vec!["answered"]));
        assert_eq!(state.right(Serial(0)).unwrap().interrupted, []);
        let (fate, _) = take(&mut state, &answer(3, second));
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{first} {second}");
        assert_eq!(!conflict_of(&state, 0).is_empty(), conflict, "{first} {second}");
        // The interruption is settled; its entry coming once more changes nothing.
        assert_eq!(take(&mut state, &interrupted), (EntryFate::Accepted, vec![]));
        assert_eq!(state.right(Serial(0)).unwrap().interrupted, []);
    }
}

#[test]
fn a_second_admission_after_an_interrupted_answer_is_a_conflict_that_names_both_gates() {
    let mut state = state();
    let answer = |device, number, of: (u32, u64)| {
        let (of, right) = ((DeviceId(of.0), of.1), right(0));
        let body = JournalBody::Answered { device: of.0, number: of.1, right, let_in: false };
        entry(device, number, body)
    };
    take(&mut state, &entry(1, 1, enters(0, 1)));
    take(&mut state, &entry(1, 2, JournalBody::Interrupted { number: 1, right: right(0) }));
    // Gate 2 lets the guest in, and stops before its light is known to be seen.
    take(&mut state, &answer(2, 1, (1, 1)));
    take(&mut state, &entry(2, 2, JournalBody::Interrupted { number: 1, right: right(0) }));
    assert_eq!(state.right(Serial(0)).unwrap().interrupted, [(DeviceId(2), 1)]);
    assert_eq!(take(&mut state, &answer(3, 1, (2, 1))).0, EntryFate::Accepted);
    let (fate, kinds) = take(&mut state, &answer(4, 1, (2, 1)));
    assert_eq!(kinds, ["answered", "conflict_found"]);
    let EntryFate::Conflict { with } = fate else { panic!("{fate:?}") };
    let gates: Vec<_> = with.iter().map(|used| used.gate).collect();
    assert_eq!(gates, [gate_of(DeviceId(3))]);
    let conflict = state.conflicts().next().unwrap();
    let asked: Vec<_> = conflict.answers.iter().map(|answer| answer.by.gate).collect();
    assert_eq!(asked, [2, 3, 4].map(|device| gate_of(DeviceId(device))));
}

#[test]
fn a_use_that_exceeds_too_takes_no_answer_out_of_the_conflict() {
    let mut state = state();
    take(&mut state, &entry(1, 1, enters(0, 1)));
    let answer = |device| {
        let (number, right, let_in) = (1, right(0), false);
        entry(device, 1, JournalBody::Answered { device: DeviceId(1), number, right, let_in })
    };
    take(&mut state, &answer(2));
    take(&mut state, &answer(3));
    let found = conflict_of(&state, 0);
    let answers = state.right(Serial(0)).unwrap().answers.iter();
    assert_eq!(answers.filter(|answer| found.contains(&answer.sequence)).count(), 2);
    take(&mut state, &entry(4, 1, enters(0, 4)));
    let after = conflict_of(&state, 0);
    assert!(found.iter().all(|sequence| after.contains(sequence)), "{found:?} {after:?}");
    assert_eq!(after.len(), 4);
}

#[test]
fn interruptions_of_several_devices_wait_side_by_side() {
    let mut state = state();
    for device in [1, 2] {
        take(&mut state, &entry(device, 1, enters(1, u8::try_from(device).unwrap())));
        let body = JournalBody::Interrupted { number: 1, right: right(1) };
        take(&mut state, &entry(device, 2, body));
    }
    let open = |state: &EventState| state.right(Serial(1)).unwrap().interrupted.clone();
    assert_eq!(open(&state), [(DeviceId(1), 1), (DeviceId(2), 1)]);
    let (number, right) = (1, right(1));
    let body = JournalBody::Answered { device: DeviceId(1), number, right, let_in: true };
    take(&mut state, &entry(2, 3, body));
    assert_eq!(open(&state), [(DeviceId(2), 1)]);
}

#[test]
fn gate_and_authority_are_what_the_server_knows_not_what_the_entry_says() {
    let claims_grant = |key| {
        let JournalBody::Redeemed { right, kind, count, claim, .. } = enters(0, key) else {
            panic!("not a use")
        };
        entry(
            1,
            1,
            JournalBody::Redeemed {
                right,
                kind,
                count,
                claim,
                authority: Authority::Server,
                by_hand: false,
            },
        )
    };
    for granted in [false, true] {
        let mut state = state();
        let used = claims_grant(1).redeemed().unwrap();
        if granted {
            state.append(LedgerBody::Granted(used), NOW).unwrap();
        }
        take(&mut state, &claims_grant(1));
        let recorded = state.right(Serial(0)).unwrap().redemptions[0].used;
        assert_eq!(recorded.gate, gate_of(DeviceId(1)));
        let expected = if granted { Authority::Server } else { Authority::Alone };
        assert_eq!(recorded.authority, expected);
    }
}

#[test]
fn marks_and_refusals_are_kept_without_effect() {
    let mut state = state();
    let before = state.clone();
    let code = ReasonCode::AlreadyUsed;
    for body in [
        JournalBody::Shown { number: 1 },
        JournalBody::Refused { code, right: Some(right(0)) },
        JournalBody::Refused { code, right: None },
    ] {
        assert_eq!(take(&mut state, &entry(1, 1, body)), (EntryFate::Accepted, vec![]));
    }
    assert_eq!(state, before);
}

/// Annuls the use that device 1 recorded as entry 1.
fn annuls(device: u32, number: u64, operator: u32, at: u64) -> JournalEntry {
    let body = JournalBody::Annulled { device: DeviceId(1), number: 1, right: right(0) };
    let at = TimeInterval::exact(UnixMillis(at));
    JournalEntry { operator: OperatorId(operator), at, ..entry(device, number, body) }
}

#[test]
fn only_who_may_takes_a_use_back_and_only_once() {
    let soon = 1_000 + 120_000;
    for (device, operator, at, fate) in [
        // The device that recorded it, while it is fresh and by the same operator.
        (1, 0, soon, EntryFate::Accepted),
        (1, 0, soon + 1, EntryFate::Quarantined),
        (1, 1, soon, EntryFate::Quarantined),
        (2, 0, soon, EntryFate::Quarantined),
        // A lead.
        (1, 2, soon + 1, EntryFate::Accepted),
        (2, 2, soon + 1, EntryFate::Accepted),
        // Nobody knows this operator.
        (2, 3, soon, EntryFate::Quarantined),
    ] {
        let mut state = state();
        take(&mut state, &entry(1, 1, enters(0, 1)));
        let entry = annuls(device, 2, operator, at);
        let accepted = fate == EntryFate::Accepted;
        let kinds = if accepted { vec!["annulled"] } else { vec![] };
        assert_eq!(take(&mut state, &entry), (fate, kinds), "{device} {operator} {at}");
        let right = state.right(Serial(0)).unwrap();
        assert_eq!((right.entered(), right.redemptions.len()), (u32::from(!accepted), 1));
        if accepted {
            assert_eq!(take(&mut state, &entry), (EntryFate::AlreadyKnown, vec![]));
        }
    }
    // A use that nobody recorded.
    let mut state = state();
    assert_eq!(take(&mut state, &annuls(1, 2, 2, soon)).0, EntryFate::Quarantined);
}

#[test]
fn an_override_is_recorded_apart_and_uses_nothing() {
    let mut state = state();
    let (code, reason) = (ReasonCode::AlreadyUsed, OverrideReason::Courtesy);
    let body = JournalBody::Overridden { right: right(0), count: 2, code, reason };
    let entry = JournalEntry { operator: OperatorId(2), ..entry(1, 7, body) };
    assert_eq!(take(&mut state, &entry), (EntryFate::Accepted, vec!["overridden"]));
    let right = state.right(Serial(0)).unwrap();
    assert_eq!((right.entered(), right.overrides.len()), (0, 1));
    let told = right.overrides[0];
    assert_eq!((told.number, told.count, told.by.operator), (7, 2, OperatorId(2)));
    assert_eq!(told.by.gate, gate_of(DeviceId(1)));
}
