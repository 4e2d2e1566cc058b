//! What this device holds beyond what the ledger says: the rights and the room that it gave away, and the rights
//! that other devices gave it, by its own journal. Under a lease that it gave a right away by, it never decides
//! about that right again, whatever the ledger says later.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{EventState, Share},
    planted::{Fault, is_planted},
    rules::{Holder, Rights},
};
use rangemap::{RangeInclusiveMap, RangeInclusiveSet};

/// What changed hands by this device's journal.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    given_up: BTreeMap<LeaseId, RangeInclusiveSet<u32>>,
    /// Persons for whom room was given back.
    room: BTreeMap<LeaseId, u32>,
    /// From whom rights were received.
    received: BTreeMap<LeaseId, RangeInclusiveMap<u32, DeviceId>>,
    /// Rights that this device gave to a hub, and to which.
    handed: BTreeMap<(LeaseId, Serial), DeviceId>,
    /// The entries that say so, once they are durable: first what is known of the right's uses.
    proofs: BTreeMap<(LeaseId, Serial), Vec<JournalEntry>>,
    /// What the newest entries of the journal tell again.
    recounted: Vec<JournalEntry>,
    /// Where hubs stand, by their own word.
    lanes: BTreeMap<DeviceId, GateId>,
}

impl Holdings {
    /// Takes note of an own journal entry, from the moment that it waits for the disk.
    pub(super) fn note(&mut self, body: &JournalBody) {
        match *body {
            JournalBody::Transferred { lease, serials, to } => {
                self.given_up.entry(lease).or_default().insert(serials.into());
                if let Recipient::Device(to) = to {
                    self.handed.insert((lease, serials.first()), to);
                }
            }
            JournalBody::ShareTransferred { lease, persons, .. } => {
                let given_up = self.room.entry(lease).or_default();
                *given_up = given_up.saturating_add(persons);
            }
            _ => {}
        }
    }

    /// Takes note of an own journal entry that is durable.
    pub(super) fn note_written(&mut self, entry: &JournalEntry) {
        let mut told = core::mem::take(&mut self.recounted);
        match entry.body {
            JournalBody::Recounted { .. } => {
                told.push(*entry);
                self.recounted = told;
            }
            JournalBody::Received { lease, serial, from, .. } => {
                self.receive((lease, serial), from);
            }
            JournalBody::Transferred { lease, serials, to: Recipient::Device(_) } => {
                let serial = serials.first();
                told.retain(|it| it.body.right().is_some_and(|right| right.serial == serial));
                told.push(*entry);
                self.proofs.insert((lease, serial), told);
            }
            _ => {}
        }
    }

    /// A right was received from another device.
    pub(super) fn receive(&mut self, (lease, serial): (LeaseId, Serial), from: DeviceId) {
        let received = self.received.entry(lease).or_default();
        received.insert(Serials::one(serial).into(), from);
    }

    /// A planted fault: what was given away under a lease is forgotten.
    pub(super) fn revive(&mut self, lease: LeaseId) {
        self.given_up.remove(&lease);
    }

    /// Takes note of where a hub stands.
    pub(super) fn note_lane(&mut self, device: DeviceId, gate: GateId) {
        self.lanes.insert(device, gate);
    }

    /// For how many persons a share of this device's is still its own to give.
    pub(super) fn room(&self, lease: LeaseId, share: &Share) -> u32 {
        let given_up = self.room.get(&lease).copied().unwrap_or(0);
        share.given.saturating_sub(if is_planted(Fault::RoomKept) { 0 } else { given_up })
    }

    /// For how many persons of it the server waits to get room back.
    pub(super) fn owed(&self, lease: LeaseId, share: &Share) -> u32 {
        let given_up = self.room.get(&lease).copied().unwrap_or(0);
        share.asked.saturating_sub(given_up)
    }

    /// Who decides about a ticket, as `device` knows it.
    pub(super) fn holder(&self, state: &EventState, device: DeviceId, serial: Serial) -> Holder {
        let Some(lease) = state.leases().holder(serial) else { return Holder::Server };
        if lease.device != device && self.from(lease.id, serial) != Some(lease.device) {
            if is_planted(Fault::OtherLanesDecided) {
                return Holder::Here(lease.id);
            }
            return Rights::holder(state, serial);
        }
        let given_up = self.is_given_up(lease.id, serial);
        let hub = self.handed.get(&(lease.id, serial));
        let kept =
            is_planted(Fault::TransferredKept) || (hub.is_some() && is_planted(Fault::HandedKept));
        if !given_up || kept {
            return Holder::Here(lease.id);
        }
        hub.and_then(|hub| self.lane_of(state, *hub)).map_or(Holder::Server, Holder::Elsewhere)
    }

    /// Where a hub stands, by its own word or by a lease.
    fn lane_of(&self, state: &EventState, hub: DeviceId) -> Option<GateId> {
        let given = || state.leases().given().find(|lease| lease.device == hub);
        self.lanes.get(&hub).copied().or_else(|| given().map(|lease| lease.gate))
    }

    /// Whether a ticket's right was given away under this lease.
    pub(super) fn is_given_up(&self, lease: LeaseId, serial: Serial) -> bool {
        self.given_up.get(&lease).is_some_and(|given_up| given_up.contains(&serial.0))
    }

    /// From whom a ticket's right was received under this lease, if it was.
    pub(super) fn from(&self, lease: LeaseId, serial: Serial) -> Option<DeviceId> {
        self.received.get(&lease)?.get(&serial.0).copied()
    }

    /// The entries by which `hub` got a right from this device, once they are durable.
    pub(super) fn proof(
        &self,
        lease: LeaseId,
        serial: Serial,
        hub: DeviceId,
    ) -> Option<&[JournalEntry]> {
        let to = self.handed.get(&(lease, serial)).filter(|to| **to == hub);
        to.and_then(|_| self.proofs.get(&(lease, serial))).map(Vec::as_slice)
    }

    /// Whether `device` gave a ticket's right to a hub, and the ledger doesn't say so yet.
    pub(super) fn is_on_its_way(
        &self,
        state: &EventState,
        device: DeviceId,
        serial: Serial,
    ) -> bool {
        let lease = state.leases().holder(serial).filter(|lease| lease.device == device);
        lease.is_some_and(|lease| self.handed.contains_key(&(lease.id, serial)))
    }

    /// Those of `serials` that weren't transferred yet under `lease`.
    pub(super) fn remaining(&self, lease: LeaseId, serials: Serials) -> Vec<Serials> {
        match self.given_up.get(&lease) {
            Some(given_up) => {
                given_up.gaps(&serials.into()).map(|gap| Serials::from(&gap)).collect()
            }
            None => vec![serials],
        }
    }

    /// Rights that `device` received and still holds, by lease; `in_ledger` are those of which the ledger says
    /// so, else those of which it doesn't yet.
    pub(super) fn received(
        &self,
        state: &EventState,
        device: DeviceId,
        in_ledger: bool,
    ) -> Vec<(LeaseId, Serials)> {
        let mut rights = Vec::new();
        for (lease, received) in &self.received {
            for (range, from) in received.iter() {
                let holder = if in_ledger { device } else { *from };
                let held = state.leases().held_by(*lease, holder, range.into()).into_iter();
                let left = held.flat_map(|serials| self.remaining(*lease, serials));
                rights.extend(left.map(|serials| (*lease, serials)));
            }
        }
        rights
    }

    /// How many tickets `device` alone decides about.
    fn left(&self, state: &EventState, device: DeviceId) -> u64 {
        let own = state.leases().held().filter(|(_, lease)| lease.device == device);
        let own = own.flat_map(|(serials, lease)| self.remaining(lease.id, serials));
        let received = self.received(state, device, false).into_iter();
        own.chain(received.map(|(_, serials)| serials)).map(Serials::count).sum()
    }

    /// What is leased to a device: how many tickets it alone decides about, and for how many persons it has
    /// room, those among them who came in on it.
    pub(super) fn leased(&self, state: &EventState, device: DeviceId) -> (u64, u64) {
        let shares = state.leases().shares().held().filter(|(_, share)| share.device == device);
        let room = shares.map(|(lease, share)| u64::from(self.room(lease, share))).sum();
        (self.left(state, device), room)
    }
}
