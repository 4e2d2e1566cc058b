//! Passes on which coming back doesn't count: what was recorded late is judged where it happened.

use super::*;

/// Takes uses of ticket 0 in, each by a device of its own, in this order: which way, and from when until
/// when it can have been. Gives which of them made a conflict.
fn conflicts(uses: &[(UseKind, u64, u64)]) -> Vec<usize> {
    let types = serde_json::json!([{
        "id": 1, "name": {"ja": "", "en": "Pass"}, "entries": 1, "display": "static", "gates": [],
        "admission": {"presence": {"reentry": "after_exit"}},
    }]);
    let rules = kaisatsu_fixtures::three::rules_of(&types);
    let mut state = state();
    let mut found = Vec::new();
    for (place, (kind, earliest, latest)) in uses.iter().enumerate() {
        let number = u8::try_from(place).unwrap() + 1;
        let at = TimeInterval { earliest: UnixMillis(*earliest), latest: UnixMillis(*latest) };
        let body = redeemed(0, number, *kind, 1);
        let entry = JournalEntry { at, ..entry(number.into(), 1, body) };
        let acceptance = accept_entry(&state, &rules, &entry, gate_of(entry.device));
        if let EntryFate::Conflict { .. } = acceptance.fate {
            found.push(place);
        }
        for body in acceptance.append {
            state.append(body, NOW).unwrap();
        }
    }
    found
}

#[test]
fn a_double_entry_is_found_although_the_exit_was_recorded_first() {
    use UseKind::{Entry, Exit};
    // The second gate was cut off: its guest came in while the first one's was inside.
    let at = |kind, at| (kind, at, at);
    assert_eq!(conflicts(&[at(Entry, 20), at(Exit, 30), at(Entry, 10)]), [2]);
    assert_eq!(conflicts(&[at(Exit, 30), at(Entry, 10), at(Entry, 20)]), [2]);
    // It makes the one that was recorded before exceed.
    assert_eq!(conflicts(&[at(Entry, 20), at(Entry, 10)]), [1]);
}

#[test]
fn who_came_back_is_no_double_although_the_first_entry_was_recorded_last() {
    use UseKind::{Entry, Exit};
    let at = |kind, at| (kind, at, at);
    assert_eq!(conflicts(&[at(Exit, 20), at(Entry, 30), at(Entry, 10)]), [0_usize; 0]);
    // At its boundary: as soon as the entry can have been after the exit, the order recorded counts.
    assert_eq!(conflicts(&[(Exit, 20, 20), (Entry, 30, 30), (Entry, 10, 19)]), [0_usize; 0]);
    assert_eq!(conflicts(&[(Exit, 20, 20), (Entry, 30, 30), (Entry, 10, 20)]), [2]);
    assert_eq!(conflicts(&[(Exit, 20, 20), (Entry, 30, 30), (Entry, 10, 30)]), [2]);
}
