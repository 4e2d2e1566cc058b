//! Who decides about which rights: the server, but for those that it leased to a device. A lease is
//! usable once its entry was applied, so never before its position in the ledger; it ends, right by
//! right, with its holder's own word that it transferred them, and with nothing else.

use rangemap::{RangeInclusiveMap, RangeInclusiveSet};
use serde::Serialize;

use crate::{
    id::{DeviceId, GateId, LeaseId, Serial},
    lease::Serials,
    place::Place,
};

use super::Shares;

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
    /// The ledger entry that gave it.
    pub sequence: u64,
}

/// An event's leases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// By id, from 1.
    given: Vec<Lease>,
    /// Rights that a device holds. The rest are the server's.
    held: RangeInclusiveMap<u32, LeaseId>,
    /// Held rights that the server wants back.
    recalled: RangeInclusiveSet<u32>,
    shares: Shares,
}

impl Leases {
    /// The lease under which a device decides about a ticket; nothing if the server does.
    #[must_use]
    pub fn holder(&self, serial: Serial) -> Option<&Lease> {
        self.lease(*self.held.get(&serial.0)?)
    }

    /// A lease by its id.
    #[must_use]
    pub fn lease(&self, id: LeaseId) -> Option<&Lease> {
        self.given.get(usize::try_from(id.0.checked_sub(1)?).ok()?)
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
        self.held.iter().filter_map(|(range, id)| Some((range.into(), self.lease(*id)?)))
    }

    /// Rights that are leased to `device` and that the server wants back.
    pub fn recalled_from(&self, device: DeviceId) -> impl Iterator<Item = (LeaseId, Serials)> {
        self.recalled.iter().flat_map(move |recalled| {
            let held = self.held.overlapping(recalled);
            held.filter_map(move |(range, id)| {
                let lease = self.lease(*id).filter(|lease| lease.device == device)?;
                let first = *range.start().max(recalled.start());
                let last = *range.end().min(recalled.end());
                Some((lease.id, Serials::new(Serial(first), Serial(last))?))
            })
        })
    }

    /// Rights below `issued` that the server itself decides about, in runs.
    pub fn unleased(&self, issued: u32) -> Vec<Serials> {
        let Some(last) = issued.checked_sub(1) else { return Vec::new() };
        self.held.gaps(&(0..=last)).map(|gap| Serials::from(&gap)).collect()
    }

    /// Those of `serials` that are held under `lease`.
    pub fn held_under(&self, lease: LeaseId, serials: Serials) -> Vec<Serials> {
        let range = serials.into();
        let held = self.held.overlapping(&range).filter(|(_, id)| **id == lease);
        held.filter_map(|(held, _)| {
            let first = Serial(*held.start()).max(serials.first());
            Serials::new(first, Serial(*held.end()).min(serials.last()))
        })
        .collect()
    }

    /// Gives rights to a device. False, and nothing changed, if the id isn't the next one or one of the
    /// rights is leased.
    #[must_use]
    pub(super) fn give(&mut self, lease: Lease, serials: Serials) -> bool {
        if self.held.overlaps(&serials.into()) || !self.begin(lease) {
            return false;
        }
        self.held.insert(serials.into(), lease.id);
        true
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

    /// Takes rights back. False, and nothing changed, if one of them isn't held under that lease.
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
        self.held_under(lease, serials).iter().map(|run| run.count()).sum::<u64>()
            == serials.count()
    }
}
