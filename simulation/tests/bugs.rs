//! Each planted fault is caught by the seed that is known to catch it: the checks can fail.

use std::collections::BTreeSet;

use kaisatsu_simulation::{
    Plan,
    bugs::{ALL, caught_by},
    check::Check,
    run, sign_with_stand_ins,
};

#[test]
fn each_planted_fault_is_caught() {
    sign_with_stand_ins(true);
    let mut checks: BTreeSet<Check> = BTreeSet::new();
    for bug in ALL {
        let plain = run(&Plan::of(bug.first), None, false);
        assert_eq!(plain.trouble, None, "seed {}", bug.first);
        let caught = caught_by(bug.first, bug);
        assert!(caught.is_some(), "seed {} doesn't catch: {}", bug.first, bug.name);
        checks.extend(caught);
    }
    // Not all by the same few checks.
    assert!(ALL.len() >= 20 && checks.len() >= 10, "{checks:?}");
}

#[test]
fn a_fault_is_planted_only_while_it_is_asked_for() {
    sign_with_stand_ins(true);
    let plan = Plan::of(0);
    let before = run(&plan, None, false).fingerprint;
    for bug in ALL {
        assert!(caught_by(bug.first, bug).is_some());
        assert_eq!(run(&plan, None, false).fingerprint, before, "after {}", bug.name);
    }
}
