//! A batch of journal entries, before anything is made of it: whether the device signed it, and
//! where its entries belong in what was delivered before.

use kaisatsu_shared::{
    id::{DeviceId, InstallationId},
    journal::{ChainError, JournalEntry, JournalHead},
    key::DevicePublic,
    sync::{JournalBatch, MAX_BATCH_ENTRIES},
    time::UnixMillis,
};

use kaisatsu_shared::planted::{Fault, is_planted};

/// How far a time may lie outside what is possible before it is told: a day, in milliseconds.
const TOLERANCE: u64 = 24 * 3_600_000;

/// Why a batch isn't looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// It is empty or too large.
    #[error("a batch holds 1 to {MAX_BATCH_ENTRIES} entries")]
    Size,
    /// The head isn't signed by the device's key, or is another device's.
    #[error("the head's signature is not the device's")]
    Signature,
    /// Its entries aren't consecutive entries of this device.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Its entries don't lead to the head that was signed.
    #[error("the signed head is another one")]
    OtherHead,
}

/// A batch whose signature and inner chain hold: the device's key vouches for every byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedBatch {
    entries: Vec<CheckedEntry>,
}

/// One of its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedEntry {
    /// What it says.
    pub entry: JournalEntry,
    /// Its hash.
    pub hash: [u8; 32],
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// Where an entry belongs in the journal that was delivered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It was delivered before.
    Known,
    /// It is the next one.
    Next,
    /// Entries before it are missing.
    Gap,
    /// It isn't the entry delivered before, or doesn't follow from the last one.
    Fork,
}

impl CheckedBatch {
    /// Checks what doesn't need to know the journal: layout, chain and signature.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn check(
        installation: InstallationId,
        device: DeviceId,
        public: &DevicePublic,
        batch: JournalBatch,
    ) -> Result<Self, BatchError> {
        if batch.entries.is_empty() || batch.entries.len() > MAX_BATCH_ENTRIES {
            return Err(BatchError::Size);
        }
        if batch.head.device != device || batch.head.verify(installation, public).is_err() {
            return Err(BatchError::Signature);
        }
        let mut head: Option<JournalHead> = None;
        let mut entries = Vec::with_capacity(batch.entries.len());
        for bytes in batch.entries {
            let before = match head {
                Some(head) => head,
                None => before(&bytes)?,
            };
            let (after, followed) = before.follow(installation, device, [bytes.as_slice()])?;
            head = Some(after);
            let hash = after.hash;
            entries.extend(followed.into_iter().map(|entry| CheckedEntry {
                entry,
                hash,
                bytes: bytes.clone(),
            }));
        }
        if head != Some(batch.head.head) {
            return Err(BatchError::OtherHead);
        }
        Ok(Self { entries })
    }

    /// Its entries, at least one, in order.
    #[must_use]
    pub fn entries(&self) -> &[CheckedEntry] {
        &self.entries
    }
}

impl CheckedEntry {
    /// Where it belongs in a journal that ends at `head`. `known` is the hash of the entry that was
    /// delivered under its number, if one was.
    #[must_use]
    pub fn place(&self, head: JournalHead, known: Option<[u8; 32]>) -> Place {
        let number = self.entry.number;
        if number <= head.number {
            let same = known == Some(self.hash) || is_planted(Fault::ForkNotSeen);
            return if same { Place::Known } else { Place::Fork };
        }
        if number > head.number.saturating_add(1) {
            return Place::Gap;
        }
        let follows = self.entry.previous == head.hash || is_planted(Fault::ForkNotSeen);
        if follows { Place::Next } else { Place::Fork }
    }

    /// Whether its time can't be: before its device was enrolled, or after now.
    #[must_use]
    pub fn has_impossible_time(&self, enrolled_at: Option<UnixMillis>, now: UnixMillis) -> bool {
        let at = self.entry.at;
        let before = enrolled_at.is_some_and(|enrolled| at.latest < enrolled.minus(TOLERANCE));
        before || at.earliest > now.plus(TOLERANCE)
    }
}

/// The head that the batch's first entry says it follows; whether it is ours, [`CheckedEntry::place`]
/// sees.
fn before(bytes: &[u8]) -> Result<JournalHead, ChainError> {
    let entry =
        JournalEntry::decode(bytes).map_err(|error| ChainError::Malformed { after: 0, error })?;
    Ok(JournalHead { number: entry.number.saturating_sub(1), hash: entry.previous })
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        id::{Epoch, GateId, OperatorId},
        journal::JournalBody,
        time::TimeInterval,
    };

    use super::*;

    fn entry(number: u64, previous: [u8; 32], at: TimeInterval) -> CheckedEntry {
        let (device, gate, operator, epoch) = (DeviceId(1), GateId(1), OperatorId(0), Epoch(1));
        let body = JournalBody::SignedIn;
        let entry = JournalEntry { device, gate, operator, epoch, number, previous, at, body };
        CheckedEntry { entry, hash: [9; 32], bytes: entry.encode() }
    }

    #[test]
    fn an_entry_is_known_or_next_or_its_journal_is_told_apart() {
        let head = JournalHead { number: 5, hash: [5; 32] };
        let at = TimeInterval::exact(UnixMillis(0));
        for (number, previous, known, expected) in [
            (5, [4; 32], Some([9; 32]), Place::Known),
            (5, [4; 32], Some([8; 32]), Place::Fork),
            (5, [4; 32], None, Place::Fork),
            (6, [5; 32], None, Place::Next),
            (6, [4; 32], None, Place::Fork),
            (7, [5; 32], None, Place::Gap),
            (u64::MAX, [5; 32], None, Place::Gap),
        ] {
            assert_eq!(entry(number, previous, at).place(head, known), expected, "{number}");
        }
    }

    #[test]
    fn only_times_that_no_clock_explains_cannot_be() {
        let (enrolled, now) = (UnixMillis(10 * TOLERANCE), UnixMillis(20 * TOLERANCE));
        let judge = |earliest: u64, latest: u64| {
            let at = TimeInterval { earliest: UnixMillis(earliest), latest: UnixMillis(latest) };
            entry(1, [0; 32], at).has_impossible_time(Some(enrolled), now)
        };
        for (earliest, latest, expected) in [
            (15 * TOLERANCE, 15 * TOLERANCE, false),
            (0, 9 * TOLERANCE, false),
            (0, 9 * TOLERANCE - 1, true),
            (21 * TOLERANCE, u64::MAX, false),
            (21 * TOLERANCE + 1, u64::MAX, true),
            // A gate that knows nothing claims nothing.
            (0, u64::MAX, false),
        ] {
            assert_eq!(judge(earliest, latest), expected, "{earliest} to {latest}");
        }
        let past = entry(1, [0; 32], TimeInterval::exact(UnixMillis(0)));
        assert!(!past.has_impossible_time(None, now), "nobody knows when it was enrolled");
    }
}
