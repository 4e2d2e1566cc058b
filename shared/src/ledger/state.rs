//! What a ledger adds up to. The server folds it as it writes, a gate as it follows; both end with
//! the same state, or the fold says at which entry it can't be continued.

use std::collections::BTreeMap;

use crate::{
    id::{ClaimKey, Epoch, EventId, InstallationId, Serial},
    roster::Roster,
    time::TimeInterval,
    wire::WireError,
};

use super::{
    Answer, ClaimState, Cursor, Leases, LedgerBody, LedgerEntry, Occupancy, Redemption, Restores,
    Right,
};

/// Redemptions of one ticket that together exceed what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The ticket.
    pub serial: Serial,
    /// Admissions it allows.
    pub allowed: u8,
    /// All its redemptions.
    pub redemptions: Vec<Redemption>,
    /// What staff said of those that were interrupted; each may have let a guest in.
    pub answers: Vec<Answer>,
}

/// Why a ledger can't be followed further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The bytes aren't an entry.
    #[error("ledger entry {sequence} can't be read: {error}")]
    Malformed {
        /// The number it should have.
        sequence: u64,
        /// What is wrong with the bytes.
        error: WireError,
    },
    /// An entry of another event.
    #[error("ledger entry {0} belongs to another event")]
    OtherEvent(u64),
    /// A number is missing or repeated.
    #[error("ledger entry {expected} is missing: {found} follows instead")]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An entry doesn't follow from the one before.
    #[error("ledger entry {0} doesn't belong to the entries before it")]
    Broken(u64),
    /// An entry contradicts what went before.
    #[error("ledger entry {0} contradicts the entries before it")]
    Contradiction(u64),
}

/// An event's state: a fold of its ledger up to [`EventState::cursor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventState {
    installation: InstallationId,
    event: EventId,
    cursor: Cursor,
    pub(super) roster: Roster,
    pub(super) rights: BTreeMap<Serial, Right>,
    pub(super) claims: BTreeMap<ClaimKey, ClaimState>,
    pub(super) occupancy: Occupancy,
    pub(super) leases: Leases,
    pub(super) restores: Restores,
}

impl EventState {
    /// The state of an event to which nothing has happened.
    #[must_use]
    pub fn new(installation: InstallationId, event: EventId, epoch: Epoch) -> Self {
        Self {
            installation,
            event,
            cursor: Cursor { epoch, ..Cursor::default() },
            roster: Roster::default(),
            rights: BTreeMap::new(),
            claims: BTreeMap::new(),
            occupancy: Occupancy::default(),
            leases: Leases::default(),
            restores: Restores::default(),
        }
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.event
    }

    /// How far the ledger was followed.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The issued tickets.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// What happened to a ticket, if anything did.
    #[must_use]
    pub fn right(&self, serial: Serial) -> Option<&Right> {
        self.rights.get(&serial)
    }

    /// Every ticket that something happened to, by serial.
    pub fn rights(&self) -> impl Iterator<Item = (Serial, &Right)> {
        self.rights.iter().map(|(&serial, right)| (serial, right))
    }

    /// Persons inside: whoever came in or is being admitted, and hasn't left.
    #[must_use]
    pub const fn occupancy(&self) -> &Occupancy {
        &self.occupancy
    }

    /// Which device alone decides about which rights.
    #[must_use]
    pub const fn leases(&self) -> &Leases {
        &self.leases
    }

    /// Whether the server was restored, and what was got back.
    #[must_use]
    pub const fn restores(&self) -> &Restores {
        &self.restores
    }

    /// What a claim key was used for.
    #[must_use]
    pub fn claim(&self, key: &ClaimKey) -> Option<ClaimState> {
        self.claims.get(key).copied()
    }

    /// Every conflict, by serial.
    pub fn conflicts(&self) -> impl Iterator<Item = Conflict> {
        self.rights().filter(|(_, right)| !right.conflict.is_empty()).map(|(serial, right)| {
            Conflict {
                serial,
                allowed: self.roster.class(serial).map_or(0, |(_, entries)| entries),
                redemptions: right.redemptions.clone(),
                answers: right.answers.clone(),
            }
        })
    }

    /// The next entry of this ledger, with `body`, recorded at `at`. It is not applied.
    #[must_use]
    pub const fn next_entry(&self, body: LedgerBody, at: TimeInterval) -> LedgerEntry {
        LedgerEntry {
            event: self.event,
            epoch: self.cursor.epoch,
            sequence: self.cursor.sequence.saturating_add(1),
            previous: self.cursor.hash,
            at,
            body,
        }
    }

    /// Writes the next entry and applies it: the server's way to append.
    ///
    /// # Errors
    /// [`FoldError::Contradiction`] if the entry contradicts the state; nothing is changed then.
    pub fn append(
        &mut self,
        body: LedgerBody,
        at: TimeInterval,
    ) -> Result<(LedgerEntry, Vec<u8>), FoldError> {
        let entry = self.next_entry(body, at);
        let bytes = entry.encode();
        self.apply_checked(&entry, &bytes)?;
        Ok((entry, bytes))
    }

    /// Writes the entry with which `epoch` begins, and applies it: the server was restored.
    ///
    /// # Errors
    /// [`FoldError::Contradiction`] if the epoch isn't higher than the ledger's; nothing is changed then.
    pub fn enter_epoch(
        &mut self,
        epoch: Epoch,
        at: TimeInterval,
    ) -> Result<(LedgerEntry, Vec<u8>), FoldError> {
        let entry = LedgerEntry { epoch, ..self.next_entry(LedgerBody::Restored, at) };
        let bytes = entry.encode();
        self.apply_checked(&entry, &bytes)?;
        Ok((entry, bytes))
    }

    /// Follows the ledger by one entry, given as its canonical bytes.
    ///
    /// # Errors
    /// [`FoldError`] if it isn't the next entry of this ledger; nothing is changed then.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<LedgerEntry, FoldError> {
        let expected = self.cursor.sequence.saturating_add(1);
        let entry = LedgerEntry::decode(bytes)
            .map_err(|error| FoldError::Malformed { sequence: expected, error })?;
        if entry.event != self.event {
            return Err(FoldError::OtherEvent(entry.sequence));
        }
        if entry.sequence != expected {
            return Err(FoldError::Gap { expected, found: entry.sequence });
        }
        if entry.previous != self.cursor.hash || entry.epoch < self.cursor.epoch {
            return Err(FoldError::Broken(entry.sequence));
        }
        self.apply_checked(&entry, bytes)?;
        Ok(entry)
    }

    fn apply_checked(&mut self, entry: &LedgerEntry, bytes: &[u8]) -> Result<(), FoldError> {
        // An epoch begins with the entry that says so, and with nothing else.
        let rises = entry.sequence > 1 && entry.epoch > self.cursor.epoch;
        let restored = entry.sequence > 1 && entry.body == LedgerBody::Restored;
        if rises != restored || !self.fold(entry) {
            return Err(FoldError::Contradiction(entry.sequence));
        }
        self.cursor = Cursor {
            epoch: entry.epoch,
            sequence: entry.sequence,
            hash: Cursor::hash_of(self.installation, bytes),
        };
        Ok(())
    }
}
