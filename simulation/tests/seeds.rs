//! Two thousand seeds as the code is shipped, and that a seed is always the same.

mod common;

use common::seeds;
use kaisatsu_shared::reason::ReasonCode;
use kaisatsu_simulation::{Plan, plan::Ordinary, run};

#[test]
fn the_first_five_hundred_hold() {
    seeds(0..500);
}

#[test]
fn the_second_five_hundred_hold() {
    seeds(500..1_000);
}

#[test]
fn the_third_five_hundred_hold() {
    seeds(1_000..1_500);
}

#[test]
fn the_fourth_five_hundred_hold() {
    seeds(1_500..2_000);
}

#[test]
fn the_same_seed_has_the_same_fingerprint_whether_it_is_told_or_not() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let [first, again] = [false, true].map(|told| run(&Plan::of(seed), None, told));
        assert_eq!(first.fingerprint, again.fingerprint, "seed {seed}");
        assert_eq!(first.counts, again.counts, "seed {seed}");
        assert!(first.story.is_empty() && !again.story.is_empty());
        assert!(seen.insert(first.fingerprint), "seed {seed} is like another one");
    }
}

/// What guests get on an evening on which nothing breaks: who waits, and who gets which verdict.
fn evening(know: u64, cut: bool) -> (usize, Vec<ReasonCode>) {
    let ordinary = Ordinary { lanes: 4, delay: (1_000, 12_000), know, cut, hub: None };
    let outcome = run(&Plan::ordinary(1, ordinary), None, false);
    assert_eq!(outcome.trouble, None);
    let waited = outcome.scans.iter().filter(|scan| scan.waited).count();
    (waited, outcome.scans.iter().filter_map(|scan| Some(scan.ended?.1)).collect())
}

#[test]
fn on_an_ordinary_evening_rights_are_fetched_and_nobody_is_sent_away() {
    let everybody = vec![ReasonCode::Admitted; 240];
    assert_eq!(evening(1_000, false), (0, everybody.clone()));
    // Two who come to one lane at once are one scan.
    let (waited, codes) = evening(0, false);
    assert!(waited > 120 && codes.len() > 220, "{waited} of {}", codes.len());
    assert!(codes.iter().all(|code| *code == ReasonCode::Admitted));
    // Cut off, each lane admits its own.
    assert_eq!(evening(1_000, true), (0, everybody));
    let (waited, codes) = evening(0, true);
    let sent = codes.iter().filter(|code| **code == ReasonCode::LaneSilent).count();
    assert!(waited == 0 && sent > 120 && codes.len() > 220, "{sent} of {}", codes.len());
}
