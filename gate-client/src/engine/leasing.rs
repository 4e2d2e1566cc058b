//! Rights and room that are leased to this device, and those of other lanes. A leased right is decided here
//! alone, from the ledger entry that gives it until this device's own journal says that it was
//! transferred. Whatever is transferred is so from the moment its entry waits for the disk: entries
//! are written in order, so every use of the right stands before it.

use kaisatsu_shared::{
    id::{DeviceId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{EventState, Share},
    reason::ReasonCode,
    rules::{Holder, Reach, Verdict},
};

use super::{
    Done, Effect, Engine, Holdings, Intent, Now, ScanId, Then,
    case::{Case, Pending, Stage, Whom},
};

/// How long staff wait for a right that another lane was asked for, in milliseconds.
pub const RECALL_BUDGET: u64 = 2_000;

/// How long before the hub is asked again for a right that it is fetching, in milliseconds.
const ASK_AGAIN: u64 = 150;

/// What is leased to a gate client, by what its store holds: how many tickets it alone decides about, and
/// for how many persons it has room, those among them who came in on it.
#[must_use]
pub fn leased(state: &EventState, device: DeviceId, journal: &[JournalEntry]) -> (u64, u64) {
    let mut holdings = Holdings::default();
    for entry in journal {
        holdings.note(&entry.body);
        holdings.note_written(entry);
    }
    holdings.leased(state, device)
}

impl Engine {
    /// Who decides about a ticket, as far as is known here.
    pub(super) fn holder(&self, serial: Serial) -> Holder {
        self.holdings.holder(&self.state, self.identity.device, serial)
    }

    /// How many tickets this device alone decides about.
    pub(super) fn leased(&self) -> u64 {
        self.holdings.leased(&self.state, self.identity.device).0
    }

    /// Transfers what the server recalled, unless that was done before.
    pub(super) fn hand_over(&mut self, now: Now) {
        let recalled: Vec<_> = self.state.leases().recalled_from(self.identity.device).collect();
        for (lease, serials) in recalled.into_iter().chain(self.recalled_receipts()) {
            self.transfer(lease, serials, now, Then::MustFollow);
        }
        for (lease, share) in self.own_shares() {
            self.give_room_back(lease, self.holdings.owed(lease, &share), now, Then::MustFollow);
        }
    }

    /// Rights that the server wants from whoever gave them to this device.
    fn recalled_receipts(&self) -> Vec<(LeaseId, Serials)> {
        let leases = self.state.leases();
        let received = self.holdings.received(&self.state, self.identity.device, false).into_iter();
        let each = received.flat_map(|(lease, serials)| {
            let range = core::ops::RangeInclusive::<u32>::from(serials);
            range.map(move |serial| (lease, Serials::one(Serial(serial))))
        });
        each.filter(|(_, serials)| leases.is_recalled(serials.first())).collect()
    }

    /// With the server back, what other devices gave this one goes to the server, once that knows of it: from
    /// there every gate has it at once. Until then this device decides.
    pub(super) fn return_received(&mut self, now: Now) {
        if self.reach() != Reach::Server || self.outbox.len() > 0 {
            return;
        }
        let received = self.holdings.received(&self.state, self.identity.device, true);
        for (lease, serials) in received {
            self.transfer(lease, serials, now, Then::MustFollow);
        }
    }

    /// Shares of room that this device holds, as the ledger knows them.
    fn own_shares(&self) -> Vec<(LeaseId, Share)> {
        let held = self.state.leases().shares().held();
        let own = held.filter(|(_, share)| share.device == self.identity.device);
        own.map(|(lease, share)| (lease, *share)).collect()
    }

    /// Gives room back. Whoever is inside on it stays: the server counts them from then on.
    fn give_room_back(&mut self, lease: LeaseId, persons: u32, now: Now, then: Then) -> bool {
        if persons == 0 {
            return false;
        }
        let body = JournalBody::ShareTransferred { lease, persons, to: Recipient::Server };
        self.holdings.note(&body);
        self.push_entry(body, now.time, then);
        true
    }

    /// Transfers everything that is leased to this device: the lane closes.
    pub(super) fn return_leases(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let device = self.identity.device;
        let leases = self.state.leases();
        let own = leases.held().filter(|(_, lease)| lease.device == device);
        let own: Vec<_> = own.map(|(serials, lease)| (lease.id, serials)).collect();
        let own = own.into_iter().chain(self.holdings.received(&self.state, device, false));
        let own: Vec<_> = own.collect();
        let then = Then::Tell(Done::LeasesReturned);
        let rights = own
            .into_iter()
            .fold(false, |told, (lease, serials)| self.transfer(lease, serials, now, then) || told);
        let told = self.own_shares().into_iter().fold(rights, |told, (lease, share)| {
            let persons = self.holdings.room(lease, &share);
            self.give_room_back(lease, persons, now, then) || told
        });
        if !told {
            effects.push(Effect::Done(Done::LeasesReturned));
        }
    }

    fn transfer(&mut self, lease: LeaseId, serials: Serials, now: Now, then: Then) -> bool {
        let remaining = self.holdings.remaining(lease, serials);
        for &serials in &remaining {
            let body = JournalBody::Transferred { lease, serials, to: Recipient::Server };
            self.holdings.note(&body);
            self.push_entry(body, now.time, then);
        }
        !remaining.is_empty()
    }

    /// The server, or the venue's hub, asked another lane for the right: staff wait a moment, under the same
    /// claim. What the hub gets isn't in the ledger: it is asked again.
    pub(super) fn wait_for_lane(
        &mut self,
        (scan, case): (ScanId, Case),
        intent: Intent,
        (verdict, whom): (Verdict, Whom),
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let until = case.patience.unwrap_or(now.monotonic.saturating_add(RECALL_BUDGET));
        if case.patience.is_none() {
            effects.push(Effect::Wait { scan, verdict });
        }
        let case = Case { patience: Some(until), ..case };
        let again = (whom == Whom::Hub).then(|| now.monotonic.saturating_add(ASK_AGAIN));
        let stage = Stage::Recalling { intent, verdict, until, again };
        self.pending = Some(Pending { scan, case, stage });
    }

    /// The ledger went on: the right that is waited for may be somebody else's by now.
    pub(super) fn ask_again(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(Pending { stage: Stage::Recalling { intent, .. }, .. }) = &self.pending else {
            return;
        };
        // Of a right it tells who has it; of room it doesn't tell who gets it, so that is asked each time.
        let intent = *intent;
        if matches!(self.holder(intent.right.serial), Holder::Elsewhere(_)) {
            return;
        }
        self.go_on(intent, now, effects);
    }

    fn go_on(&mut self, intent: Intent, now: Now, effects: &mut Vec<Effect>) {
        let Some(Pending { scan, case, .. }) = self.pending.take() else { return };
        self.scan(scan, case, intent.key, now, effects);
        // The ticket may have been replaced meanwhile: then this was no scan of what is claimed.
        if self.pending.is_none() && self.intents.contains_key(&intent.key) {
            self.abandon(&intent, now.time);
        }
    }

    /// The hub is asked once more, if it is time.
    fn ask_hub_again(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Some(Pending { stage: Stage::Recalling { intent, again, .. }, .. }) = &self.pending
            && again.is_some_and(|again| now.monotonic >= again)
        {
            let intent = *intent;
            self.go_on(intent, now, effects);
        }
    }

    /// The other lane didn't answer in time.
    pub(super) fn expire_recall(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(Pending { stage: Stage::Recalling { until, .. }, .. }) = self.pending else {
            return;
        };
        if now.monotonic < until {
            return self.ask_hub_again(now, effects);
        }
        let Some(Pending { scan, case, stage: Stage::Recalling { intent, verdict, .. } }) =
            self.pending.take()
        else {
            return;
        };
        self.abandon(&intent, now.time);
        let code = match verdict.code {
            ReasonCode::RoomRecalling => ReasonCode::RoomHeld,
            _ => ReasonCode::OtherLane,
        };
        let verdict = Verdict { code, at: now.time, ..verdict };
        self.refuse(scan, case, verdict, Some(intent.right), effects);
    }

    /// When the right of another lane stops being waited for, or is asked for again.
    pub(super) fn recall_deadline(&self) -> Option<u64> {
        match self.pending.as_ref()?.stage {
            Stage::Recalling { until, again, .. } => Some(again.map_or(until, |it| it.min(until))),
            _ => None,
        }
    }
}
