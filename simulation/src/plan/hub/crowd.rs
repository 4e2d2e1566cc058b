//! Gates can't ask the server for a while, and the same tickets are shown at several of them; what could make the
//! hub, a gate and the server each think that a right is free happens meanwhile.

use kaisatsu_shared::id::Serial;

use crate::{
    draw::Draw,
    plan::{
        Breakdown, Broken, Deed, DeedKind, Mistake, Moment, Plan, Shows, Visit, Way, Weather,
        guests::{entrances, pick_serial},
    },
    schedule::{MILLI, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw, hub: usize) {
    let entrances = entrances(plan, false);
    if entrances.is_empty() {
        return;
    }
    let begins = draw.between(3 * SECOND, (plan.heals / 2).max(4 * SECOND));
    let ends = begins.saturating_add(draw.between(20 * SECOND, 90 * SECOND));
    cut(plan, draw, hub, (begins, ends));
    let from = begins.saturating_add(draw.between(0, 4 * SECOND));
    for _ in 0..draw.between(3, 9) {
        let serial = pick_serial(plan, draw);
        let mut at = from.saturating_add(draw.below(15 * SECOND));
        for _ in 0..draw.between(2, 3) {
            let gate = draw.pick(&entrances, 0);
            if at < plan.heals {
                let (shows, mistake) = (Shows::Ticket, mistake(draw));
                let (persons, insists) = (1, draw.chance(100));
                plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
            }
            at = at.saturating_add(match draw.below(4) {
                0..2 => draw.below(900 * MILLI),
                2 => draw.between(2 * SECOND, 8 * SECOND),
                _ => draw.between(10 * SECOND, 60 * SECOND),
            });
        }
    }
    scene(plan, draw, hub, from);
}

fn mistake(draw: &mut Draw) -> Mistake {
    match draw.below(20) {
        0 => Mistake::TurnsBack,
        1 => Mistake::TakenBackWrongly,
        _ => Mistake::None,
    }
}

/// All are cut off, all but the hub, or some.
fn cut(plan: &mut Plan, draw: &mut Draw, hub: usize, (from, until): (u64, u64)) {
    let kind = draw.below(10);
    if kind < 5 {
        let broken = Broken::Link(None, Way::Both);
        plan.breakdowns.push(Breakdown { from, until, broken });
        return;
    }
    for gate in 0..plan.gates.len() {
        let is_cut = if kind < 8 { gate != hub } else { draw.chance(600) };
        if is_cut {
            let broken = Broken::Link(Some(gate), Way::Both);
            plan.breakdowns.push(Breakdown { from, until, broken });
        }
    }
}

/// Something goes wrong while the guests come.
fn scene(plan: &mut Plan, draw: &mut Draw, hub: usize, from: u64) {
    let at = from.saturating_add(draw.below(15 * SECOND));
    let lasts = draw.between(300 * MILLI, 4 * SECOND);
    match draw.below(9) {
        // It grants, and dies before anybody hears of it, or before it is written.
        0 | 1 => {
            let moments = [Moment::BeforeWrite, Moment::BeforeReport, Moment::BeforeEffect];
            let moment = draw.pick(&moments, Moment::BeforeReport);
            breaks(plan, Broken::GateAt(hub, moment), at, lasts);
        }
        // It grants, and its answers are lost.
        2 => {
            let gate = draw.place(plan.gates.len());
            breaks(plan, Broken::Lan(Some(gate), Way::Down), at, 3 * lasts);
        }
        // Its disk is slow: own guests and others' come in the same moment.
        3 => same_moment(plan, draw, hub, at),
        // It hands its leases back while it grants.
        4 => {
            let all = [DeedKind::CloseLane(hub), DeedKind::Recall(Some(hub))];
            let kind = draw.pick(&all, DeedKind::Recall(None));
            plan.deeds.push(Deed { at, kind });
        }
        6 => handed_back(plan, draw, hub, at),
        7 => again_after_restart(plan, draw, hub, at),
        // The gate that was granted something dies.
        _ => {
            let gate = draw.place(plan.gates.len());
            breaks(plan, Broken::GateAt(gate, Moment::BeforeReport), at, lasts);
        }
    }
}

/// A gate that only the hub can answer is cut off altogether right after it was granted something; the hub hands
/// its leases back, and the guest comes to a gate that can ask the server.
fn handed_back(plan: &mut Plan, draw: &mut Draw, hub: usize, at: u64) {
    let others = others(plan, hub);
    let first = draw.pick(&others, hub);
    let second = others.iter().copied().find(|gate| *gate != first).unwrap_or(hub);
    plan.breakdowns.retain(|it| !matches!(it.broken, Broken::Link(..)));
    let until = at.saturating_add(40 * SECOND);
    let broken = Broken::Link(Some(first), Way::Both);
    plan.breakdowns.push(Breakdown { from: at.saturating_sub(10 * SECOND), until, broken });
    let from = at.saturating_add(draw.between(10 * MILLI, 60 * MILLI));
    let broken = Broken::Lan(Some(first), Way::Both);
    plan.breakdowns.push(Breakdown { from, until, broken });
    let kind = DeedKind::CloseLane(hub);
    plan.deeds.push(Deed { at: at.saturating_add(2 * SECOND), kind });
    for _ in 0..2 {
        let serial = pick_serial(plan, draw);
        for (gate, after) in [(first, 0), (second, 5 * SECOND)] {
            comes(plan, serial, gate, at.saturating_add(after));
        }
    }
}

/// The hub's disk is slow, and its own guests come in the same moment as others with the same tickets.
fn same_moment(plan: &mut Plan, draw: &mut Draw, hub: usize, at: u64) {
    if let Some(gate) = plan.gates.get_mut(hub) {
        gate.write = (20_000, 400_000);
    }
    let others = others(plan, hub);
    for place in 0..3 {
        let (serial, gate) = (pick_serial(plan, draw), draw.pick(&others, hub));
        let at = at.saturating_add(place * 5 * SECOND);
        comes(plan, serial, hub, at);
        comes(plan, serial, gate, at.saturating_add(draw.below(400 * MILLI)));
    }
}

/// The hub's answer is late, so that its asker gives up and says so; the hub, which can't reach the server, starts
/// anew; then a copy of the claim arrives, or the guest comes to another gate.
fn again_after_restart(plan: &mut Plan, draw: &mut Draw, hub: usize, at: u64) {
    let others = others(plan, hub);
    if let Some(hub) = &mut plan.hub {
        hub.lan = Weather { drop: 0, duplicate: 300, delay: (5_000, 450_000) };
    }
    for gate in 0..plan.gates.len() {
        let (from, lasts) = (at.saturating_sub(8 * SECOND), 45 * SECOND);
        breaks(plan, Broken::Link(Some(gate), Way::Both), from, lasts);
    }
    for _ in 0..3 {
        let serial = pick_serial(plan, draw);
        for after in [0, draw.between(5 * SECOND, 14 * SECOND)] {
            let gate = draw.pick(&others, hub);
            comes(plan, serial, gate, at.saturating_add(after));
        }
    }
    let from = at.saturating_add(draw.between(350 * MILLI, 6 * SECOND));
    let lasts = draw.between(20 * MILLI, 400 * MILLI);
    breaks(plan, Broken::Gate(hub), from, lasts);
}

/// Entrances that aren't the hub.
fn others(plan: &Plan, hub: usize) -> Vec<usize> {
    entrances(plan, false).into_iter().filter(|gate| *gate != hub).collect()
}

fn comes(plan: &mut Plan, serial: Serial, gate: usize, at: u64) {
    if at < plan.heals {
        let (shows, mistake) = (Shows::Ticket, Mistake::None);
        let (persons, insists) = (1, false);
        plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
    }
}

fn breaks(plan: &mut Plan, broken: Broken, from: u64, lasts: u64) {
    plan.breakdowns.push(Breakdown { from, until: from.saturating_add(lasts), broken });
}
