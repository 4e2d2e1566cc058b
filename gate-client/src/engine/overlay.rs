//! What this device knows beyond the ledger: its own redemptions that haven't come back through
//! the feed yet, and interruptions it found or answered.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{DeviceId, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::{EventState, LastUse, Right},
    right::{Use, UseKind},
    rules::RightView,
};

/// An own redemption.
#[derive(Clone, Copy, Debug)]
struct Own {
    number: u64,
    used: Use,
}

/// Own knowledge by ticket.
#[derive(Debug)]
pub(super) struct Overlay {
    device: DeviceId,
    own: BTreeMap<Serial, Vec<Own>>,
    interrupted: BTreeMap<Serial, (DeviceId, u64)>,
    answered: BTreeSet<(DeviceId, u64)>,
}

impl Overlay {
    pub(super) const fn new(device: DeviceId) -> Self {
        Self {
            device,
            own: BTreeMap::new(),
            interrupted: BTreeMap::new(),
            answered: BTreeSet::new(),
        }
    }

    /// Takes note of an own journal entry that is durable.
    pub(super) fn note(&mut self, entry: &JournalEntry) {
        match entry.body {
            JournalBody::Redeemed { right, .. } => {
                if let Some(used) = entry.redeemed() {
                    self.own
                        .entry(right.serial)
                        .or_default()
                        .push(Own { number: entry.number, used });
                }
            }
            JournalBody::Interrupted { number, right } => {
                self.interrupt(right.serial, number);
            }
            JournalBody::Answered { device, number, right, .. } => {
                self.answered.insert((device, number));
                if self.interrupted.get(&right.serial) == Some(&(device, number)) {
                    self.interrupted.remove(&right.serial);
                }
            }
            _ => {}
        }
    }

    /// An own admission was found interrupted.
    pub(super) fn interrupt(&mut self, serial: Serial, number: u64) {
        self.interrupted.insert(serial, (self.device, number));
    }

    /// Forgets what the ledger knows by now of one ticket.
    pub(super) fn settle(&mut self, serial: Serial, right: Option<&Right>) {
        let Some(right) = right else { return };
        if let Some(own) = self.own.get_mut(&serial) {
            own.retain(|own| !in_ledger(right, self.device, own.number));
            if own.is_empty() {
                self.own.remove(&serial);
            }
        }
        if let Some(found) = self.interrupted.get(&serial)
            && (right.interrupted.contains(found) || right.is_answered(*found))
        {
            self.interrupted.remove(&serial);
        }
    }

    /// The ledger's view of a ticket with the own knowledge added.
    pub(super) fn view(&self, state: &EventState, serial: Serial) -> RightView {
        let mut view = RightView::default();
        if let Some(right) = state.right(serial) {
            view = RightView::of(right);
            self.leave_out_own_grants(right, &mut view);
        }
        for own in self.own.get(&serial).into_iter().flatten() {
            if own.used.kind == UseKind::Entry {
                view.entered = view.entered.saturating_add(u32::from(own.used.count));
                view.last_use = Some(LastUse::from(&own.used));
            }
        }
        view.interrupted = view.interrupted.filter(|at| !self.answered.contains(at));
        if let Some(&at) = self.interrupted.get(&serial) {
            view.interrupted = Some(at);
        }
        view
    }

    /// An own grant isn't somebody else's admission: it is the claim being made, or one given up.
    fn leave_out_own_grants(&self, right: &Right, view: &mut RightView) {
        let mut others = right
            .grants
            .iter()
            .filter(|grant| grant.used.kind == UseKind::Entry && grant.used.device != self.device);
        view.being_admitted = others.clone().map(|grant| u32::from(grant.used.count)).sum();
        view.open_grant = others.next_back().map(|grant| LastUse::from(&grant.used));
    }
}

fn in_ledger(right: &Right, device: DeviceId, number: u64) -> bool {
    right
        .redemptions
        .iter()
        .any(|redemption| redemption.used.device == device && redemption.number == number)
}
