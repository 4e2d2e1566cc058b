//! What other gates have told of themselves through the venue's hub, beyond the ledger: their signed journal
//! entries. They only add guests who came in, and whose admission was interrupted: what they say frees nothing, so
//! exits wait for the ledger. In memory; whoever starts anew hears it again.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, EventId, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::EventState,
    right::{Use, UseKind},
};

use super::overlay::Interruption;

/// Entries at other gates that the ledger doesn't have yet.
#[derive(Debug, Default)]
pub(super) struct Heard {
    uses: BTreeMap<Serial, Vec<(u64, Use)>>,
    /// Their claims. A key means its device and its ticket: under it no other grant is closed.
    claims: BTreeSet<(ClaimKey, DeviceId, Serial)>,
    /// Admissions at other gates whose light may not have been seen.
    interrupted: BTreeMap<Serial, Vec<Interruption>>,
    /// Interruptions, of any gate, that staff have answered for at another one.
    answered: BTreeSet<Interruption>,
}

impl Heard {
    /// Takes note of another device's entry.
    pub(super) fn note(
        &mut self,
        entry: &JournalEntry,
        (event, own): (EventId, DeviceId),
        state: &EventState,
    ) {
        if let Some(used) = entry.redeemed() {
            self.note_use(entry.number, used, (event, own), state);
        }
        let Some(right) = entry.body.right().filter(|right| right.event == event) else { return };
        if entry.device == own {
            return;
        }
        match entry.body {
            JournalBody::Interrupted { number, .. } => {
                let open = self.interrupted.entry(right.serial).or_default();
                let found = (entry.device, number);
                if !open.contains(&found) {
                    open.push(found);
                }
                self.settle_interrupted(right.serial, state);
            }
            JournalBody::Answered { device, number, .. } => {
                self.answered.insert((device, number));
            }
            _ => {}
        }
    }

    /// Takes note of a use that another device has recorded under this number.
    pub(super) fn note_use(
        &mut self,
        number: u64,
        used: Use,
        (event, own): (EventId, DeviceId),
        state: &EventState,
    ) {
        if used.kind == UseKind::Entry {
            self.note_recounted(number, used, (event, own), state);
        }
    }

    /// Takes note of a use that the right's last authority told again: by its word somebody may also have left.
    pub(super) fn note_recounted(
        &mut self,
        number: u64,
        used: Use,
        (event, own): (EventId, DeviceId),
        state: &EventState,
    ) {
        let (serial, device) = (used.right.serial, used.device);
        let recorded = state.right(serial).and_then(|right| right.redemption(device, number));
        if device == own || used.right.event != event || recorded.is_some() {
            return;
        }
        let known = self.uses.entry(serial).or_default();
        if !known.iter().any(|(told, it)| (it.device, *told) == (device, number)) {
            known.push((number, used));
            self.claims.insert(claim_of(&used));
        }
    }

    /// Forgets what the ledger knows by now of one ticket.
    pub(super) fn settle(&mut self, serial: Serial, state: &EventState) {
        self.settle_interrupted(serial, state);
        let Some(known) = self.uses.get_mut(&serial) else { return };
        let right = state.right(serial);
        let claims = &mut self.claims;
        known.retain(|(number, used)| {
            let there = right.is_some_and(|right| right.redemption(used.device, *number).is_some());
            if there {
                claims.remove(&claim_of(used));
            }
            !there
        });
        if known.is_empty() {
            self.uses.remove(&serial);
        }
    }

    fn settle_interrupted(&mut self, serial: Serial, state: &EventState) {
        let (Some(open), Some(right)) = (self.interrupted.get_mut(&serial), state.right(serial))
        else {
            return;
        };
        open.retain(|it| !right.interrupted.contains(it) && !right.is_answered(*it));
        if open.is_empty() {
            self.interrupted.remove(&serial);
        }
    }

    /// Forgets what the ledger knows by now.
    pub(super) fn settle_all(&mut self, state: &EventState) {
        let interrupted = self.interrupted.keys().copied();
        let serials: BTreeSet<_> = self.serials().chain(interrupted).collect();
        for serial in serials {
            self.settle(serial, state);
        }
    }

    /// Uses of a ticket at other gates.
    pub(super) fn of(&self, serial: Serial) -> impl Iterator<Item = &Use> {
        self.uses.get(&serial).into_iter().flatten().map(|(_, used)| used)
    }

    /// The same, each with the number that its device gave it.
    pub(super) fn numbered(&self, serial: Serial) -> impl Iterator<Item = (u64, Use)> {
        self.uses.get(&serial).into_iter().flatten().copied()
    }

    /// Tickets with such uses.
    pub(super) fn serials(&self) -> impl Iterator<Item = Serial> {
        self.uses.keys().copied()
    }

    /// Interruptions of a ticket's guests at other gates.
    pub(super) fn interrupted(&self, serial: Serial) -> &[Interruption] {
        self.interrupted.get(&serial).map_or(&[], Vec::as_slice)
    }

    /// Whether staff elsewhere have answered for an interruption.
    pub(super) fn is_answered(&self, found: &Interruption) -> bool {
        self.answered.contains(found)
    }

    /// Whether the use that was granted so was heard: the grant is open no more.
    pub(super) fn has(&self, granted: &Use) -> bool {
        self.claims.contains(&claim_of(granted))
    }
}

const fn claim_of(used: &Use) -> (ClaimKey, DeviceId, Serial) {
    (used.claim, used.device, used.right.serial)
}
