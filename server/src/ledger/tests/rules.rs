//! Conflicts by the rules: as they are when a use is recorded, and by times that are known.

use serde_json::{Value, json};

use super::*;
use kaisatsu_fixtures::three::rules_of;

/// A day in milliseconds; the event's days begin at midnight, UTC.
const DAY: u64 = 86_400_000;

/// Takes a use of the ticket without limit in; whether it is a conflict by these rules.
fn conflicts(state: &mut EventState, admission: &Value, device: u32, at: TimeInterval) -> bool {
    let key = u8::try_from(device).unwrap();
    let used = JournalEntry { at, ..entry(device, 1, enters(2, key)) };
    let rules = rules_of(&json!([{
        "id": 1, "name": {"ja": "", "en": ""}, "entries": 0, "display": "static", "gates": [],
        "admission": admission,
    }]));
    let acceptance = accept_entry(state, &rules, &used, gate_of(used.device));
    let found = matches!(acceptance.fate, EntryFate::Conflict { .. });
    assert_eq!(acceptance.append.iter().any(|body| body.name() == "conflict_found"), found);
    for body in acceptance.append {
        state.append(body, NOW).unwrap();
    }
    found
}

const fn at(millis: u64) -> TimeInterval {
    TimeInterval::exact(UnixMillis(millis))
}

const fn between(earliest: u64, latest: u64) -> TimeInterval {
    TimeInterval { earliest: UnixMillis(earliest), latest: UnixMillis(latest) }
}

#[test]
fn a_use_is_judged_by_the_rules_that_held_when_it_was_recorded() {
    let (free, daily) = (json!({}), json!({"limits": {"per_day": 1}}));
    let mut state = state();
    for device in 1..=3 {
        assert!(!conflicts(&mut state, &free, device, at(DAY + u64::from(device))));
    }
    // Stricter rules accuse nobody of what is recorded already; the next use is judged by them.
    assert!(!conflicts(&mut state, &daily, 4, at(2 * DAY)));
    assert!(conflict_of(&state, 2).is_empty());
    assert!(conflicts(&mut state, &daily, 5, at(2 * DAY + 1)));
    let named = conflict_of(&state, 2);
    assert_eq!(named.len(), 5);
    // Rules that are loosened later don't take it back.
    assert!(!conflicts(&mut state, &free, 6, at(2 * DAY + 2)));
    assert_eq!(conflict_of(&state, 2), named);
}

#[test]
fn an_uncertain_time_makes_no_conflict_by_itself() {
    let daily = json!({"limits": {"per_day": 1}});
    let within_the_day = between(DAY, 2 * DAY - 1);
    let over_midnight = between(2 * DAY - 1, 2 * DAY);
    let unproven = between(DAY, u64::MAX);
    for (first, second, expected) in [
        (at(DAY), at(2 * DAY - 1), true),
        (at(DAY), at(2 * DAY), false),
        (at(DAY), within_the_day, true),
        (within_the_day, at(DAY), true),
        (at(DAY), over_midnight, false),
        (over_midnight, at(DAY), false),
        (over_midnight, at(2 * DAY), false),
        (at(DAY), unproven, false),
        (unproven, at(DAY), false),
        (unproven, unproven, false),
    ] {
        let mut state = state();
        assert!(!conflicts(&mut state, &daily, 1, first));
        assert_eq!(conflicts(&mut state, &daily, 2, second), expected, "{first:?} {second:?}");
        let recorded = &state.right(Serial(2)).unwrap().redemptions;
        assert_eq!(recorded.len(), 2, "it is recorded all the same");
    }
}
