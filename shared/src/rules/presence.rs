//! Who is inside, who comes back, and how soon.

use serde::{Deserialize, Serialize};

use crate::{reason::ReasonCode, right::UseKind, time::UnixMillis};

use super::{
    Facts, Reach, Refusal, Terms,
    instant::{FOREVER, Span},
    view::Reading,
};

/// What it takes to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Presence {
    /// Whether coming back counts.
    pub reentry: Reentry,
    /// Whether nobody may enter while somebody is inside on the same ticket.
    pub exit_first: bool,
    /// So many minutes must lie between two entries on the same ticket.
    pub passback_minutes: u16,
}

/// Whether coming back counts as another entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reentry {
    /// Each entry counts, whether the guest left before or not.
    #[default]
    Counts,
    /// Whoever left may come back: no more persons may be inside than the ticket allows entries,
    /// one where it allows any number.
    AfterExit,
}

const MINUTE: u64 = 60_000;

impl Presence {
    /// No conditions.
    pub(super) const FREE: Self =
        Self { reentry: Reentry::Counts, exit_first: false, passback_minutes: 0 };

    /// Persons who may come in while `inside` are inside; none where that doesn't matter.
    fn room(&self, entries: u8, inside: u32) -> Option<u32> {
        let most = u32::from(entries.max(1));
        match (self.reentry, self.exit_first) {
            (_, true) if inside > 0 => Some(0),
            (Reentry::AfterExit, _) => Some(most.saturating_sub(inside)),
            (Reentry::Counts, _) => None,
        }
    }

    /// Whether an admission that is under way elsewhere must end before the next one is judged.
    pub(super) const fn keeps_order(&self) -> bool {
        self.exit_first || self.passback_minutes > 0
    }

    /// Whether it matters who is inside.
    const fn counts_inside(&self) -> bool {
        self.exit_first || matches!(self.reentry, Reentry::AfterExit)
    }
}

/// Whether `wanted` more may come in at `at`, by who is inside and when the last entry was.
pub(super) fn judge_presence(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    reach: Reach,
    at: UnixMillis,
) -> Span {
    let presence = &terms.admission.presence;
    let facts = Facts { last_use: uses.last_entry(), ..Facts::default() };
    let mut until = FOREVER;
    if presence.counts_inside() {
        let session = terms.session(at);
        until = session.map_or(FOREVER, |session| session.ends);
        let inside = uses.inside(|at| session.is_none_or(|session| session.contains(at)));
        if let Some(room) = presence.room(terms.entries, inside).filter(|room| *room < wanted) {
            // Who can ask nobody may have missed an exit.
            let code = match reach {
                _ if room > 0 => ReasonCode::NotEnoughLeft,
                Reach::Server => ReasonCode::StillInside,
                Reach::Nobody => ReasonCode::ExitUnknown,
            };
            let facts = Facts { left: Some(room).filter(|room| *room > 0), ..facts };
            return Span::refused(Refusal { code, facts }, until);
        }
    }
    let pause = u64::from(presence.passback_minutes) * MINUTE;
    let last = uses.entries().map(|(at, _)| at).max().filter(|_| pause > 0);
    if let Some(again) = last.map(|last| last.plus(pause)).filter(|again| at < *again) {
        let facts = Facts { opens: Some(again), ..facts };
        return Span::refused(Refusal { code: ReasonCode::TooSoon, facts }, until.min(again));
    }
    Span::free(until)
}

/// Persons inside after `uses` of which only those count that `counts` names.
pub(super) fn inside(
    uses: impl Iterator<Item = (UnixMillis, UseKind, u32)>,
    counts: impl Fn(UnixMillis) -> bool,
) -> u32 {
    uses.filter(|(at, ..)| counts(*at)).fold(0, |inside: u32, (_, kind, count)| match kind {
        UseKind::Entry => inside.saturating_add(count),
        UseKind::Exit => inside.saturating_sub(count),
    })
}
