//! Journal entries that the server doesn't have yet.

use std::collections::VecDeque;

use kaisatsu_shared::{
    id::InstallationId,
    journal::{JournalEntry, JournalHead},
    sync::MAX_BATCH_ENTRIES,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::Effect;

/// How long to wait after a delivery that went unanswered, in milliseconds.
const RETRY_AFTER: u64 = 1_000;
/// The longest wait after refusals, in milliseconds: a server that refuses mostly goes on so.
const LONGEST_RETRY: u64 = 60_000;

#[derive(Debug)]
pub(super) struct Outbox {
    installation: InstallationId,
    acknowledged: u64,
    entries: VecDeque<Vec<u8>>,
    /// The last number of the batch under way.
    under_way: Option<u64>,
    not_before: u64,
    /// The wait after the next refusal.
    refused_pause: u64,
}

impl Outbox {
    pub(super) fn new(
        installation: InstallationId,
        acknowledged: u64,
        entries: Vec<Vec<u8>>,
    ) -> Self {
        Self {
            installation,
            acknowledged,
            entries: entries.into(),
            under_way: None,
            not_before: 0,
            refused_pause: RETRY_AFTER,
        }
    }

    pub(super) fn push(&mut self, number: u64, bytes: Vec<u8>) {
        debug_assert_eq!(number, self.acknowledged + self.len() + 1);
        self.entries.push_back(bytes);
    }

    /// How much of the journal the server has.
    pub(super) const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    pub(super) fn len(&self) -> u64 {
        // A journal has far fewer than 2^64 entries.
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    /// The waiting entry with this number.
    pub(super) fn get(&self, number: u64) -> Option<&[u8]> {
        let after = number.checked_sub(self.acknowledged)?.checked_sub(1)?;
        self.entries.get(usize::try_from(after).ok()?).map(Vec::as_slice)
    }

    /// At most a batch of what waits after `number`, and the head after it.
    pub(super) fn after(&self, number: u64) -> Option<(Vec<Vec<u8>>, JournalHead)> {
        let first = number.max(self.acknowledged);
        let known = usize::try_from(first.saturating_sub(self.acknowledged)).ok()?;
        let entries: Vec<_> =
            self.entries.iter().skip(known).take(MAX_BATCH_ENTRIES).cloned().collect();
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let last = first.saturating_add(count);
        let head = JournalEntry::head_of(self.installation, last, entries.last()?);
        Some((entries, head))
    }

    /// The next batch, if something waits and none is under way.
    pub(super) fn start(&mut self, monotonic: u64) -> Option<Effect> {
        if self.under_way.is_some() || self.entries.is_empty() || monotonic < self.not_before {
            return None;
        }
        let mut entries: Vec<_> = self.entries.iter().take(MAX_BATCH_ENTRIES).cloned().collect();
        if is_planted(Fault::UploadUnordered) {
            entries.reverse();
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let number = self.acknowledged.saturating_add(count);
        let head = JournalEntry::head_of(self.installation, number, entries.last()?);
        self.under_way = Some(number);
        Some(Effect::Upload { entries, head })
    }

    /// The server has everything up to `number`. Returns the number up to which that is news.
    /// What was never sent can't be acknowledged: the server would mean another journal.
    pub(super) fn acknowledge(&mut self, number: u64, monotonic: u64) -> Option<u64> {
        let sent = self.under_way.take()?;
        let all = is_planted(Fault::OutboxCleared);
        let number = if all { self.acknowledged + self.len() } else { number.min(sent) };
        if number <= self.acknowledged {
            self.failed(monotonic);
            return None;
        }
        self.not_before = 0;
        self.refused_pause = RETRY_AFTER;
        while self.acknowledged < number && self.entries.pop_front().is_some() {
            self.acknowledged = self.acknowledged.saturating_add(1);
        }
        Some(self.acknowledged)
    }

    /// Goes on to `number`, if less was acknowledged: the server has the rest by another way. The caller
    /// has compared the entry with that number.
    pub(super) fn advance(&mut self, number: u64) -> bool {
        if number <= self.acknowledged || number > self.acknowledged.saturating_add(self.len()) {
            return false;
        }
        while self.acknowledged < number && self.entries.pop_front().is_some() {
            self.acknowledged = self.acknowledged.saturating_add(1);
        }
        true
    }

    /// Goes back to `number`, if more was acknowledged. `entries` are all those after it.
    pub(super) fn rewind(&mut self, number: u64, entries: Vec<Vec<u8>>) -> bool {
        if number >= self.acknowledged {
            return false;
        }
        *self = Self::new(self.installation, number, entries);
        true
    }

    /// When the next batch may be sent, if one waits.
    pub(super) fn retry_at(&self) -> Option<u64> {
        (self.under_way.is_none() && !self.entries.is_empty()).then_some(self.not_before)
    }

    /// No answer came.
    pub(super) const fn failed(&mut self, monotonic: u64) {
        self.under_way = None;
        self.not_before = monotonic.saturating_add(RETRY_AFTER);
    }

    /// The server refused the batch: each time in a row the wait doubles.
    pub(super) fn refused(&mut self, monotonic: u64) {
        self.under_way = None;
        self.not_before = monotonic.saturating_add(self.refused_pause);
        self.refused_pause = self.refused_pause.saturating_mul(2).min(LONGEST_RETRY);
    }
}
