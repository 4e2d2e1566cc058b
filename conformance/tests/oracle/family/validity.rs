//! From `valid_from` until just before `valid_until`; and the gate's bundle isn't too old.

use crate::judge::Family;

pub(crate) const FAMILY: Family = Family {
    name: "validity",
    concerns: |_| true,
    allows: |moment| {
        let (from, until) = moment.story.ticket.valid;
        let (from, until) = (u64::from(from) * 1_000, u64::from(until) * 1_000);
        from <= moment.at && moment.at < until && moment.at < moment.story.bundle.not_after.0
    },
};
