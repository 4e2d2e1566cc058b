//! What this device knows beyond the ledger: its own redemptions that haven't come back through
//! the feed yet, and interruptions it found or answered.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::{Crowd, EventState, Lease, Passage, Right, Share},
    right::{Use, UseKind},
    rules::{Holder, PastUse, RightView, Rights},
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{Engine, granted::Granted, heard::Heard, holdings::Holdings};

/// An admission whose light may not have been seen: device and journal number.
pub(super) type Interruption = (DeviceId, u64);

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
    /// Own overrides by their journal number.
    let_in: BTreeMap<Serial, Vec<(u64, Passage)>>,
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
            let_in: BTreeMap::new(),
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
            JournalBody::Overridden { right, count, .. } => {
                let (kind, gate, at) = (UseKind::Entry, entry.gate, entry.at);
                let passage = Passage { kind, count, gate, at, by: None };
                self.let_in.entry(right.serial).or_default().push((entry.number, passage));
            }
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

    /// Own uses of a ticket that the ledger doesn't have, by the numbers of their entries.
    pub(super) fn of(&self, serial: Serial) -> impl Iterator<Item = (u64, Use)> {
        self.own.get(&serial).into_iter().flatten().map(|own| (own.number, own.used))
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
        if let Some(own) = self.let_in.get_mut(&serial) {
            let theirs = |number| (self.device, number);
            own.retain(|(number, _)| {
                !right.overrides.iter().any(|it| (it.by.device, it.number) == theirs(*number))
            });
            if own.is_empty() {
                self.let_in.remove(&serial);
            }
        }
        // Only an answer closes a question: that the ledger has it too isn't one.
        self.close(serial, |found| right.is_answered(*found));
    }

    /// The ledger's view of a ticket with the own knowledge added, where only some open grants count.
    fn view_where(
        &self,
        state: &EventState,
        serial: Serial,
        counts: impl Fn(&Use) -> bool,
    ) -> RightView {
        let mut view = RightView::default();
        if let Some(right) = state.right(serial) {
            view = RightView::where_open(right, counts);
        }
        for own in self.own.get(&serial).into_iter().flatten() {
            view.uses.push((&own.used).into());
        }
        view
    }

    /// Counts what this device knows of a ticket's guests beyond the ledger, and whom it is admitting as
    /// hub. A grant isn't somebody else's where its use is recorded here; otherwise `counts` says.
    fn count_own(
        &self,
        crowd: &mut Crowd<'_>,
        known: &Known<'_>,
        serial: Serial,
        counts: impl Fn(&Use) -> bool,
    ) {
        let Known { state, granted, heard, .. } = *known;
        let (ticket_type, _) = state.roster().class(serial).unwrap_or_default();
        let own: &[Own] = self.own.get(&serial).map_or(&[], Vec::as_slice);
        let elsewhere = |used: &Use| {
            let recorded = own.iter().any(|own| own.used.claim == used.claim);
            !recorded && counts(used)
        };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        if let Some(right) = state.right(serial) {
            before = right.passages(|_| true);
            after = right.passages(elsewhere);
        }
        let let_in = self.let_in.get(&serial).into_iter().flatten().copied();
        let mut here: Vec<_> =
            own.iter().map(|own| (own.number, Passage::from(&own.used))).collect();
        here.extend(let_in);
        here.sort_by_key(|(number, _)| *number);
        after.extend(here.into_iter().map(|(_, passage)| passage));
        after.extend(heard.of(serial).map(Passage::from));
        let open = granted.open(serial).iter().filter(|used| used.kind == UseKind::Entry);
        after.extend(open.filter(|used| elsewhere(used)).map(Passage::from));
        crowd.change(ticket_type, &before, &after);
    }
}

/// What a gate knows: the ledger as far as it has followed it, and its own.
pub(super) struct Known<'a> {
    pub(super) overlay: &'a Overlay,
    pub(super) holdings: &'a Holdings,
    pub(super) granted: &'a Granted,
    pub(super) heard: &'a Heard,
    pub(super) state: &'a EventState,
}

impl Engine {
    /// All that this gate knows.
    pub(super) const fn known(&self) -> Known<'_> {
        let Self { overlay, holdings, granted, heard, state, .. } = self;
        Known { overlay, holdings, granted, heard, state }
    }
}

/// Whose open grants on the ticket being decided count.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// Everybody else's: this device decides for its own guest.
    Others,
    /// Everybody's but for those under these keys: this device answers another one.
    Anyones(&'a [ClaimKey]),
}

impl Known<'_> {
    /// Whether a grant is neither given up nor known as used.
    pub(super) fn is_open(&self, used: &Use) -> bool {
        !self.granted.is_gone(&used.claim) && !self.heard.has(used)
    }

    fn counts(&self, whose: Whose<'_>, used: &Use) -> bool {
        self.is_open(used)
            && match whose {
                Whose::Others => used.device != self.overlay.device,
                Whose::Anyones(gone) => !gone.contains(&used.claim),
            }
    }

    /// A ticket's uses and the admissions under way on it.
    pub(super) fn view_of(&self, serial: Serial, whose: Whose<'_>) -> RightView {
        let counts = |used: &Use| self.counts(whose, used);
        let mut view = self.overlay.view_where(self.state, serial, counts);
        let heard = self.heard.of(serial).filter(|_| !is_planted(Fault::HeardFrees));
        view.uses.extend(heard.map(PastUse::from));
        view.interrupted = self.question(serial);
        let granted = self.granted.open(serial).iter();
        let granted = granted.filter(|_| !is_planted(Fault::HubSecondGranted));
        granted.filter(|used| counts(used)).for_each(|used| view.admitting(used));
        view
    }

    /// What staff are to be asked first about a ticket: what the ledger has, what was found here, what was heard.
    fn question(&self, serial: Serial) -> Option<Interruption> {
        let Self { overlay, heard, state, .. } = *self;
        let there = state.right(serial).into_iter().flat_map(|right| right.interrupted.iter());
        let here = overlay.interrupted.get(&serial).into_iter().flatten();
        let mut found = there.chain(here).chain(heard.interrupted(serial));
        found.find(|it| !overlay.answered.contains(it) && !heard.is_answered(it)).copied()
    }

    /// Persons inside when somebody with this ticket wants to enter.
    pub(super) fn crowd_of(&self, serial: Serial, whose: Whose<'_>) -> Crowd<'_> {
        let Overlay { own, let_in, .. } = self.overlay;
        let here = |lease: &Lease| lease.device == self.overlay.device;
        let left = |lease, share: &Share| self.holdings.room(lease, share);
        let mut crowd = Crowd::with_shares(self.state, here, left);
        let known = own.keys().chain(let_in.keys()).copied();
        let known = known.chain(self.granted.serials()).chain(self.heard.serials());
        let serials: BTreeSet<_> = known.chain([serial]).collect();
        for known in serials {
            let counts = |used: &Use| match whose {
                Whose::Others if known != serial => self.is_open(used),
                _ => self.counts(whose, used),
            };
            self.overlay.count_own(&mut crowd, self, known, counts);
        }
        crowd
    }

    /// Who decides about a ticket.
    pub(super) fn holds(&self, serial: Serial) -> Holder {
        self.holdings.holder(self.state, self.overlay.device, serial)
    }
}

impl Rights for Known<'_> {
    fn view(&self, serial: Serial) -> RightView {
        self.view_of(serial, Whose::Others)
    }

    fn crowd(&self, serial: Serial) -> Crowd<'_> {
        self.crowd_of(serial, Whose::Others)
    }

    fn holder(&self, serial: Serial) -> Holder {
        self.holds(serial)
    }
}

fn in_ledger(right: &Right, device: DeviceId, number: u64) -> bool {
    right
        .redemptions
        .iter()
        .any(|redemption| redemption.used.device == device && redemption.number == number)
}
