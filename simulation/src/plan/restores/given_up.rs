//! An admin in haste gives up a lane that can't be reached and goes on: its guests come to other gates, too.

use kaisatsu_shared::bundle::Policy;

use super::push;
use crate::{
    draw::Draw,
    plan::{Breakdown, Broken, Deed, DeedKind, Plan, PutBack, Way, aimed, guests::entrances},
    schedule::SECOND,
};

/// It is over so long after the database was put back.
const LASTS: u64 = 50 * SECOND;
/// When the database is put back at the earliest.
const SETTLED: u64 = 14 * SECOND;

pub(in crate::plan) fn draw(plan: &mut Plan, draw: &mut Draw) {
    let latest = plan.heals.saturating_sub(LASTS);
    // A hub would bring the server what the lane wrote.
    let alone = plan.policy == Policy::Strict && plan.pace == 1 && plan.hub.is_none();
    if !alone || !plan.is_restored() || latest < SETTLED || !draw.chance(400) {
        return;
    }
    let entrances = entrances(plan, false);
    let lane = draw.pick(&entrances, 0);
    let others: Vec<_> = entrances.iter().copied().filter(|gate| *gate != lane).collect();
    if others.is_empty() {
        return;
    }
    let until = draw.between(SETTLED, latest);
    let (at, ends) = (|seconds: u64| until.saturating_add(seconds * SECOND), until + LASTS);
    aimed::clear(plan, ends);
    plan.deeds.push(Deed { at: 0, kind: DeedKind::Lease(Some(lane)) });
    let attended = draw.between(SECOND, 4 * SECOND);
    let broken = Broken::PutBack(PutBack { silent: false, attended, impatient: true });
    plan.breakdowns.push(Breakdown { from: until.saturating_sub(SECOND), until, broken });
    let broken = Broken::Link(Some(lane), Way::Both);
    let from = until.saturating_sub(10 * SECOND);
    plan.breakdowns.push(Breakdown { from, until: ends, broken });
    for place in 0..4 {
        let serial = aimed::single(draw);
        let before = until.saturating_sub(8 * SECOND).saturating_add(draw.below(16 * SECOND));
        push(plan, (before, lane, serial));
        push(plan, (at(22 + place * 4), draw.pick(&others, 0), serial));
    }
    aimed::sort(plan);
}
