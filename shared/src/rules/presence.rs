//! Who is inside, who comes back, and how soon.

use serde::{Deserialize, Serialize};

use crate::{bundle::Policy, reason::ReasonCode, right::UseKind, time::UnixMillis};

use super::{
    Facts, Look, PastUse, Reach, Refusal, Terms,
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
/// A use is recorded with the time at which it was decided; its light follows within so many milliseconds.
const TO_LIGHT: u64 = 2_000;

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
    let counts = |at| session.is_none_or(|session| session.contains(at));
    let most_left = uses.inside(counts, may_be_theirs);
    // Where no ticket may be used twice, nobody comes in on an exit that may have been another's.
    let (inside, certain) = match terms.policy() {
        Policy::Available => (most_left, true),
        Policy::Strict | Policy::OnlineOnly => {
            let inside = uses.inside(counts, is_after);
            (inside, inside == most_left)
        }
    };
    let room = presence.room(terms.entries, inside);
    let span = match room.filter(|room| *room < wanted) {
        None => Span::free(until),
        Some(room) => {
            // Who can ask nobody may have missed an exit.
            let code = match reach {
                _ if !certain => ReasonCode::ExitUnknown,
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

/// Whether an exit is taken as that of somebody who came in by an entry recorded before it.
pub(super) type Leaves = fn(exit: &PastUse, entry: &PastUse) -> bool;

/// The exit may have been theirs. One that was certainly before they came in was not, whenever it was
/// recorded.
pub(super) fn may_be_theirs(exit: &PastUse, entry: &PastUse) -> bool {
    is_of_one_device(exit, entry) || entry.seen.at.earliest <= exit.seen.at.latest
}

/// The exit was certainly after they had come in.
fn is_after(exit: &PastUse, entry: &PastUse) -> bool {
    is_of_one_device(exit, entry) || entry.seen.at.latest.plus(TO_LIGHT) <= exit.seen.at.earliest
}

/// A device's uses are recorded in the order in which it had them.
fn is_of_one_device(exit: &PastUse, entry: &PastUse) -> bool {
    exit.seen.device == entry.seen.device
}

/// Persons inside after `uses`, in the order recorded. Whoever leaves is the one who came in last among those
/// whose exit it is.
pub(super) fn inside<'a>(uses: impl Iterator<Item = &'a PastUse>, leaves: Leaves) -> u32 {
    let mut inside: Vec<(&PastUse, u32)> = Vec::new();
    for used in uses {
        let mut persons = u32::from(used.count);
        if used.kind == UseKind::Entry {
            inside.push((used, persons));
            continue;
        }
        for (_, there) in inside.iter_mut().rev().filter(|(entry, _)| leaves(used, entry)) {
            let left = persons.min(*there);
            (*there, persons) = (there.saturating_sub(left), persons.saturating_sub(left));
        }
    }
    inside.into_iter().map(|(_, there)| there).sum()
}
