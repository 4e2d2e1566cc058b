//! Rights and room that are leased to this device, and those of other lanes. A leased right is decided here
//! alone, from the ledger entry that gives it until this device's own journal says that it was
//! transferred. Whatever is transferred is so from the moment its entry waits for the disk: entries
//! are written in order, so every use of the right stands before it.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{DeviceId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{EventState, Share},
    reason::ReasonCode,
    rules::{Holder, Rights, Verdict},
};
use rangemap::RangeInclusiveSet;

use super::{
    Done, Effect, Engine, Intent, Now, ScanId, Then,
    case::{Case, Pending, Stage},
};
use kaisatsu_shared::planted::{Fault, is_planted};

/// How long staff wait for a right that another lane was asked for, in milliseconds.
pub const RECALL_BUDGET: u64 = 2_000;

/// What this device transferred, by lease: under that lease it never decides about it again.
#[derive(Debug, Default)]
pub(super) struct GivenUp {
    rights: BTreeMap<LeaseId, RangeInclusiveSet<u32>>,
    /// Persons for whom room was given back.
    room: BTreeMap<LeaseId, u32>,
}

impl GivenUp {
    /// Takes note of an own journal entry.
    pub(super) fn note(&mut self, body: &JournalBody) {
        match *body {
            JournalBody::Transferred { lease, serials, .. } => {
                self.rights.entry(lease).or_default().insert(serials.into());
            }
            JournalBody::ShareTransferred { lease, persons, .. } => {
                let given_up = self.room.entry(lease).or_default();
                *given_up = given_up.saturating_add(persons);
            }
            _ => {}
        }
    }

    /// For how many persons a share of this device's is still its own to give.
    pub(super) fn room(&self, lease: LeaseId, share: &Share) -> u32 {
        let given_up = self.room.get(&lease).copied().unwrap_or(0);
        share.given.saturating_sub(if is_planted(Fault::RoomKept) { 0 } else { given_up })
    }

    /// For how many persons of it the server waits to get room back.
    fn owed(&self, lease: LeaseId, share: &Share) -> u32 {
        let given_up = self.room.get(&lease).copied().unwrap_or(0);
        share.asked.saturating_sub(given_up)
    }

    /// Who decides about a ticket, as `device` knows it.
    pub(super) fn holder(&self, state: &EventState, device: DeviceId, serial: Serial) -> Holder {
        match state.leases().holder(serial) {
            Some(lease) if lease.device == device => match self.rights.get(&lease.id) {
                Some(given_up)
                    if given_up.contains(&serial.0) && !is_planted(Fault::TransferredKept) =>
                {
                    Holder::Server
                }
                _ => Holder::Here(lease.id),
            },
            Some(lease) if is_planted(Fault::OtherLanesDecided) => Holder::Here(lease.id),
            _ => Rights::holder(state, serial),
        }
    }

    /// Those of `serials` that weren't transferred yet under `lease`.
    fn remaining(&self, lease: LeaseId, serials: Serials) -> Vec<Serials> {
        match self.rights.get(&lease) {
            Some(given_up) => {
                given_up.gaps(&serials.into()).map(|gap| Serials::from(&gap)).collect()
            }
            None => vec![serials],
        }
    }

    /// How many tickets `device` alone decides about.
    fn left(&self, state: &EventState, device: DeviceId) -> u64 {
        let own = state.leases().held().filter(|(_, lease)| lease.device == device);
        own.flat_map(|(serials, lease)| self.remaining(lease.id, serials)).map(Serials::count).sum()
    }
}

/// What is leased to a gate client, by what its store holds: how many tickets it alone decides about, and
/// for how many persons it has room, those among them who came in on it.
#[must_use]
pub fn leased(state: &EventState, device: DeviceId, journal: &[JournalEntry]) -> (u64, u64) {
    let mut given_up = GivenUp::default();
    journal.iter().for_each(|entry| given_up.note(&entry.body));
    let shares = state.leases().shares().held().filter(|(_, share)| share.device == device);
    let room = shares.map(|(lease, share)| u64::from(given_up.room(lease, share))).sum();
    (given_up.left(state, device), room)
}

impl Engine {
    /// Who decides about a ticket, as far as is known here.
    pub(super) fn holder(&self, serial: Serial) -> Holder {
        self.given_up.holder(&self.state, self.identity.device, serial)
    }

    /// How many tickets this device alone decides about.
    pub(super) fn leased(&self) -> u64 {
        self.given_up.left(&self.state, self.identity.device)
    }

    /// Transfers what the server recalled, unless that was done before.
    pub(super) fn hand_over(&mut self, now: Now) {
        let recalled: Vec<_> = self.state.leases().recalled_from(self.identity.device).collect();
        for (lease, serials) in recalled {
            self.transfer(lease, serials, now, Then::MustFollow);
        }
        for (lease, share) in self.own_shares() {
            self.give_room_back(lease, self.given_up.owed(lease, &share), now, Then::MustFollow);
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
        self.given_up.note(&body);
        self.push_entry(body, now.time, then);
        true
    }

    /// Transfers everything that is leased to this device: the lane closes.
    pub(super) fn return_leases(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let device = self.identity.device;
        let leases = self.state.leases();
        let own = leases.held().filter(|(_, lease)| lease.device == device);
        let own: Vec<_> = own.map(|(serials, lease)| (lease.id, serials)).collect();
        let then = Then::Tell(Done::LeasesReturned);
        let rights = own
            .into_iter()
            .fold(false, |told, (lease, serials)| self.transfer(lease, serials, now, then) || told);
        let told = self.own_shares().into_iter().fold(rights, |told, (lease, share)| {
            let persons = self.given_up.room(lease, &share);
            self.give_room_back(lease, persons, now, then) || told
        });
        if !told {
            effects.push(Effect::Done(Done::LeasesReturned));
        }
    }

    fn transfer(&mut self, lease: LeaseId, serials: Serials, now: Now, then: Then) -> bool {
        let remaining = self.given_up.remaining(lease, serials);
        for &serials in &remaining {
            let body = JournalBody::Transferred { lease, serials, to: Recipient::Server };
            self.given_up.note(&body);
            self.push_entry(body, now.time, then);
        }
        !remaining.is_empty()
    }

    /// The server asked another lane for the right: staff wait a moment, under the same claim.
    pub(super) fn wait_for_lane(
        &mut self,
        (scan, case): (ScanId, Case),
        intent: Intent,
        verdict: Verdict,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let until = case.patience.unwrap_or(now.monotonic.saturating_add(RECALL_BUDGET));
        if case.patience.is_none() {
            effects.push(Effect::Wait { scan, verdict });
        }
        let case = Case { patience: Some(until), ..case };
        let stage = Stage::Recalling { intent, verdict, until };
        self.pending = Some(Pending { scan, case, stage });
    }

    /// The ledger went on: the right that is waited for may be somebody else's by now.
    pub(super) fn ask_again(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(Pending { stage: Stage::Recalling { intent, .. }, .. }) = &self.pending else {
            return;
        };
        // Of a right it tells who has it; of room it doesn't tell who gets it, so that is asked each time.
        let intent = *intent;
        let (key, serial) = (intent.key, intent.right.serial);
        if matches!(self.holder(serial), Holder::Elsewhere(_)) {
            return;
        }
        let Some(Pending { scan, case, .. }) = self.pending.take() else { return };
        self.scan(scan, case, key, now, effects);
        // The ticket may have been replaced meanwhile: then this was no scan of what is claimed.
        if self.pending.is_none() && self.intents.contains_key(&key) {
            self.abandon(&intent, now.time);
        }
    }

    /// The other lane didn't answer in time.
    pub(super) fn expire_recall(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.recall_deadline().is_none_or(|deadline| now.monotonic < deadline) {
            return;
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

    /// When the right of another lane stops being waited for.
    pub(super) fn recall_deadline(&self) -> Option<u64> {
        match self.pending.as_ref()?.stage {
            Stage::Recalling { until, .. } => Some(until),
            _ => None,
        }
    }
}
