//! What the venue's hub is for, and that seeds of every policy have one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use kaisatsu_shared::{bundle::Policy, id::Serial, reason::ReasonCode};
use kaisatsu_simulation::{
    Plan,
    plan::{Breakdown, Broken, Deed, DeedKind, Leases, Ordinary, Visit, Way},
    record::Scan,
    run,
    schedule::SECOND,
    sign_with_stand_ins,
};

const LANES: u32 = 4;

/// An evening of four lanes that are cut off from the server.
fn evening(policy: Policy, hub: bool) -> Plan {
    sign_with_stand_ins(true);
    let (delay, hub) = ((1_000, 12_000), hub.then_some(Leases::Lanes));
    let plan = Plan::ordinary(1, Ordinary { lanes: LANES, delay, know: 0, cut: true, hub });
    Plan { policy, ..plan }
}

/// How many guests' first tries ended how, while the lanes were cut off.
fn verdicts(plan: &Plan) -> BTreeMap<ReasonCode, usize> {
    let outcome = run(plan, None, false);
    assert_eq!(outcome.trouble, None);
    let mut count = BTreeMap::new();
    for (_, code) in outcome.scans.iter().filter_map(|scan| scan.ended) {
        *count.entry(code).or_default() += 1;
    }
    count
}

fn all_leased_to_the_hub(plan: &mut Plan) {
    plan.deeds = vec![Deed { at: SECOND, kind: DeedKind::Lease(Some(0)) }];
}

#[test]
fn cut_off_every_lane_admits_by_the_hub_that_holds_the_leases() {
    let mut plan = evening(Policy::Strict, true);
    all_leased_to_the_hub(&mut plan);
    let with_hub = verdicts(&plan);
    assert_eq!(with_hub.keys().copied().collect::<Vec<_>>(), [ReasonCode::Admitted]);
    // Without it, only the lane that holds them.
    plan.hub = None;
    let without = verdicts(&plan);
    assert!(without[&ReasonCode::LaneSilent] > 120, "{without:?}");
    // A hub that nobody reaches helps nobody.
    let mut alone = evening(Policy::Strict, true);
    all_leased_to_the_hub(&mut alone);
    let broken = Broken::Lan(None, Way::Both);
    alone.breakdowns.push(Breakdown { from: 2 * SECOND, until: alone.heals, broken });
    assert!(verdicts(&alone)[&ReasonCode::LaneSilent] > 120);
    // What isn't leased to it is nobody's to grant.
    let mut unleased = evening(Policy::Strict, true);
    unleased.deeds.clear();
    let needed = verdicts(&unleased);
    assert_eq!(needed.keys().copied().collect::<Vec<_>>(), [ReasonCode::ServerNeeded]);
}

#[test]
fn cut_off_the_hub_fetches_what_other_lanes_hold_and_nobody_is_sent_there() {
    let outcome = run(&evening(Policy::Strict, true), None, false);
    assert_eq!(outcome.trouble, None);
    let ended = outcome.scans.iter().filter_map(|scan| Some((scan, scan.ended?.1)));
    let all: Vec<_> = ended.collect();
    assert!(all.len() > 220 && all.iter().all(|(_, code)| *code == ReasonCode::Admitted));
    // Of four guests one stands at the lane of their ticket, one at another lane with a ticket of the hub's.
    let some = |what: &dyn Fn(&Scan) -> bool| all.iter().filter(|(scan, _)| what(scan)).count();
    let (asked, waited) = (some(&|scan| scan.by_hub), some(&|scan| scan.waited));
    assert!(asked > 120 && asked < all.len(), "{asked} of {}", all.len());
    assert!(waited > 90 && waited < all.len(), "{waited} of {}", all.len());
}

#[test]
fn online_only_stays_so_with_a_hub() {
    let plan = Plan { deeds: Vec::new(), ..evening(Policy::OnlineOnly, true) };
    let all = verdicts(&plan);
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), [ReasonCode::ServerNeeded]);
}

#[test]
fn cut_off_gates_know_of_each_other_through_the_hub() {
    let twice = |hub| {
        let mut plan = evening(Policy::Available, hub);
        plan.deeds.clear();
        // Everybody goes on to the next lane two seconds later.
        let later = |visit: &Visit| Visit {
            at: visit.at + 2 * SECOND,
            gate: (visit.gate + 1) % LANES as usize,
            ..*visit
        };
        let again: Vec<_> = plan.visits.iter().map(later).collect();
        plan.visits.extend(again);
        plan.visits.sort_by_key(|visit| visit.at);
        let outcome = run(&plan, None, false);
        assert_eq!(outcome.trouble, None);
        outcome.counts.doubles
    };
    assert!(twice(false) > 120);
    assert_eq!(twice(true), 0);
}

#[test]
fn seeds_of_every_policy_have_hubs_and_what_breaks_of_them() {
    let plans: Vec<_> = (0..400).map(Plan::of).filter(|plan| plan.hub.is_some()).collect();
    let of = |policy| plans.iter().filter(|plan| plan.policy == policy).count();
    for policy in [Policy::Available, Policy::Strict, Policy::OnlineOnly] {
        assert!(of(policy) > 5, "{policy:?}");
    }
    let hub = |plan: &Plan| plan.hub.unwrap().gate;
    let some = |what: &dyn Fn(&Plan) -> bool| plans.iter().filter(|plan| what(plan)).count();
    let breaks = |what: &dyn Fn(usize, Broken) -> bool| {
        some(&|plan| plan.breakdowns.iter().any(|it| what(hub(plan), it.broken)))
    };
    assert!(breaks(&|_, broken| matches!(broken, Broken::Lan(..))) > 30);
    assert!(breaks(&|hub, broken| matches!(broken, Broken::GateAt(gate, _) if gate == hub)) > 30);
    assert!(breaks(&|hub, broken| broken == Broken::Cloned(hub)) > 0);
    assert!(breaks(&|hub, broken| broken == Broken::RolledBack(hub)) > 0);
    assert!(breaks(&|hub, broken| broken == Broken::Lost(hub)) > 0);
    let leased =
        |plan: &Plan| plan.deeds.iter().any(|deed| deed.kind == DeedKind::Lease(Some(hub(plan))));
    assert!(some(&leased) > 10);
}

#[test]
fn a_story_tells_of_the_hub() {
    let mut plan = evening(Policy::Strict, true);
    all_leased_to_the_hub(&mut plan);
    plan.visits.retain(|visit| visit.at < 30 * SECOND);
    plan.visits.truncate(8);
    let story = run(&plan, None, true).story.join("\n");
    for line in ["sees the hub", "asks the hub for ticket", "claims ticket"] {
        assert!(story.contains(line), "{line}");
    }
    assert!(
        plan.serials().any(|Serial(serial)| story.contains(&format!("ticket {serial}: granted")))
    );
}
