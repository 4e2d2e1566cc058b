//! The venue's hub: which gate it is, how the links to it are, what it is leased, and what breaks of it.

mod crowd;
pub(super) mod fetching;

use kaisatsu_shared::bundle::Policy;

use super::{Breakdown, Broken, Deed, DeedKind, Moment, Plan, Way, Weather};
use crate::{
    draw::Draw,
    schedule::{HOUR, MILLI, SECOND},
};

/// The venue's hub.
#[derive(Clone, Copy, Debug)]
pub struct HubPlan {
    /// The gate that it is.
    pub gate: usize,
    /// The links to it.
    pub lan: Weather,
}

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    if plan.gates.len() < 2 || !draw.chance(340) {
        return;
    }
    let gate = draw.place(plan.gates.len());
    plan.hub = Some(HubPlan { gate, lan: lan(draw) });
    if plan.policy == Policy::Strict {
        leases(plan, draw, gate);
    }
    breakdowns(plan, draw, gate);
    if draw.chance(850) {
        crowd::draw(plan, draw, gate);
    }
    plan.deeds.sort_by_key(|deed| deed.at);
    plan.visits.sort_by_key(|visit| visit.at);
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
}

fn lan(draw: &mut Draw) -> Weather {
    let rough = draw.chance(300);
    Weather {
        drop: if rough { draw.below(200) } else { 0 },
        duplicate: if rough { draw.below(100) } else { 0 },
        delay: if draw.chance(850) { (1_000, 12_000) } else { (5_000, 450_000) },
    }
}

/// Mostly the hub has all leases, or most; it may be asked for them, or close.
fn leases(plan: &mut Plan, draw: &mut Draw, hub: usize) {
    if draw.chance(750) {
        plan.deeds.push(Deed { at: 0, kind: DeedKind::Lease(Some(hub)) });
    }
    for _ in 0..draw.below(3) {
        let at = draw.below(plan.heals);
        let kind = match draw.below(8) {
            0..3 => DeedKind::Recall(Some(hub)),
            3..5 => DeedKind::CloseLane(hub),
            5..7 => DeedKind::Lease(Some(hub)),
            _ => DeedKind::Revoke(hub),
        };
        plan.deeds.push(Deed { at, kind });
    }
}

/// What breaks of the hub and of the way to it, beside what breaks of any gate.
fn breakdowns(plan: &mut Plan, draw: &mut Draw, hub: usize) {
    for _ in 0..draw.below(4) {
        let way = draw.pick(&[Way::Both, Way::Both, Way::Up, Way::Down], Way::Both);
        let gate = if draw.chance(300) { None } else { Some(draw.place(plan.gates.len())) };
        let longest = if draw.chance(300) { plan.heals } else { 20 * SECOND };
        let lasts = draw.between(SECOND, longest.min(8 * HOUR));
        add(plan, draw, lasts, Broken::Lan(gate, way));
    }
    for _ in 0..draw.below(4) {
        let moments = [Moment::BeforeWrite, Moment::BeforeReport, Moment::BeforeEffect];
        let moment = draw.pick(&moments, Moment::BeforeReport);
        let killed = draw.chance(200);
        let broken = if killed { Broken::Gate(hub) } else { Broken::GateAt(hub, moment) };
        let lasts = draw.between(200 * MILLI, 10 * SECOND);
        add(plan, draw, lasts, broken);
    }
    if draw.chance(150) {
        let broken = draw.pick(
            &[Broken::GateDisk(hub), Broken::GateFills(hub), Broken::GateSync(hub)],
            Broken::GateDisk(hub),
        );
        let lasts = draw.between(SECOND, 20 * SECOND);
        add(plan, draw, lasts, broken);
    }
    if draw.chance(100) {
        let off = draw.pick(&[3_600_000, -3_600_000, -40_000, 90_000], 3_600_000);
        add(plan, draw, SECOND, Broken::SystemClock(hub, off));
    }
    if draw.chance(80) {
        let broken = draw.pick(
            &[Broken::RolledBack(hub), Broken::Cloned(hub), Broken::Lost(hub)],
            Broken::Lost(hub),
        );
        let lasts = draw.between(SECOND, plan.heals.max(2 * SECOND));
        add(plan, draw, lasts, broken);
    }
}

fn add(plan: &mut Plan, draw: &mut Draw, lasts: u64, broken: Broken) {
    let from = draw.below(plan.heals);
    plan.breakdowns.push(Breakdown { from, until: from.saturating_add(lasts), broken });
}
