//! Two thousand seeds, and that a seed is always the same.

use kaisatsu_simulation::{Plan, run, summary::Summary};

/// Runs seeds; nothing may go wrong in any.
fn seeds(range: std::ops::Range<u64>) {
    let mut summary = Summary::default();
    for seed in range {
        let outcome = run(&Plan::of(seed), None, false);
        assert_eq!(outcome.trouble, None, "seed {seed}: see `./x simulate --seed {seed}`");
        summary.add(&outcome);
    }
    let counts = summary.counts;
    assert!(counts.doubles * 100 > summary.seeds, "the faults are too tame: {counts:?}");
    assert_eq!((counts.doubles, counts.lost, counts.forks), (counts.found, 0, counts.told));
}

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
