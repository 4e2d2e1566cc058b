//! Taking in a batch of a device's journal, whoever keeps journals and ledger. What a device wrote is
//! kept whatever it says; two versions of one entry are both kept.

use kaisatsu_shared::{
    id::{DeviceId, GateId},
    journal::{JournalBody, JournalEntry, JournalHead},
    ledger::LedgerBody,
    sync::{BatchAnswer, EntryAnswer, EntryFate},
    time::UnixMillis,
};

use super::{Acceptance, CheckedBatch, CheckedEntry, Place};
use crate::store::types::QuarantineReason;

/// What keeps the sender's journal and the event's ledger, within one transaction.
pub trait Keeper {
    /// Why something can't be read or kept.
    type Error;

    /// Where the journal that was delivered so far ends.
    ///
    /// # Errors
    /// As the keeper says.
    fn head(&mut self) -> Result<JournalHead, Self::Error>;

    /// The hash of the entry that was delivered under this number, if one was.
    ///
    /// # Errors
    /// As the keeper says.
    fn hash(&mut self, number: u64) -> Result<Option<[u8; 32]>, Self::Error>;

    /// Keeps the journal's next entry.
    ///
    /// # Errors
    /// As the keeper says.
    fn keep(&mut self, entry: &CheckedEntry) -> Result<(), Self::Error>;

    /// Sets an entry apart for an admin; the same one may come again.
    ///
    /// # Errors
    /// As the keeper says.
    fn set_apart(
        &mut self,
        entry: &CheckedEntry,
        reason: QuarantineReason,
    ) -> Result<(), Self::Error>;

    /// What an entry adds to the ledger: [`super::accept_entry`] with the event's state and rules.
    ///
    /// # Errors
    /// As the keeper says.
    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, Self::Error>;

    /// How far another device's journal was delivered; 0 where that isn't known.
    ///
    /// # Errors
    /// As the keeper says.
    fn delivered(&mut self, _: DeviceId) -> Result<u64, Self::Error> {
        Ok(0)
    }

    /// Appends to the ledger.
    ///
    /// # Errors
    /// As the keeper says.
    fn append(&mut self, body: LedgerBody) -> Result<(), Self::Error>;
}

/// What is known of the device that sent a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The gate it was enrolled for.
    pub gate: GateId,
    /// Whether it was revoked: what it wrote is kept, and has no effect.
    pub revoked: bool,
    /// When it was enrolled, where that is known.
    pub enrolled_at: Option<UnixMillis>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// It is kept.
    Accepted {
        /// The answer, for when that is durable.
        answer: BatchAnswer,
        /// Where the journal ends now.
        head: JournalHead,
        /// How many entries, not delivered before, have a time that can't be.
        fresh_suspicions: u32,
    },
    /// Entries after this number are missing; nothing was kept.
    Gap(u64),
    /// This entry differs from the one delivered before. Everything from it on was set apart.
    Forked(u64),
}

/// Takes in a batch at `now` by the server's clock.
///
/// # Errors
/// As the keeper says; what it kept must then be undone.
pub fn take_in<K: Keeper>(
    keeper: &mut K,
    sender: Sender,
    batch: &CheckedBatch,
    now: UnixMillis,
) -> Result<TakenIn, K::Error> {
    let mut suspicious_times = Vec::new();
    let mut fresh_suspicions = 0;
    let mut head = keeper.head()?;
    let mut answers = Vec::with_capacity(batch.entries().len());
    for (index, checked) in batch.entries().iter().enumerate() {
        let number = checked.entry.number;
        let stored = if number <= head.number { keeper.hash(number)? } else { None };
        let suspicious = checked.has_impossible_time(sender.enrolled_at, now);
        let fate = match checked.place(head, stored) {
            // Only the first can be: the batch's own chain holds.
            Place::Gap => return Ok(TakenIn::Gap(head.number)),
            Place::Fork => {
                for rest in batch.entries().iter().skip(index) {
                    keeper.set_apart(rest, QuarantineReason::Fork)?;
                }
                return Ok(TakenIn::Forked(number));
            }
            Place::Known => EntryFate::AlreadyKnown,
            Place::Next => {
                fresh_suspicions += u32::from(suspicious);
                head = JournalHead { number, hash: checked.hash };
                take_in_entry(keeper, sender, checked)?
            }
        };
        if suspicious {
            suspicious_times.push(number);
        }
        answers.push(EntryAnswer { number, fate });
    }
    let answer = BatchAnswer { acknowledged: head.number, entries: answers, suspicious_times };
    Ok(TakenIn::Accepted { answer, head, fresh_suspicions })
}

fn take_in_entry<K: Keeper>(
    keeper: &mut K,
    sender: Sender,
    checked: &CheckedEntry,
) -> Result<EntryFate, K::Error> {
    keeper.keep(checked)?;
    if sender.revoked {
        keeper.set_apart(checked, QuarantineReason::Revoked)?;
        return Ok(EntryFate::Quarantined);
    }
    let mut acceptance = keeper.judge(&checked.entry, sender.gate)?;
    if let JournalBody::Received { from, number, .. } = checked.entry.body
        && !acceptance.append.is_empty()
        && keeper.delivered(from)? >= number
    {
        // The giver's journal is here, and has nothing of the kind.
        acceptance = Acceptance::only(EntryFate::Quarantined);
    }
    if acceptance.fate == EntryFate::Quarantined {
        keeper.set_apart(checked, QuarantineReason::Unfitting)?;
    }
    for body in acceptance.append {
        keeper.append(body)?;
    }
    Ok(acceptance.fate)
}
