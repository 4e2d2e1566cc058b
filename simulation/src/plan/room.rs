//! Where the venue is small: the moment at which lanes that hold room could come to give it twice.

use kaisatsu_shared::bundle::Policy;

use super::{
    Breakdown, Broken, Mistake, Plan, Shows, Visit, Way,
    guests::{entrances, pick_serial},
};
use crate::{
    draw::Draw,
    schedule::{MINUTE, SECOND},
};

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    plan.small = plan.policy == Policy::Strict && draw.chance(400);
    if plan.small && draw.chance(500) {
        rush(plan, draw);
        plan.visits.sort_by_key(|visit| visit.at);
        plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
    }
}

/// Guests crowd at the other lanes, so that the server fetches room from one that is quiet; then that one is
/// cut off, and they come to it.
fn rush(plan: &mut Plan, draw: &mut Draw) {
    let entrances = entrances(plan, false);
    let quiet = draw.pick(&entrances, 0);
    let others: Vec<_> = entrances.iter().copied().filter(|other| *other != quiet).collect();
    if others.is_empty() {
        return;
    }
    let at = draw.between(6 * SECOND, plan.heals.saturating_sub(30 * SECOND).max(7 * SECOND));
    let cut = at.saturating_add(draw.between(5, 9) * SECOND);
    let broken = Broken::Link(Some(quiet), Way::Both);
    let until = cut.saturating_add(MINUTE);
    plan.breakdowns.push(Breakdown { from: cut, until, broken });
    for guest in 0..draw.between(14, 28) {
        let serial = pick_serial(plan, draw);
        let (gate, from) = match guest % 2 {
            0 => (draw.pick(&others, 0), at),
            _ => (quiet, cut),
        };
        let at = from.saturating_add(draw.below(8 * SECOND));
        if at < plan.heals {
            let (shows, mistake) = (Shows::Ticket, Mistake::None);
            let (persons, insists) = (1, false);
            plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
        }
    }
}
