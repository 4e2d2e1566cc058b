//! What this device granted to other gates as the venue's hub, and which claims it heard were given up.
//! It all stands in the journal; the ledger says later what became of it.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::{ClaimStanding, ClaimState, EventState},
    right::Use,
};

/// What this device granted as hub.
#[derive(Debug, Default)]
pub(super) struct Granted {
    /// Open grants by ticket, until the ledger has them.
    open: BTreeMap<Serial, Vec<Use>>,
    /// Every key, until the ledger knows its end.
    keys: BTreeMap<ClaimKey, ClaimState>,
}

impl Granted {
    /// Takes note of an own journal entry that is durable.
    pub(super) fn note(&mut self, entry: &JournalEntry) {
        match entry.body {
            JournalBody::Granted { .. } => {
                if let Some(used) = entry.granted() {
                    self.grant(used, entry.number);
                }
            }
            JournalBody::GaveUp { device, claim, right } => {
                self.give_up(right.serial, claim, device);
            }
            _ => {}
        }
    }

    /// A claim is granted by the journal entry `number`; 0 while that waits for the disk.
    pub(super) fn grant(&mut self, used: Use, number: u64) {
        if self.is_gone(&used.claim) {
            return;
        }
        let (serial, device) = (used.right.serial, used.device);
        let standing = ClaimStanding::Granted(number);
        self.keys.insert(used.claim, ClaimState { serial, device, standing });
        let open = self.open.entry(serial).or_default();
        if !open.iter().any(|known| known.claim == used.claim) {
            open.push(used);
        }
    }

    /// Under this key nothing is granted any more.
    pub(super) fn give_up(&mut self, serial: Serial, claim: ClaimKey, device: DeviceId) {
        let standing = ClaimStanding::Abandoned;
        self.keys.insert(claim, ClaimState { serial, device, standing });
        self.close(serial, &claim);
    }

    /// The grant couldn't be written, and nobody was told of it.
    pub(super) fn undo(&mut self, claim: &ClaimKey) {
        if let Some(known) = self.keys.remove(claim) {
            self.close(known.serial, claim);
        }
    }

    fn close(&mut self, serial: Serial, claim: &ClaimKey) {
        if let Some(open) = self.open.get_mut(&serial) {
            open.retain(|used| used.claim != *claim);
            if open.is_empty() {
                self.open.remove(&serial);
            }
        }
    }

    /// Forgets what the ledger knows by now of one ticket.
    pub(super) fn settle(&mut self, serial: Serial, state: &EventState) {
        let Some(open) = self.open.get_mut(&serial) else { return };
        open.retain(|used| state.claim(&used.claim).is_none());
        if open.is_empty() {
            self.open.remove(&serial);
        }
    }

    /// Forgets what the ledger knows by now.
    pub(super) fn settle_all(&mut self, state: &EventState) {
        let serials: Vec<_> = self.serials().collect();
        for serial in serials {
            self.settle(serial, state);
        }
    }

    /// Open grants on a ticket that the ledger doesn't have.
    pub(super) fn open(&self, serial: Serial) -> &[Use] {
        self.open.get(&serial).map_or(&[], Vec::as_slice)
    }

    /// Tickets with such grants.
    pub(super) fn serials(&self) -> impl Iterator<Item = Serial> {
        self.open.keys().copied()
    }

    /// Whether a key was given up, as far as was heard here.
    pub(super) fn is_gone(&self, claim: &ClaimKey) -> bool {
        self.keys.get(claim).is_some_and(|known| known.standing == ClaimStanding::Abandoned)
    }

    /// What a key was used for, here or by the ledger. A device's own word that it gave a key up, which only
    /// the hub heard, is newer than the grant; only that the use is recorded is newer than that.
    pub(super) fn claim(&self, key: &ClaimKey, state: &EventState) -> Option<ClaimState> {
        let here = self.keys.get(key).copied();
        match state.claim(key) {
            Some(there) => match there.standing {
                ClaimStanding::Granted(_) if self.is_gone(key) => here,
                _ => Some(there),
            },
            None => here,
        }
    }
}
