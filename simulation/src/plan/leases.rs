//! Where the policy is `strict`: when rights are leased, asked for and handed back, and the moments at
//! which a lane and the server could both come to think that a right is theirs.

use kaisatsu_shared::bundle::Policy;

use super::{
    Breakdown, Broken, Deed, DeedKind, Mistake, Moment, Plan, Shows, Visit, Way,
    guests::{entrances, pick_serial},
};
use crate::{
    draw::Draw,
    schedule::{MILLI, MINUTE, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    if !draw.chance(350) {
        return;
    }
    plan.policy = Policy::Strict;
    // Mostly before the doors open, sometimes while guests are coming, sometimes never.
    if draw.chance(900) {
        let within = if draw.chance(800) { 3 * SECOND } else { plan.heals };
        let at = draw.below(within);
        plan.deeds.push(Deed { at, kind: DeedKind::Lease(None) });
    }
    for _ in 0..draw.below(5) {
        let at = draw.below(plan.heals);
        let gate = draw.place(plan.gates.len());
        let one = draw.chance(500).then_some(gate);
        let kind = match draw.below(10) {
            0..4 => DeedKind::Lease(one),
            4..7 => DeedKind::Recall(one),
            _ => DeedKind::CloseLane(gate),
        };
        plan.deeds.push(Deed { at, kind });
    }
    if draw.chance(600) {
        tight(plan, draw);
    }
    plan.deeds.sort_by_key(|deed| deed.at);
    plan.visits.sort_by_key(|visit| visit.at);
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
}

/// A lane that closes, stops, is revoked or writes at the wrong moment, then is cut off; guests who try
/// at another lane meanwhile and come back.
fn tight(plan: &mut Plan, draw: &mut Draw) {
    let entrances = entrances(plan, false);
    let lane = draw.pick(&entrances, 0);
    let others: Vec<_> = entrances.iter().copied().filter(|other| *other != lane).collect();
    if others.is_empty() {
        return;
    }
    let at = draw.between(3 * SECOND, plan.heals.saturating_sub(20 * SECOND).max(4 * SECOND));
    let after = |millis: u64| at.saturating_add(millis.saturating_mul(MILLI));
    let cut = |from, until| Breakdown { from, until, broken: Broken::Link(Some(lane), Way::Both) };
    let back = draw.between(8_000, 20_000);
    match draw.below(4) {
        0 => {
            plan.deeds.push(Deed { at, kind: DeedKind::CloseLane(lane) });
            plan.breakdowns.push(cut(after(1_200), after(60_000)));
            let broken = Broken::Gate(lane);
            plan.breakdowns.push(Breakdown { from: after(3_000), until: after(4_000), broken });
        }
        1 => {
            plan.breakdowns.push(cut(after(0), after(60_000)));
            plan.deeds.push(Deed { at: after(500), kind: DeedKind::Revoke(lane) });
        }
        2 => {
            // What is written at that moment is durable, and its light never shown.
            let broken = Broken::GateAt(lane, Moment::BeforeReport);
            plan.breakdowns.push(Breakdown { from: after(0), until: after(3_000), broken });
            plan.breakdowns.push(cut(after(7_000), at.saturating_add(MINUTE)));
        }
        _ => {
            // In the same moment at both lanes, while the disk of the one is slow.
            if let Some(gate) = plan.gates.get_mut(lane) {
                gate.write = (20_000, 400_000);
            }
        }
    }
    let same_moment = plan.breakdowns.is_empty() || draw.chance(300);
    for _ in 0..draw.between(3, 8) {
        let serial = pick_serial(plan, draw);
        let other = draw.pick(&others, 0);
        let first = draw.chance(500).then(|| after(draw.below(1_000)));
        let elsewhere = if same_moment { draw.below(1_200) } else { draw.between(2_000, 6_000) };
        let shown = [(first, lane), (Some(after(elsewhere)), other), (Some(after(back)), lane)];
        for (at, gate) in shown {
            let Some(at) = at.filter(|at| *at < plan.heals) else { continue };
            let (shows, mistake) = (Shows::Ticket, Mistake::None);
            plan.visits.push(Visit {
                at,
                gate,
                serial,
                shows,
                persons: 1,
                mistake,
                insists: false,
            });
        }
    }
}
