//! What a ledger adds up to. The server folds it as it writes, a gate as it follows; both end with
//! the same state, or the fold says at which entry it can't be continued.

use std::collections::BTreeMap;

use crate::{
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, InstallationId, Serial},
    right::{Use, UseKind},
    roster::Roster,
    time::TimeInterval,
    wire::WireError,
};

use super::{Cursor, LedgerBody, LedgerEntry, VoidReason};

/// A recorded use of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The number of the device's journal entry.
    pub number: u64,
    /// The use.
    pub used: Use,
}

/// A granted claim that its gate hasn't confirmed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The granted use.
    pub used: Use,
}

/// What happened to one ticket's right. Tickets nobody showed have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// Its uses, in the order recorded.
    pub redemptions: Vec<Redemption>,
    /// Claims granted but not confirmed.
    pub grants: Vec<Grant>,
    /// Why it was voided, if it was.
    pub voided: Option<VoidReason>,
    /// The admission that a device recorded but may not have shown: device and journal number.
    pub interrupted: Option<(DeviceId, u64)>,
    /// Interrupted admissions that staff answered for.
    pub answered: Vec<(DeviceId, u64)>,
    /// The sequence numbers of the redemptions in conflict; empty where there is none.
    pub conflict: Vec<u64>,
}

impl Right {
    /// Persons who entered on it.
    #[must_use]
    pub fn entered(&self) -> u32 {
        self.redemptions.iter().map(|redemption| entries_of(&redemption.used)).sum()
    }

    /// Persons who entered on it or are being admitted.
    #[must_use]
    pub fn claimed(&self) -> u32 {
        self.entered() + self.grants.iter().map(|grant| entries_of(&grant.used)).sum::<u32>()
    }

    /// The newest entry on it.
    #[must_use]
    pub fn last_entry(&self) -> Option<&Redemption> {
        self.redemptions.iter().rev().find(|redemption| redemption.used.kind == UseKind::Entry)
    }
}

fn entries_of(used: &Use) -> u32 {
    match used.kind {
        UseKind::Entry => u32::from(used.count),
        UseKind::Exit => 0,
    }
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStanding {
    /// Granted, not confirmed. The ledger entry that granted it.
    Granted(u64),
    /// Its use is recorded. The ledger entry that recorded it.
    Redeemed(u64),
    /// Given up by its device; never granted again.
    Abandoned,
}

/// A claim key and what it was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimState {
    /// The ticket.
    pub serial: Serial,
    /// The device that made the key.
    pub device: DeviceId,
    /// Where the claim stands.
    pub standing: ClaimStanding,
}

/// Redemptions of one ticket that together exceed what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The ticket.
    pub serial: Serial,
    /// Admissions it allows.
    pub allowed: u8,
    /// All its redemptions.
    pub redemptions: Vec<Redemption>,
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
    roster: Roster,
    rights: BTreeMap<Serial, Right>,
    claims: BTreeMap<ClaimKey, ClaimState>,
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
        if !self.fold(entry) {
            return Err(FoldError::Contradiction(entry.sequence));
        }
        self.cursor = Cursor {
            epoch: entry.epoch,
            sequence: entry.sequence,
            hash: Cursor::hash_of(self.installation, bytes),
        };
        Ok(())
    }

    /// Applies what the entry says; false, and nothing changed, if it contradicts the state.
    fn fold(&mut self, entry: &LedgerEntry) -> bool {
        let sequence = entry.sequence;
        match &entry.body {
            LedgerBody::Issued { first, ticket_type, entries, fingerprints } => {
                return self.roster.issue(*first, *ticket_type, *entries, fingerprints);
            }
            LedgerBody::Reissued(ticket) => {
                return self.roster.reissue(ticket.serial, ticket.generation, ticket.fingerprint);
            }
            _ if entry.body.serial().0 >= self.roster.len() => return false,
            LedgerBody::Voided { serial, reason } => {
                self.rights.entry(*serial).or_default().voided = Some(*reason);
            }
            LedgerBody::Granted(used) => {
                if self.claims.contains_key(&used.claim) {
                    return false;
                }
                self.rights
                    .entry(used.right.serial)
                    .or_default()
                    .grants
                    .push(Grant { sequence, used: *used });
                self.set_claim(used, ClaimStanding::Granted(sequence));
            }
            LedgerBody::Abandoned { serial, claim, device } => {
                let redeemed = |state: &ClaimState| {
                    matches!(state.standing, ClaimStanding::Redeemed(_)) || state.serial != *serial
                };
                if self.claims.get(claim).is_some_and(redeemed) {
                    return false;
                }
                if let Some(right) = self.rights.get_mut(serial) {
                    right.grants.retain(|grant| grant.used.claim != *claim);
                }
                let standing = ClaimStanding::Abandoned;
                self.claims
                    .insert(*claim, ClaimState { serial: *serial, device: *device, standing });
            }
            LedgerBody::Redeemed { used, number } => {
                let right = self.rights.entry(used.right.serial).or_default();
                let known =
                    |old: &Redemption| old.used.device == used.device && old.number == *number;
                if right.redemptions.iter().any(known) {
                    return false;
                }
                right.grants.retain(|grant| grant.used.claim != used.claim);
                right.redemptions.push(Redemption { sequence, number: *number, used: *used });
                self.set_claim(used, ClaimStanding::Redeemed(sequence));
            }
            LedgerBody::Interrupted { serial, device, number } => {
                self.rights.entry(*serial).or_default().interrupted = Some((*device, *number));
            }
            LedgerBody::Answered { serial, device, number, .. } => {
                let right = self.rights.entry(*serial).or_default();
                if right.interrupted == Some((*device, *number)) {
                    right.interrupted = None;
                }
                right.answered.push((*device, *number));
            }
            LedgerBody::ConflictFound { serial, redemptions } => {
                self.rights.entry(*serial).or_default().conflict.clone_from(redemptions);
            }
        }
        true
    }

    fn set_claim(&mut self, used: &Use, standing: ClaimStanding) {
        let state = ClaimState { serial: used.right.serial, device: used.device, standing };
        self.claims.insert(used.claim, state);
    }
}

/// Where and when a right was last used, as verdicts show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastUse {
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// When.
    pub at: TimeInterval,
}

impl From<&Use> for LastUse {
    fn from(used: &Use) -> Self {
        Self { gate: used.gate, device: used.device, at: used.at }
    }
}
