//! What tests of many seeds share.

use kaisatsu_simulation::{Plan, run, summary::Summary};

/// Runs seeds; nothing may go wrong in any.
pub(crate) fn seeds(range: std::ops::Range<u64>) {
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
