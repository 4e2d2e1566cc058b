//! The server's database is put back: to what it was a second ago, an hour ago or when the doors opened; told to the
//! server or not; and an admin attends to it, in haste or not.

pub(super) mod given_up;

use kaisatsu_shared::{bundle::Policy, id::Serial};

use super::{
    Breakdown, Broken, Deed, DeedKind, Mistake, Plan, PutBack, Shows, Visit, Way,
    guests::{entrances, pick_serial},
};
use crate::{
    draw::Draw,
    schedule::{HOUR, MILLI, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    let chance = if plan.policy == Policy::Available { 100 } else { 250 };
    if !draw.chance(chance) {
        return;
    }
    let times = if draw.chance(150) { 2 } else { 1 };
    for _ in 0..times {
        let until = draw.between(4 * SECOND, plan.heals.max(5 * SECOND));
        let age = match draw.below(10) {
            0..5 => SECOND,
            5..8 => HOUR,
            _ => draw.below(until),
        };
        let from = until.saturating_sub(age);
        let silent = draw.chance(250);
        let attended = draw.between(SECOND, 60 * SECOND);
        let impatient = draw.chance(200);
        let broken = Broken::PutBack(PutBack { silent, attended, impatient });
        plan.breakdowns.push(Breakdown { from, until, broken });
        if draw.chance(700) {
            around(plan, draw, (from, until, attended));
        }
    }
    sort(plan);
}

/// In some of these plans a ticket is sold of which no gate hears before the sale is lost.
pub(super) fn draw_unheard(plan: &mut Plan, draw: &mut Draw) {
    let told = plan.breakdowns.iter().find_map(|it| match it.broken {
        Broken::PutBack(put_back) if !put_back.silent => Some((it.from, it.until, put_back)),
        _ => None,
    });
    let Some((from, until, put_back)) = told else { return };
    if is_selling(plan) || !draw.chance(200) {
        return;
    }
    let at = draw.between(from.max(until.saturating_sub(20 * SECOND)), until);
    let broken = Broken::Link(None, Way::Both);
    plan.breakdowns.push(Breakdown { from: at.saturating_sub(SECOND), until, broken });
    let attended = until.saturating_add(put_back.attended);
    let later = attended.saturating_add(draw.between(5 * SECOND, 30 * SECOND));
    sell_around(plan, draw, (at, later));
    sort(plan);
}

/// Nothing new is done once everything works again.
fn sort(plan: &mut Plan) {
    let heals = plan.heals;
    plan.deeds.retain(|deed| deed.at < heals);
    plan.deeds.sort_by_key(|deed| deed.at);
    plan.visits.sort_by_key(|visit| visit.at);
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
}

fn is_selling(plan: &Plan) -> bool {
    plan.deeds.iter().any(|deed| matches!(deed.kind, DeedKind::Sell(_)))
}

/// A ticket is sold in what will be lost, again afterwards, and then the next one.
fn sell_around(plan: &mut Plan, draw: &mut Draw, (at, later): (u64, u64)) {
    let entrances = entrances(plan, false);
    let first = Serial(plan.tickets);
    let again = Serial(plan.tickets.saturating_add(1));
    for (serial, at) in [(first, at), (first, later), (again, later.saturating_add(MILLI))] {
        plan.deeds.push(Deed { at, kind: DeedKind::Sell(serial) });
        let gate = draw.pick(&entrances, 0);
        push(plan, (at.saturating_add(draw.below(5 * SECOND)), gate, serial));
    }
}

/// Tickets used, sold, reissued and leased in what will be lost, and shown again afterwards.
fn around(plan: &mut Plan, draw: &mut Draw, (from, until, attended): (u64, u64, u64)) {
    let entrances = entrances(plan, false);
    let lost = |draw: &mut Draw| draw.between(from.max(until.saturating_sub(20 * SECOND)), until);
    for _ in 0..draw.between(2, 8) {
        let serial = pick_serial(plan, draw);
        let first = lost(draw);
        let soon = draw.between(until, until.saturating_add(attended));
        let late = until.saturating_add(attended).saturating_add(draw.below(30 * SECOND));
        for at in [first, soon, late] {
            let gate = draw.pick(&entrances, 0);
            push(plan, (at, gate, serial));
        }
    }
    if draw.chance(400) {
        let (at, gate) = (lost(draw), draw.place(plan.gates.len()));
        let kind = match draw.below(4) {
            0 => DeedKind::Reissue(pick_serial(plan, draw)),
            1 => DeedKind::Void(pick_serial(plan, draw)),
            2 => DeedKind::Recall(Some(gate)),
            _ => DeedKind::Lease(None),
        };
        plan.deeds.push(Deed { at, kind });
    }
    if !is_selling(plan) && draw.chance(300) {
        let later =
            until.saturating_add(attended).saturating_add(draw.between(SECOND, 20 * SECOND));
        let at = lost(draw);
        sell_around(plan, draw, (at, later));
    }
}

fn push(plan: &mut Plan, (at, gate, serial): (u64, usize, Serial)) {
    if at < plan.heals {
        let (shows, mistake) = (Shows::Ticket, Mistake::None);
        let (persons, insists) = (1, false);
        plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
    }
}
