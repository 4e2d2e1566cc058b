//! A gate is revoked while it has something to deliver, and what could make it lose that, or let it go on: it is cut
//! off, hears so from the hub first, is killed, or somebody between it and the server lies to it.

use super::{
    Breakdown, Broken, Deed, DeedKind, Lie, Mistake, Moment, Plan, Shows, Visit, Way,
    guests::pick_serial,
};
use crate::{
    draw::Draw,
    schedule::{MILLI, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    if !draw.chance(150) {
        return;
    }
    let hub = plan.hub.as_ref().map(|hub| hub.gate);
    let any = draw.place(plan.gates.len());
    let gate = hub.filter(|_| draw.chance(250)).unwrap_or(any);
    let at = draw.between(3 * SECOND, plan.heals.saturating_sub(20 * SECOND).max(4 * SECOND));
    plan.deeds.push(Deed { at, kind: DeedKind::Revoke(gate) });
    let back = at.saturating_add(draw.between(SECOND, 20 * SECOND));
    if draw.chance(700) {
        let from = at.saturating_sub(draw.below(8 * SECOND));
        breaks(plan, Broken::Link(Some(gate), Way::Both), (from, back));
    }
    if draw.chance(400) {
        let from = draw.between(at, back);
        breaks(plan, Broken::Gate(gate), (from, from.max(back)));
    }
    if draw.chance(400) {
        let moments = [Moment::BeforeWrite, Moment::BeforeReport, Moment::BeforeEffect];
        let moment = draw.pick(&moments, Moment::BeforeReport);
        let from = draw.between(at, back.saturating_add(5 * SECOND));
        let until = from.saturating_add(draw.between(200 * MILLI, 5 * SECOND));
        breaks(plan, Broken::GateAt(gate, moment), (from, until));
    }
    if draw.chance(100) {
        let from = at.saturating_add(draw.below(5 * SECOND));
        breaks(plan, Broken::GateDisk(gate), (from, from.saturating_add(20 * SECOND)));
    }
    if draw.chance(350) {
        let lie = draw.pick(&[Lie::OtherKey, Lie::Older], Lie::Older);
        let until = back.saturating_add(draw.between(SECOND, 40 * SECOND));
        breaks(plan, Broken::Between(gate, lie), (at, until));
    }
    if let Some(hub) = hub.filter(|hub| *hub != gate && draw.chance(700)) {
        // Started anew it has the newest rules at once.
        let from = at.saturating_add(draw.below(2 * SECOND));
        breaks(plan, Broken::Gate(hub), (from, from.saturating_add(300 * MILLI)));
    }
    for _ in 0..draw.between(2, 8) {
        let serial = pick_serial(plan, draw);
        let at = at.saturating_sub(6 * SECOND).saturating_add(draw.below(26 * SECOND));
        if at < plan.heals {
            let (shows, mistake) = (Shows::Ticket, Mistake::None);
            let (persons, insists) = (1, draw.chance(200));
            plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
        }
    }
    let heals = plan.heals;
    plan.deeds.retain(|deed| deed.at < heals);
    plan.deeds.sort_by_key(|deed| deed.at);
    plan.visits.sort_by_key(|visit| visit.at);
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
}

fn breaks(plan: &mut Plan, broken: Broken, (from, until): (u64, u64)) {
    plan.breakdowns.push(Breakdown { from, until, broken });
}
