//! What a server's restores mean for a ledger: that something may be missing, and what was got back.

use std::collections::BTreeMap;

use crate::id::Epoch;

use super::Cursor;

/// An event's restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restores {
    open: bool,
    /// The highest position found that nobody's restore accounts for.
    unaccounted: Option<Cursor>,
    /// How far the ledger of each lost line was offered, by the epoch in which it ended.
    recovered: BTreeMap<Epoch, Cursor>,
}

impl Restores {
    /// Whether entries may be missing that somebody can still offer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// The position that the server once signed, doesn't have, and wasn't restored since: it was rolled back
    /// without anybody saying so.
    #[must_use]
    pub const fn rolled_back(&self) -> Option<Cursor> {
        self.unaccounted
    }

    /// How far the line that ended in this epoch was offered.
    #[must_use]
    pub fn recovered(&self, epoch: Epoch) -> Option<Cursor> {
        self.recovered.get(&epoch).copied()
    }

    /// How far each lost line was offered, by epoch.
    pub fn all_recovered(&self) -> impl Iterator<Item = Cursor> {
        self.recovered.values().copied()
    }

    /// A restore began.
    pub(super) const fn begin(&mut self) {
        self.open = true;
        self.unaccounted = None;
    }

    /// The server lacks what it signed.
    pub(super) fn rollback_found(&mut self, lost: Cursor) {
        self.open = true;
        if self.unaccounted.is_none_or(|known| known.epoch <= lost.epoch) {
            self.unaccounted = Some(lost);
        }
    }

    /// What can be had is there. False, and nothing changed, if nothing was missing, or nobody restored the
    /// server that was rolled back.
    #[must_use]
    pub(super) const fn end(&mut self) -> bool {
        let over = self.open && self.unaccounted.is_none();
        if over {
            self.open = false;
        }
        over
    }

    pub(super) fn offered(&mut self, until: Cursor) {
        self.recovered.insert(until.epoch, until);
    }
}
