//! Gates tell where their journals end. The entries of one get lost on their way, and it with them: for good, or until
//! it is found. An admin writes it off. Or its disk is set back, and what it writes then contradicts what it said.

use super::{
    Breakdown, Broken, Deed, DeedKind, Mistake, Plan, Shows, Visit, Way, guests::pick_serial,
};
use crate::{
    draw::Draw,
    schedule::{MILLI, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    plan.ends = draw.chance(300);
    // A copied disk that is then lost would be two things at once.
    let copied = plan.breakdowns.iter().any(|it| it.broken.copies());
    if !plan.ends || copied || !draw.chance(600) {
        return;
    }
    let gate = draw.place(plan.gates.len());
    let at = draw.between(3 * SECOND, plan.heals.saturating_sub(20 * SECOND).max(4 * SECOND));
    let gone = at.saturating_add(draw.between(4 * SECOND, 15 * SECOND));
    let late = gone.saturating_add(draw.between(SECOND, 20 * SECOND));
    let for_good = plan.heals.saturating_add(SECOND);
    breaks(plan, Broken::Entries(gate), (at, late));
    match draw.below(10) {
        0..4 => breaks(plan, Broken::Lost(gate), (gone, for_good)),
        4..6 => breaks(plan, Broken::Gate(gate), (gone, late)),
        6..8 => breaks(plan, Broken::Link(Some(gate), Way::Both), (gone, late)),
        8 => {
            // What the hub heard, and the server didn't.
            breaks(plan, Broken::Link(Some(gate), Way::Both), (at, for_good));
            breaks(plan, Broken::Lost(gate), (gone, for_good));
        }
        _ => {
            let from = at.saturating_sub(draw.below(3 * SECOND));
            breaks(plan, Broken::RolledBack(gate), (from, gone));
        }
    }
    if draw.chance(700) {
        let at = gone.saturating_add(draw.below(10 * SECOND));
        plan.deeds.push(Deed { at, kind: DeedKind::WriteOff(gate) });
    } else if draw.chance(400) {
        plan.deeds.push(Deed { at: gone, kind: DeedKind::Revoke(gate) });
    }
    for _ in 0..draw.between(2, 6) {
        let serial = pick_serial(plan, draw);
        let at = at.saturating_add(draw.below(late.saturating_sub(at).max(MILLI)));
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
