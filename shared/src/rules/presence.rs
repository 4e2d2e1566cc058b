//! Who is inside, who comes back, and how soon.

use serde::{Deserialize, Serialize};

use crate::{reason::ReasonCode, right::UseKind, time::UnixMillis};

use super::{
    Facts, Look, Reach, Refusal, Terms,
    instant::{FOREVER, Span},
    trail::{Watch, heard},
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
    watch: &mut impl Watch,
) -> Span {
    judge_inside(terms, uses, wanted, reach, at, watch).and(|| judge_pause(terms, uses, at, watch))
}

fn judge_inside(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    reach: Reach,
    at: UnixMillis,
    watch: &mut impl Watch,
) -> Span {
    let presence = &terms.admission.presence;
    if !presence.counts_inside() {
        return Span::free(FOREVER);
    }
    let session = terms.session(at);
    let until = session.map_or(FOREVER, |session| session.ends);
    let inside = uses.inside(|at| session.is_none_or(|session| session.contains(at)));
    let room = presence.room(terms.entries, inside);
    let span = match room.filter(|room| *room < wanted) {
        None => Span::free(until),
        Some(room) => {
            // Who can ask nobody may have missed an exit.
            let code = match reach {
                _ if room > 0 => ReasonCode::NotEnoughLeft,
                Reach::Server => ReasonCode::StillInside,
                Reach::Hub | Reach::Nobody => ReasonCode::ExitUnknown,
            };
            let left = Some(room).filter(|room| *room > 0);
            let facts = Facts { last_use: uses.last_entry(), left, ..Facts::default() };
            Span::refused(Refusal { code, facts }, until)
        }
    };
    heard(watch, at, || Look::Inside { inside, room, wanted }, span)
}

fn judge_pause(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    at: UnixMillis,
    watch: &mut impl Watch,
) -> Span {
    let minutes = terms.admission.presence.passback_minutes;
    if minutes == 0 {
        return Span::free(FOREVER);
    }
    let last = uses.entries().map(|(at, _)| at).max();
    let again = last.map(|last| last.plus(u64::from(minutes) * MINUTE));
    let span = match again.filter(|again| at < *again) {
        None => Span::free(FOREVER),
        Some(again) => {
            let facts =
                Facts { last_use: uses.last_entry(), opens: Some(again), ..Facts::default() };
            Span::refused(Refusal { code: ReasonCode::TooSoon, facts }, again)
        }
    };
    heard(watch, at, || Look::Pause { minutes, again }, span)
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
