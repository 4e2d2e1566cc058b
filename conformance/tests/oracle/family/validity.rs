//! From `valid_from` until just before `valid_until`: as it is signed, or of a ticket that renews as the
//! ledger said last, if it has said anything; and the gate's bundle isn't too old.

use crate::judge::Family;

pub(crate) const FAMILY: Family = Family {
    name: "validity",
    concerns: |_| true,
    allows: |moment| {
        let (story, ticket) = (moment.story, &moment.story.ticket);
        let valid = match story.renews() {
            false => Some(ticket.valid),
            true => moment.known.valid.or(ticket.dated.then_some(ticket.valid)),
        };
        let Some((from, until)) = valid else { return false };
        let (from, until) = (u64::from(from) * 1_000, u64::from(until) * 1_000);
        from <= moment.at && moment.at < until && moment.at < story.bundle.not_after.0
    },
};
