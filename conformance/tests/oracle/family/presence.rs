//! Who is inside, who comes back and how soon. At closing time everybody is taken to have left.

use kaisatsu_shared::{
    right::UseKind,
    rules::{Presence, Reentry},
};

use crate::judge::{Family, Moment};

pub(crate) const FAMILY: Family = Family {
    name: "presence",
    concerns: |story| {
        story.kind().is_some_and(|kind| kind.admission.presence != Presence::default())
    },
    allows: |moment| {
        let Some(kind) = moment.story.kind() else { return false };
        let presence = &kind.admission.presence;
        let inside = inside(moment);
        let most = u32::from(moment.story.ticket.entries.max(1));
        let pause = u64::from(presence.passback_minutes) * 60_000;
        let mut entries = moment.uses.iter().filter(|(_, kind, _)| *kind == UseKind::Entry);
        !(presence.exit_first && inside > 0)
            && (presence.reentry == Reentry::Counts || inside + moment.wanted <= most)
            && (pause == 0 || entries.all(|(at, ..)| moment.at >= at + pause))
    },
};

/// Persons inside: those who entered since the last closing and didn't leave, as recorded.
fn inside(moment: &Moment<'_>) -> u32 {
    let closing = moment.story.bundle.rules.calendar.closing;
    let session = closing.map(|closing| moment.wall.day(closing, moment.at));
    let mut inside: u32 = 0;
    for (at, kind, count) in moment.uses {
        if session.is_some_and(|(_, begins, ends)| *at < begins || ends <= *at) {
            continue;
        }
        inside = match kind {
            UseKind::Entry => inside + count,
            UseKind::Exit => inside.saturating_sub(*count),
        };
    }
    inside
}
