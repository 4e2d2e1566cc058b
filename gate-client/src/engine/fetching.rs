//! This gate as the venue's hub, while the server can't be asked: it asks lanes for rights whose guests stand at
//! other gates. What a lane's own signed journal gives it, it writes into its own journal first; then it is that
//! right's authority, as if it had been leased to it.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    claims::LaneState,
    id::{DeviceId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::Lease,
    reason::ReasonCode,
    right::RightRef,
    rules::Verdict,
    sync::Recall,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, Intent, Now, ScanId, Then,
    case::{Case, Whom},
};

/// A lane that was heard within this time is taken to be there, in milliseconds.
const HEARD_WITHIN: u64 = 10_000;
/// How long before a lane is asked again for the same right, in milliseconds.
const AGAIN_AFTER: u64 = 400;

/// What is known of lanes, and what they were asked for.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    /// When a device was heard in the venue's network last.
    seen: BTreeMap<DeviceId, u64>,
    /// When a right was asked for last.
    asked: BTreeMap<(LeaseId, Serial), u64>,
    /// Received rights that wait for the disk.
    arriving: BTreeSet<(LeaseId, Serial)>,
}

impl Engine {
    /// Another gate was heard in the venue's network.
    pub(super) fn saw(&mut self, device: DeviceId, now: Now) {
        self.fetching.seen.insert(device, now.monotonic);
    }

    /// What is known of the lane that holds a lease.
    pub(super) fn lane(&self, lease: &Lease, now: Now) -> LaneState {
        let revoked =
            |device| self.bundle.as_ref().is_some_and(|bundle| bundle.revoked.contains(&device));
        let seen = self.fetching.seen.get(&lease.device);
        match seen.is_some_and(|seen| now.monotonic.saturating_sub(*seen) < HEARD_WITHIN) {
            _ if revoked(lease.device) => LaneState::Lost,
            true => LaneState::Heard,
            false => LaneState::Silent,
        }
    }

    /// Asks the holder of a right for it, unless that was done a moment ago.
    pub(super) fn ask_holder(
        &mut self,
        lease: LeaseId,
        serial: Serial,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let asked = self.fetching.asked.get(&(lease, serial)).copied();
        let recent = asked.is_some_and(|at| now.monotonic.saturating_sub(at) < AGAIN_AFTER);
        let Some(holder) = self.state.leases().holder(serial).filter(|it| it.id == lease) else {
            return;
        };
        if recent {
            return;
        }
        let device = holder.device;
        let recall = Recall {
            lease,
            serial,
            to: self.identity.device,
            gate: self.identity.gate,
            epoch: self.epoch(),
            ledger: self.state.cursor().sequence,
        };
        self.fetching.asked.insert((lease, serial), now.monotonic);
        effects.push(Effect::Recall { device, recall });
    }

    /// The lease of a lane that can be asked for the right of a guest who stands at the hub itself.
    pub(super) fn lane_to_ask(
        &self,
        verdict: &Verdict,
        right: RightRef,
        now: Now,
    ) -> Option<LeaseId> {
        let silent = verdict.code == ReasonCode::LaneSilent;
        let lease = self.state.leases().holder(right.serial).filter(|_| silent)?;
        let other = lease.device != self.identity.device;
        (other && self.lane(lease, now) == LaneState::Heard).then_some(lease.id)
    }

    /// Asks a lane for the right of the hub's own guest. Once it is received it is this gate's to decide; staff
    /// wait as they do at other gates.
    pub(super) fn fetch(
        &mut self,
        guest: (ScanId, Case),
        intent: Intent,
        (verdict, lease): (Verdict, LeaseId),
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.ask_holder(lease, intent.right.serial, now, effects);
        let verdict = Verdict { code: ReasonCode::Recalling, ..verdict };
        self.wait_for_lane(guest, intent, (verdict, Whom::Hub), now, effects);
    }

    /// A device gives a right away, by entries of its journal; the adapter has checked that they are its own. It is
    /// this hub's only if it asked for it, its ledger says that it was the device's, and it never gave it away itself.
    pub(super) fn hub_transfer(&mut self, device: DeviceId, entries: &[JournalEntry], now: Now) {
        let Some((last, told)) = entries.split_last() else { return };
        let JournalBody::Transferred { lease, serials, to } = last.body else { return };
        let serial = serials.first();
        let holder = self.state.leases().holder(serial);
        let theirs = holder.is_some_and(|holder| (holder.id, holder.device) == (lease, device));
        let own = self.identity.device;
        let revoked = self.bundle.as_ref().is_none_or(|bundle| bundle.revoked.contains(&device));
        let about = |entry: &JournalEntry| {
            let right = entry.recounted().map(|(_, used)| used.right);
            right.is_some_and(|right| (right.event, right.serial) == (self.identity.event, serial))
        };
        if to != Recipient::Device(own)
            || device == own
            || serials != Serials::one(serial)
            || !theirs
            || revoked
            || !self.fetching.asked.contains_key(&(lease, serial))
            || self.fetching.arriving.contains(&(lease, serial))
            || self.holdings.from(lease, serial).is_some()
            || self.holdings.is_given_up(lease, serial)
            || !told.iter().all(about)
        {
            return;
        }
        self.fetching.arriving.insert((lease, serial));
        for entry in told {
            self.push_entry(entry.body, now.time, Then::MustFollow);
        }
        let (from, number) = (device, last.number);
        let body = JournalBody::Received { lease, serial, from, number };
        if is_planted(Fault::ReceivedUnwritten) {
            self.holdings.receive((lease, serial), from);
            return self.push_entry(body, now.time, Then::Nothing);
        }
        self.push_entry(body, now.time, Then::MustFollow);
    }

    /// What the journal says by now of rights that changed hands.
    pub(super) fn note_handed(&mut self, entry: &JournalEntry) {
        self.holdings.note_written(entry);
        if let JournalBody::Received { lease, serial, .. } = entry.body {
            self.fetching.arriving.remove(&(lease, serial));
        }
        let Some((number, used)) = entry.recounted() else { return };
        let here = (self.identity.event, self.identity.device);
        if number > 0 {
            self.heard.note_recounted(number, used, here, &self.state);
        } else if used.device != self.identity.device {
            self.granted.grant(used, entry.number);
            self.granted.settle(used.right.serial, &self.state);
        }
    }
}
