//! Shares of a hard capacity: how many persons a device may let into a place by its own word. A share
//! counts as full until its holder has given it back.

use std::collections::BTreeMap;

use crate::{
    id::{DeviceId, LeaseId},
    place::Place,
};

/// A share of a place's room, given by one lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who holds it.
    pub device: DeviceId,
    /// Room in what.
    pub place: Place,
    /// For so many persons.
    pub given: u32,
    /// Of these the server asked for so many, from first to last.
    pub asked: u32,
    /// Of these the holder gave so many back.
    pub returned: u32,
}

impl Share {
    /// For how many persons the holder has room left to give to guests or back.
    #[must_use]
    pub const fn persons(&self) -> u32 {
        self.given.saturating_sub(self.returned)
    }

    /// For how many persons the server waits to get room back.
    #[must_use]
    pub const fn owed(&self) -> u32 {
        self.asked.saturating_sub(self.returned)
    }
}

/// An event's shares, by lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares(BTreeMap<LeaseId, Share>);

impl Shares {
    /// Shares of which something is still held.
    pub fn held(&self) -> impl Iterator<Item = (LeaseId, &Share)> {
        let all = self.0.iter().map(|(lease, share)| (*lease, share));
        all.filter(|(_, share)| share.persons() > 0)
    }

    /// Whether room was ever leased.
    #[must_use]
    pub fn is_used(&self) -> bool {
        !self.0.is_empty()
    }

    /// The share that a lease gave.
    #[must_use]
    pub fn share(&self, lease: LeaseId) -> Option<&Share> {
        self.0.get(&lease)
    }

    /// For how many persons `place` is leased altogether.
    #[must_use]
    pub fn leased(&self, place: Place) -> u32 {
        let there = self.held().filter(|(_, share)| share.place == place);
        there.fold(0, |sum, (_, share)| sum.saturating_add(share.persons()))
    }

    pub(super) fn give(&mut self, lease: LeaseId, device: DeviceId, place: Place, persons: u32) {
        let share = Share { device, place, given: persons, asked: 0, returned: 0 };
        self.0.insert(lease, share);
    }

    /// Notes that the server wants room back. False, and nothing changed, if that is more than is held
    /// and wasn't asked for.
    #[must_use]
    pub(super) fn recall(&mut self, lease: LeaseId, persons: u32) -> bool {
        let Some(share) = self.0.get_mut(&lease) else { return false };
        // What was given back unasked needs no asking any more.
        let asked = share.asked.max(share.returned).saturating_add(persons);
        let fits = asked <= share.given;
        if fits {
            share.asked = asked;
        }
        fits
    }

    /// Takes room back. False, and nothing changed, if that is more than is held.
    #[must_use]
    pub(super) fn take_back(&mut self, lease: LeaseId, persons: u32) -> bool {
        let Some(share) = self.0.get_mut(&lease) else { return false };
        let returned = share.returned.saturating_add(persons);
        let fits = returned <= share.given;
        if fits {
            share.returned = returned;
        }
        fits
    }
}
