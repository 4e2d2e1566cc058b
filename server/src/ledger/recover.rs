//! Taking back what a restored server lost, whoever keeps ledger and journals. The rule for one entry is
//! [`restate`](super::restate()); here is how a page of them is taken in, what follows for journal entries that were set apart
//! meanwhile, and when the search is over.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, GateId, Serial},
    journal::JournalEntry,
    ledger::{Cursor, EventState, LedgerBody, LedgerEntry},
    planted::{Fault, is_planted},
    roster::MAX_SKIPPED,
    sync::{EntryFate, FeedPage, OfferAnswer},
};

use super::{Acceptance, Restated};

/// A journal entry that was set apart because its ticket, lease or use wasn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfitting {
    /// Whose.
    pub device: DeviceId,
    /// The gate that the device was enrolled for.
    pub gate: GateId,
    /// The entry.
    pub entry: JournalEntry,
}

/// What keeps the event's ledger and what was set apart, within one transaction.
pub trait Recovering {
    /// Why something can't be read or kept.
    type Error;

    /// What the ledger adds up to.
    ///
    /// # Errors
    /// As the keeper says.
    fn state(&mut self) -> Result<&EventState, Self::Error>;

    /// What becomes of an entry that was lost: [`super::restate()`] with the event's state and rules.
    ///
    /// # Errors
    /// As the keeper says.
    fn restate(&mut self, body: &LedgerBody) -> Result<Restated, Self::Error>;

    /// Appends to the ledger.
    ///
    /// # Errors
    /// As the keeper says.
    fn append(&mut self, body: LedgerBody) -> Result<(), Self::Error>;

    /// Appends what may contradict the state; false, and nothing changed, if it does.
    ///
    /// # Errors
    /// As the keeper says.
    fn append_if_fits(&mut self, body: LedgerBody) -> Result<bool, Self::Error>;

    /// What was set apart as [unfitting](crate::store::types::QuarantineReason::Unfitting), by device and number.
    ///
    /// # Errors
    /// As the keeper says.
    fn unfitting(&mut self) -> Result<Vec<Unfitting>, Self::Error>;

    /// What an entry adds to the ledger: [`super::accept_entry`] with the event's state and rules.
    ///
    /// # Errors
    /// As the keeper says.
    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, Self::Error>;

    /// An entry isn't set apart any more.
    ///
    /// # Errors
    /// As the keeper says.
    fn release(&mut self, device: DeviceId, number: u64) -> Result<(), Self::Error>;
}

/// Takes in a page that the server signed before and lacks now. Its signature was checked, and what it follows
/// is known.
///
/// # Errors
/// As the keeper says; what it kept must then be undone.
pub fn take_page<K: Recovering>(keeper: &mut K, page: &FeedPage) -> Result<OfferAnswer, K::Error> {
    let mut answer = OfferAnswer { restated: 0, unfit: 0 };
    let forgotten = is_planted(Fault::NothingRestated);
    for bytes in page.entries.iter().filter(|_| !forgotten) {
        // The page was verified: each is an entry.
        let Ok(LedgerEntry { body, .. }) = LedgerEntry::decode(bytes) else { continue };
        let restated = keeper.restate(&body)?;
        let Restated::Anew(bodies) = restated else {
            answer.unfit += u32::from(restated == Restated::Unfit);
            continue;
        };
        for body in bodies {
            if keeper.append_if_fits(body)? {
                answer.restated += 1;
            } else {
                answer.unfit += 1;
            }
        }
    }
    let until = page.end.cursor;
    let known = keeper.state()?.restores().recovered(until.epoch);
    if known.is_none_or(|known| known.sequence < until.sequence) && !page.entries.is_empty() {
        let OfferAnswer { restated, unfit } = answer;
        keeper.append(LedgerBody::Recovered { until, restated, unfit })?;
    }
    // One that is taken in may be what another waits for.
    while answer.restated > 0 && reconsider(keeper)? {}
    Ok(answer)
}

/// Judges anew what was set apart as unfitting. False if each stays so.
fn reconsider<K: Recovering>(keeper: &mut K) -> Result<bool, K::Error> {
    let mut taken = false;
    let stays = is_planted(Fault::NothingReconsidered);
    for Unfitting { device, gate, entry } in keeper.unfitting()?.into_iter().filter(|_| !stays) {
        let accepted = keeper.judge(&entry, gate)?;
        if accepted.fate == EntryFate::Quarantined {
            continue;
        }
        taken = true;
        for body in accepted.append {
            keeper.append(body)?;
        }
        keeper.release(device, entry.number)?;
    }
    Ok(taken)
}

/// What the ledger records about a position that this installation's root key signed, and which it lacks
/// (`has` is false): in its own epoch or a later one the server was rolled back without anybody saying so.
#[must_use]
pub fn rollback(state: &EventState, epoch: Epoch, lost: Cursor, has: bool) -> Rollback {
    if has || lost.epoch < epoch || lost.sequence == 0 {
        return Rollback::None;
    }
    match state.restores().rolled_back() {
        Some(known) if known.epoch >= lost.epoch => Rollback::Known,
        _ => Rollback::Found(LedgerBody::RollbackFound { lost }),
    }
}

/// What a position says about a rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// Nothing.
    None,
    /// It proves one that is recorded already.
    Known,
    /// It proves one: to be recorded.
    Found(LedgerBody),
}

/// Whether a page may follow a position that the ledger lacks: it was got back. Whose pages end elsewhere offers some of
/// it again, which changes nothing.
#[must_use]
pub fn is_recovered(state: &EventState, position: Cursor) -> bool {
    state
        .restores()
        .all_recovered()
        .any(|until| until.epoch >= position.epoch && until.sequence >= position.sequence)
}

/// The first serial to issue once a restore is over: above those an admin named and those on genuine tickets
/// that gates saw. No gate can make the event pass over more than a restore may.
pub fn first_free(
    state: &EventState,
    issued_up_to: Option<Serial>,
    seen: impl IntoIterator<Item = Serial>,
) -> Serial {
    let issued = state.roster().len();
    let may_pass_over = issued..issued.saturating_add(MAX_SKIPPED);
    let seen = seen.into_iter().filter(|serial| may_pass_over.contains(&serial.0));
    let last = seen.chain(issued_up_to).map(|serial| serial.0.saturating_add(1)).max();
    Serial(last.unwrap_or_default().max(issued))
}
