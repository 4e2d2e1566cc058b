//! What plans share that are aimed at something which chance alone seldom brings about.

use kaisatsu_shared::id::Serial;

use super::{Breakdown, Broken, Deed, DeedKind, Plan};
use crate::draw::Draw;

/// Until `ends` nothing else happens to leases, links, devices and the database.
pub(super) fn clear(plan: &mut Plan, ends: u64) {
    let of_leases = |deed: &Deed| {
        matches!(
            deed.kind,
            DeedKind::Lease(_) | DeedKind::Recall(_) | DeedKind::CloseLane(_) | DeedKind::Revoke(_)
        )
    };
    let of_links = |it: &Breakdown| {
        it.broken.copies()
            || matches!(
                it.broken,
                Broken::Link(..) | Broken::Lan(..) | Broken::Lost(_) | Broken::PutBack(_)
            )
    };
    plan.deeds.retain(|deed| deed.at > ends || !of_leases(deed));
    plan.breakdowns.retain(|it| it.from > ends || !of_links(it));
    // All room would be one lane's, and guests elsewhere meet nothing else.
    plan.small = false;
}

/// A ticket that admits once.
pub(super) fn single(draw: &mut Draw) -> Serial {
    let of_eight = draw.pick(&[0, 1, 2, 6, 7], 0);
    Serial(of_eight + 8 * of_six(draw))
}

/// A ticket that admits three times.
pub(super) fn triple(draw: &mut Draw) -> Serial {
    Serial(3 + 8 * of_six(draw))
}

fn of_six(draw: &mut Draw) -> u32 {
    u32::try_from(draw.below(6)).unwrap_or_default()
}

/// Everything in the order in which it happens.
pub(super) fn sort(plan: &mut Plan) {
    plan.visits.sort_by_key(|visit| visit.at);
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
    plan.deeds.sort_by_key(|deed| deed.at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Class;

    #[test]
    fn tickets_admit_as_often_as_they_are_drawn_for() {
        let mut draw = Draw::of(1, 0);
        for _ in 0..50 {
            assert_eq!(Class::of(single(&mut draw)).allows(), 1);
            assert_eq!(Class::of(triple(&mut draw)), Class::Triple);
        }
    }
}
