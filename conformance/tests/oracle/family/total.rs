//! The entries that the ticket allows altogether, where coming back counts; and no admission
//! without the server, where the event says so.

use kaisatsu_shared::{bundle::Policy, right::UseKind, rules::Reentry};

use crate::judge::Family;

pub(crate) const FAMILY: Family = Family {
    name: "total",
    concerns: |story| story.ticket.entries > 0,
    allows: |moment| {
        let story = moment.story;
        if story.bundle.rules.policy == Policy::OnlineOnly && !story.online {
            return false;
        }
        let counts =
            story.kind().is_none_or(|kind| kind.admission.presence.reentry == Reentry::Counts);
        let entered = moment.uses.iter().filter(|(_, kind, _)| *kind == UseKind::Entry);
        let after = entered.map(|(.., count)| count).sum::<u32>() + moment.wanted;
        !counts || story.ticket.entries == 0 || after <= u32::from(story.ticket.entries)
    },
};
