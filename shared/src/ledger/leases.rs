//! Who decides about which rights: the server, but for those that it leased to a device. A lease is
//! usable once its entry was applied, so never before its position in the ledger; it ends, right by
//! right, with its holder's own word that it transferred them, and with nothing else. A holder may transfer
//! them to another device, which then holds them under the same lease.

use std::collections::{BTreeMap, BTreeSet};

use rangemap::{RangeInclusiveMap, RangeInclusiveSet};
use serde::Serialize;

use crate::{
    id::{DeviceId, GateId, LeaseId, Serial},
    lease::Serials,
    place::Place,
};

use super::{AfterReceipt, Receipt, Shares, receipts::Receipts};

/// A share of rights that one device alone decides, or of a place's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lease {
    /// The lease.
    pub id: LeaseId,
    /// Who holds it.
    pub device: DeviceId,
    /// The gate where it was given: the lane.
    pub gate: GateId,
    /// The ledger entry that gave it, or first handed rights of it on to this device.
    pub sequence: u64,
}

/// An event's leases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// By id, from 1.
    given: Vec<Lease>,
    /// Rights that a device holds, and by which lease. The rest are the server's.
    held: RangeInclusiveMap<u32, (LeaseId, DeviceId)>,
    /// Leases as held by devices to which rights of them were handed on.
    handed: BTreeMap<(LeaseId, DeviceId), Lease>,
    receipts: Receipts,
    /// Held rights that the server wants back.
    recalled: RangeInclusiveSet<u32>,
    shares: Shares,
}

impl Leases {
    /// The lease under which a device decides about a ticket; nothing if the server does.
    #[must_use]
    pub fn holder(&self, serial: Serial) -> Option<&Lease> {
        self.as_held(*self.held.get(&serial.0)?)
    }

    /// A lease as this device holds rights of it.
    fn as_held(&self, (id, device): (LeaseId, DeviceId)) -> Option<&Lease> {
        let given = self.lease(id).filter(|lease| lease.device == device);
        given.or_else(|| self.handed.get(&(id, device)))
    }

    /// A lease by its id.
    #[must_use]
    pub fn lease(&self, id: LeaseId) -> Option<&Lease> {
        self.given.get(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }

    /// Whether a device ever held rights, or room, under a lease.
    #[must_use]
    pub fn has_held(&self, lease: LeaseId, device: DeviceId) -> bool {
        self.as_held((lease, device)).is_some()
    }

    /// Every device that ever held something.
    #[must_use]
    pub fn holders(&self) -> BTreeSet<DeviceId> {
        let handed = self.handed.keys().map(|(_, device)| *device);
        self.given.iter().map(|lease| lease.device).chain(handed).collect()
    }

    /// Every lease that was ever given, by id.
    pub fn given(&self) -> impl Iterator<Item = &Lease> {
        self.given.iter()
    }

    /// The id of the next lease.
    #[must_use]
    pub fn next(&self) -> LeaseId {
        LeaseId(u32::try_from(self.given.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Whether the server asked for a ticket's right and hasn't got it back.
    #[must_use]
    pub fn is_recalled(&self, serial: Serial) -> bool {
        self.recalled.contains(&serial.0)
    }

    /// Those of `serials` that the server didn't ask for.
    #[must_use]
    pub fn not_recalled(&self, serials: Serials) -> Vec<Serials> {
        self.recalled.gaps(&serials.into()).map(|gap| Serials::from(&gap)).collect()
    }

    /// Shares of a place's room.
    #[must_use]
    pub const fn shares(&self) -> &Shares {
        &self.shares
    }

    /// Every right that is leased, by serial.
    pub fn held(&self) -> impl Iterator<Item = (Serials, &Lease)> {
        self.held.iter().filter_map(|(range, by)| Some((range.into(), self.as_held(*by)?)))
    }

    /// Rights that are leased to `device` and that the server wants back.
    pub fn recalled_from(&self, device: DeviceId) -> impl Iterator<Item = (LeaseId, Serials)> {
        self.recalled.iter().flat_map(move |recalled| {
            let held = self.held.overlapping(recalled);
            held.filter_map(move |(range, (lease, holder))| {
                let first = *range.start().max(recalled.start());
                let last = *range.end().min(recalled.end());
                let serials = Serials::new(Serial(first), Serial(last))?;
                (*holder == device).then_some((*lease, serials))
            })
        })
    }

    /// Rights below `issued` that the server itself decides about, in runs.
    pub fn unleased(&self, issued: u32) -> Vec<Serials> {
        let Some(last) = issued.checked_sub(1) else { return Vec::new() };
        self.held.gaps(&(0..=last)).map(|gap| Serials::from(&gap)).collect()
    }

    /// Those of `serials` that are held under `lease`, by whichever device.
    pub fn held_under(&self, lease: LeaseId, serials: Serials) -> Vec<Serials> {
        self.held_where(serials, |(id, _)| id == lease)
    }

    /// Those of `serials` that `device` holds under `lease`.
    pub fn held_by(&self, lease: LeaseId, device: DeviceId, serials: Serials) -> Vec<Serials> {
        self.held_where(serials, |by| by == (lease, device))
    }

    fn held_where(
        &self,
        serials: Serials,
        counts: impl Fn((LeaseId, DeviceId)) -> bool,
    ) -> Vec<Serials> {
        let range = serials.into();
        let held = self.held.overlapping(&range).filter(|(_, by)| counts(**by));
        held.filter_map(|(held, _)| {
            let first = Serial(*held.start()).max(serials.first());
            Serials::new(first, Serial(*held.end()).min(serials.last()))
        })
        .collect()
    }

    /// What `device` says of a right that it received, while its giver's journal isn't here as far as that.
    #[must_use]
    pub fn receipt(&self, serial: Serial, device: DeviceId) -> Option<&Receipt> {
        self.receipts.get(serial, device)
    }

    /// All that devices say so of tickets among `serials`.
    pub fn receipts(&self, serials: Serials) -> impl Iterator<Item = &Receipt> {
        self.receipts.among(serials)
    }

    /// What devices say that they received by this entry of a giver's journal, which isn't here yet.
    pub fn receipts_naming(&self, from: DeviceId, number: u64) -> impl Iterator<Item = &Receipt> {
        self.receipts.naming(from, number)
    }

    /// Whether a device handed rights on by this entry of its journal.
    #[must_use]
    pub fn was_handed_on(&self, from: DeviceId, number: u64) -> bool {
        self.receipts.was_handed(from, number)
    }

    /// Gives rights to a device. False, and nothing changed, if the id isn't the next one or one of the
    /// rights is leased.
    #[must_use]
    pub(super) fn give(&mut self, lease: Lease, serials: Serials) -> bool {
        if self.held.overlaps(&serials.into()) || !self.begin(lease) {
            return false;
        }
        self.held.insert(serials.into(), (lease.id, lease.device));
        true
    }

    /// Hands rights on, by the entry of this number in the giver's journal, to another device as `to` says.
    /// False, and nothing changed, if the giver doesn't hold one of them.
    #[must_use]
    pub(super) fn hand_on(
        &mut self,
        serials: Serials,
        (from, number): (DeviceId, u64),
        to: Lease,
    ) -> bool {
        let held = self.held_by(to.id, from, serials);
        if from == to.device || !covers(&held, serials) {
            return false;
        }
        let by = (to.id, to.device);
        if self.as_held(by).is_none() {
            self.handed.insert(by, to);
        }
        self.held.insert(serials.into(), by);
        self.receipts.settle(serials, to.device, (from, number));
        true
    }

    /// Notes what a device says of a right that it received. False, and nothing changed, if there is no such
    /// lease, or nothing that could turn out to be unfounded.
    #[must_use]
    pub(super) fn note_receipt(&mut self, receipt: Receipt) -> bool {
        let Receipt { lease, serial, device, then, .. } = receipt;
        let known = self.receipts.get(serial, device).is_some();
        let fits = self.lease(lease).is_some() && (known || then != AfterReceipt::Unfounded);
        if fits {
            self.receipts.note(receipt);
        }
        fits
    }

    /// Gives a share of a place's room to a device. False, and nothing changed, if the id isn't the next
    /// one.
    #[must_use]
    pub(super) fn give_share(&mut self, lease: Lease, place: Place, persons: u32) -> bool {
        let begun = self.begin(lease);
        if begun {
            self.shares.give(lease.id, lease.device, place, persons);
        }
        begun
    }

    /// Notes that the server wants room back; as [`Shares`] says.
    #[must_use]
    pub(super) fn recall_share(&mut self, lease: LeaseId, persons: u32) -> bool {
        self.shares.recall(lease, persons)
    }

    /// Takes room back; as [`Shares`] says.
    #[must_use]
    pub(super) fn take_share_back(&mut self, lease: LeaseId, persons: u32) -> bool {
        self.shares.take_back(lease, persons)
    }

    fn begin(&mut self, lease: Lease) -> bool {
        let next = lease.id == self.next() && lease.id.0 < u32::MAX;
        if next {
            self.given.push(lease);
        }
        next
    }

    /// Notes that the server wants rights back. False, and nothing changed, if one of them isn't held
    /// under that lease.
    #[must_use]
    pub(super) fn recall(&mut self, lease: LeaseId, serials: Serials) -> bool {
        let all = self.is_held_under(lease, serials);
        if all {
            self.recalled.insert(serials.into());
        }
        all
    }

    /// Takes rights back from whoever holds them. False, and nothing changed, if one of them isn't held under
    /// that lease.
    #[must_use]
    pub(super) fn take_back(&mut self, lease: LeaseId, serials: Serials) -> bool {
        let all = self.is_held_under(lease, serials);
        if all {
            self.held.remove(serials.into());
            self.recalled.remove(serials.into());
        }
        all
    }

    fn is_held_under(&self, lease: LeaseId, serials: Serials) -> bool {
        covers(&self.held_under(lease, serials), serials)
    }
}

/// Whether these runs, which are parts of it, are all of `serials`.
fn covers(runs: &[Serials], serials: Serials) -> bool {
    runs.iter().map(|run| run.count()).sum::<u64>() == serials.count()
}
