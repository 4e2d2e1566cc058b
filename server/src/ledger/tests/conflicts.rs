//! What is a conflict, whatever the order in which gates deliver, and what it names.

use kaisatsu_shared::{id::LeaseId, lease::Serials};

use super::*;

#[test]
fn taking_a_use_back_hides_no_conflict() {
    let used_at = |device, key, at| {
        let at = TimeInterval::exact(UnixMillis(at));
        JournalEntry { at, ..entry(device, 1, enters(0, key)) }
    };
    // Gate 2, cut off, had let somebody in before gate 1 took its own use back, or after it.
    for (at, conflict) in [(1_500, true), (1_999, true), (2_000, false)] {
        let mut state = state();
        take(&mut state, &used_at(1, 1, 1_000));
        assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
        let (fate, _) = take(&mut state, &used_at(2, 2, at));
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{at}");
    }
    // Granted after it was taken back, by a gate whose clock is a little behind.
    {
        let mut state = state();
        take(&mut state, &used_at(1, 1, 1_000));
        assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
        let JournalBody::Redeemed { right, kind, count, claim, .. } = enters(0, 3) else {
            panic!("not a use")
        };
        let authority = Authority::Server;
        let body = JournalBody::Redeemed { right, kind, count, claim, authority, by_hand: false };
        let at = TimeInterval::exact(UnixMillis(1_900));
        let granted = JournalEntry { at, ..entry(2, 1, body) };
        state.append(LedgerBody::Granted(granted.redeemed().unwrap()), NOW).unwrap();
        assert_eq!(take(&mut state, &granted).0, EntryFate::Accepted);
    }
    // Granted before anybody heard of the use that was taken back, and delivered after it: it happened
    // before that was taken back, or may have, or didn't.
    for (at, conflict) in [(1_900, true), (1_999, true), (2_000, false)] {
        let mut state = state();
        let JournalBody::Redeemed { right, kind, count, claim, .. } = enters(0, 3) else {
            panic!("not a use")
        };
        let authority = Authority::Server;
        let body = JournalBody::Redeemed { right, kind, count, claim, authority, by_hand: false };
        let at = TimeInterval::exact(UnixMillis(at));
        let granted = JournalEntry { at, ..entry(2, 1, body) };
        state.append(LedgerBody::Granted(granted.redeemed().unwrap()), NOW).unwrap();
        take(&mut state, &used_at(1, 1, 1_000));
        assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
        let (fate, _) = take(&mut state, &granted);
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{at:?}");
    }
    // Said again after a restore, the grant's place in the ledger tells nothing of what it knew.
    for (at, conflict) in [(1_500, true), (2_000, false)] {
        let mut state = state();
        state.enter_epoch(Epoch(2), NOW).unwrap();
        take(&mut state, &used_at(1, 1, 1_000));
        assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
        let JournalBody::Redeemed { right, kind, count, claim, .. } = enters(0, 3) else {
            panic!("not a use")
        };
        let authority = Authority::Server;
        let body = JournalBody::Redeemed { right, kind, count, claim, authority, by_hand: false };
        let at = TimeInterval::exact(UnixMillis(at));
        let granted = JournalEntry { at, ..entry(2, 1, body) };
        state.append(LedgerBody::Granted(granted.redeemed().unwrap()), NOW).unwrap();
        let (fate, _) = take(&mut state, &granted);
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{at:?}");
    }
    // A conflict that was found stays.
    let mut state = state();
    take(&mut state, &used_at(1, 1, 1_000));
    take(&mut state, &used_at(2, 2, 1_500));
    let found = conflict_of(&state, 0);
    assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
    assert_eq!((conflict_of(&state, 0), found.len()), (found, 2));
}

#[test]
fn taking_a_use_back_hides_no_conflict_with_a_grant_that_was_open_meanwhile() {
    let used = |device, key, at, authority| {
        let JournalBody::Redeemed { right, kind, count, claim, by_hand, .. } = enters(1, key)
        else {
            panic!("not a use")
        };
        let body = JournalBody::Redeemed { right, kind, count, claim, authority, by_hand };
        JournalEntry { at: TimeInterval::exact(UnixMillis(at)), ..entry(device, 1, body) }
    };
    // Of the ticket's two guests one is in and one is granted; a gate that is cut off lets a third in.
    for (back, conflict) in [(2_000, true), (1_400, false)] {
        let mut state = state();
        take(&mut state, &used(1, 1, 1_000, Authority::Alone));
        let granted = used(2, 2, 1_500, Authority::Server);
        state.append(LedgerBody::Granted(granted.redeemed().unwrap()), NOW).unwrap();
        take(&mut state, &used(3, 3, 1_600, Authority::Alone));
        let right = right(1);
        let body = JournalBody::Annulled { device: DeviceId(1), number: 1, right };
        let at = TimeInterval::exact(UnixMillis(back));
        let annuls = JournalEntry { at, ..entry(1, 2, body) };
        assert_eq!(take(&mut state, &annuls).0, EntryFate::Accepted);
        let (fate, _) = take(&mut state, &granted);
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{back}");
    }
}

#[test]
fn taking_a_use_back_hides_no_conflict_with_a_lease_s_holder_who_could_not_know() {
    // A server that was rolled back decided about a right that was leased; or the holder got it afterwards.
    for (leased_first, at, conflict) in
        [(true, 1_500, true), (true, 2_000, false), (false, 1_500, false)]
    {
        let mut state = state();
        let serials = Serials::one(Serial(0));
        let (lease, device, gate) = (LeaseId(1), DeviceId(4), GateId(3));
        let leased = LedgerBody::Leased { lease, device, gate, serials };
        if leased_first {
            state.append(leased.clone(), NOW).unwrap();
        }
        take(&mut state, &entry(1, 1, enters(0, 1)));
        assert_eq!(take(&mut state, &annuls(1, 2, 0, 2_000)).0, EntryFate::Accepted);
        if !leased_first {
            state.append(leased, NOW).unwrap();
        }
        let at = TimeInterval::exact(UnixMillis(at));
        let (fate, _) = take(&mut state, &JournalEntry { at, ..entry(4, 1, enters(0, 4)) });
        assert_eq!(matches!(fate, EntryFate::Conflict { .. }), conflict, "{at:?}");
    }
}

#[test]
fn who_is_let_in_by_a_second_answer_counts_for_later_uses() {
    let answer = |device, number, of: (u32, u64)| {
        let (of, right) = ((DeviceId(of.0), of.1), right(1));
        let body = JournalBody::Answered { device: of.0, number: of.1, right, let_in: false };
        entry(device, number, body)
    };
    // The interruption of the use itself, or that of an answer to it, is answered twice.
    for of_answer in [false, true] {
        let mut state = state();
        take(&mut state, &entry(1, 1, enters(1, 1)));
        let light = if of_answer {
            take(&mut state, &answer(2, 7, (1, 1)));
            (2, 7)
        } else {
            (1, 1)
        };
        take(&mut state, &answer(3, 1, light));
        let (fate, _) = take(&mut state, &answer(4, 1, light));
        assert!(matches!(fate, EntryFate::Conflict { .. }), "{of_answer}");
        let before = conflict_of(&state, 1);
        let (fate, _) = take(&mut state, &entry(5, 1, enters(1, 5)));
        assert!(matches!(fate, EntryFate::Conflict { .. }), "{of_answer}");
        let after = conflict_of(&state, 1);
        assert_eq!(after.len(), before.len() + 1, "{of_answer}");
    }
}
