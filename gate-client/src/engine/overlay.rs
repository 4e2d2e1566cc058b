//! What this device knows beyond the ledger: its own redemptions that haven't come back through
//! the feed yet, and interruptions it found or answered.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{DeviceId, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::{EventState, Right},
    right::Use,
    rules::RightView,
};

/// An admission whose light may not have been seen: device and journal number.
type Interruption = (DeviceId, u64);

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
    /// Own interruptions, oldest first, until staff answered for them.
    interrupted: BTreeMap<Serial, Vec<Interruption>>,
    answered: BTreeSet<Interruption>,
    /// Uses that staff here took back: device and journal number.
    annulled: BTreeSet<(DeviceId, u64)>,
}

impl Overlay {
    pub(super) const fn new(device: DeviceId) -> Self {
        Self {
            device,
            own: BTreeMap::new(),
            interrupted: BTreeMap::new(),
            answered: BTreeSet::new(),
            annulled: BTreeSet::new(),
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
                self.answer(right.serial, (device, number));
            }
            JournalBody::Annulled { device, number, .. } => self.annul((device, number)),
            _ => {}
        }
    }

    /// A use is being taken back here.
    pub(super) fn annul(&mut self, used: (DeviceId, u64)) {
        self.annulled.insert(used);
    }

    /// Whether a use was taken back here.
    pub(super) fn is_annulled(&self, used: (DeviceId, u64)) -> bool {
        self.annulled.contains(&used)
    }

    /// The newest use of a ticket that is known, and the number of its journal entry.
    pub(super) fn newest_use(&self, state: &EventState, serial: Serial) -> Option<(u64, Use)> {
        let own = self.own.get(&serial).and_then(|own| own.last());
        let there = state.right(serial).and_then(|right| right.uses().next_back());
        own.map(|own| (own.number, own.used)).or(there.map(|known| (known.number, known.used)))
    }

    /// Staff answered: the question isn't asked again.
    pub(super) fn answer(&mut self, serial: Serial, question: Interruption) {
        self.answered.insert(question);
        self.close(serial, |found| *found == question);
    }

    /// An own admission was found interrupted.
    pub(super) fn interrupt(&mut self, serial: Serial, number: u64) {
        let found = (self.device, number);
        let open = self.interrupted.entry(serial).or_default();
        if !open.contains(&found) {
            open.push(found);
        }
    }

    /// Forgets the interruptions that `is_answered` tells of.
    fn close(&mut self, serial: Serial, is_answered: impl Fn(&Interruption) -> bool) {
        if let Some(open) = self.interrupted.get_mut(&serial) {
            open.retain(|found| !is_answered(found));
            if open.is_empty() {
                self.interrupted.remove(&serial);
            }
        }
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
        // Only an answer closes a question: that the ledger has it too isn't one.
        self.close(serial, |found| right.is_answered(*found));
    }

    /// The ledger's view of a ticket with the own knowledge added.
    pub(super) fn view(&self, state: &EventState, serial: Serial) -> RightView {
        let mut view = RightView::default();
        if let Some(right) = state.right(serial) {
            view = RightView::seen_by(self.device, right);
        }
        for own in self.own.get(&serial).into_iter().flatten() {
            view.uses.push((&own.used).into());
        }
        view.interrupted = self.oldest_question(state.right(serial), serial);
        view
    }

    /// What staff are to be asked first: what the ledger has comes before what it hasn't yet.
    fn oldest_question(&self, right: Option<&Right>, serial: Serial) -> Option<Interruption> {
        let there = right.into_iter().flat_map(|right| right.interrupted.iter());
        let here = self.interrupted.get(&serial).into_iter().flatten();
        there.chain(here).find(|found| !self.answered.contains(found)).copied()
    }
}

fn in_ledger(right: &Right, device: DeviceId, number: u64) -> bool {
    right
        .redemptions
        .iter()
        .any(|redemption| redemption.used.device == device && redemption.number == number)
}
