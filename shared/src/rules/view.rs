//! What is known of a right, and its uses read at one instant each.

use crate::{
    id::DeviceId,
    ledger::{BlockReason, LastUse, Redemption, Right},
    right::{Use, UseKind},
    time::{TimeInterval, UnixMillis},
};

use super::presence::{Leaves, inside};

/// A recorded use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastUse {
    /// In or out.
    pub kind: UseKind,
    /// How many persons.
    pub count: u8,
    /// Where and when.
    pub seen: LastUse,
}

impl From<&Use> for PastUse {
    fn from(used: &Use) -> Self {
        Self { kind: used.kind, count: used.count, seen: LastUse::from(used) }
    }
}

/// What is known of a right, from the ledger and from what a gate has journalled since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightView {
    /// Whether it was voided.
    pub voided: bool,
    /// Why it is blocked, if it is.
    pub blocked: Option<BlockReason>,
    /// Whether it still has to be paid.
    pub unpaid: bool,
    /// Its uses, in the order recorded.
    pub uses: Vec<PastUse>,
    /// Persons whom other claims are admitting at this moment.
    pub being_admitted: u32,
    /// The newest of those claims.
    pub open_grant: Option<LastUse>,
    /// The oldest interrupted admission that nobody answered for: device and journal number.
    pub interrupted: Option<(DeviceId, u64)>,
}

impl RightView {
    /// The view of a right as the ledger has it: every open grant is an admission under way. That
    /// is how the server judges a claim, whose own key it has looked up before, and how a trial by
    /// nobody in particular is judged.
    #[must_use]
    pub fn of(right: &Right) -> Self {
        Self::where_open(right, |_| true)
    }

    /// The same as `device` sees it: an own grant isn't somebody else's admission, but the claim
    /// being made, or one given up.
    #[must_use]
    pub fn seen_by(device: DeviceId, right: &Right) -> Self {
        Self::where_open(right, |used| used.device != device)
    }

    /// The same where only some open grants count.
    #[must_use]
    pub fn where_open(right: &Right, counts: impl Fn(&Use) -> bool) -> Self {
        let mut view = Self {
            voided: right.voided.is_some(),
            blocked: right.blocked,
            unpaid: right.unpaid,
            uses: past_uses(right, |known| known.annulled.is_none()),
            being_admitted: 0,
            open_grant: None,
            interrupted: right.interrupted.first().copied(),
        };
        for grant in right.grants.iter().filter(|grant| counts(&grant.used)) {
            view.admitting(&grant.used);
        }
        view
    }

    /// A claim is admitting persons at this moment; one that lets them out isn't meant.
    pub fn admitting(&mut self, used: &Use) {
        if used.kind == UseKind::Entry {
            self.being_admitted = self.being_admitted.saturating_add(u32::from(used.count));
            self.open_grant = Some(LastUse::from(used));
        }
    }

    /// Persons who entered on it.
    #[must_use]
    pub fn entered(&self) -> u32 {
        self.entries().map(|used| u32::from(used.count)).sum()
    }

    /// The newest entry.
    #[must_use]
    pub fn last_entry(&self) -> Option<LastUse> {
        self.entries().next_back().map(|used| used.seen)
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = &PastUse> {
        self.uses.iter().filter(|used| used.kind == UseKind::Entry)
    }
}

/// The uses of a right that count, in the order recorded, and who was let in by a second answer for an interrupted one.
#[must_use]
pub fn past_uses(right: &Right, counts: impl Fn(&Redemption) -> bool) -> Vec<PastUse> {
    let uses = right.redemptions.iter().filter(|known| counts(known));
    let mut uses: Vec<_> = uses.map(|it| (it.sequence, PastUse::from(&it.used))).collect();
    for (answer, used) in right.admitted_again() {
        let seen = LastUse::from(&answer.by);
        uses.push((answer.sequence, PastUse { seen, ..PastUse::from(used) }));
    }
    uses.sort_by_key(|(sequence, _)| *sequence);
    uses.into_iter().map(|(_, used)| used).collect()
}

/// How an uncertain time of a use is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadAs {
    Earliest,
    /// As near to the instant decided about as it can have been.
    Nearest(UnixMillis),
    Latest,
}

/// A right's uses, each read at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) view: &'a RightView,
    pub(super) read_as: ReadAs,
}

impl Reading<'_> {
    fn at(&self, time: TimeInterval) -> UnixMillis {
        match self.read_as {
            ReadAs::Earliest => time.earliest,
            ReadAs::Nearest(now) => now.max(time.earliest).min(time.latest),
            ReadAs::Latest => time.latest,
        }
    }

    /// The entries: when, and how many persons.
    pub(super) fn entries(&self) -> impl Iterator<Item = (UnixMillis, u32)> {
        self.view.entries().map(|used| (self.at(used.seen.at), u32::from(used.count)))
    }

    /// Persons inside by the uses of which `counts` is true.
    pub(super) fn inside(&self, counts: impl Fn(UnixMillis) -> bool, leaves: Leaves) -> u32 {
        inside(self.view.uses.iter().filter(|used| counts(self.at(used.seen.at))), leaves)
    }

    pub(super) fn last_entry(&self) -> Option<LastUse> {
        self.view.last_entry()
    }
}
