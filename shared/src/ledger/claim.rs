//! What a claim key was used for.

use crate::id::{DeviceId, Serial};

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStanding {
    /// Granted, not confirmed. The ledger entry that granted it.
    Granted(u64),
    /// Its use is recorded. The ledger entry that recorded it.
    Redeemed(u64),
    /// Given up by its device; never granted again.
    Abandoned,
}

/// A claim key and what it was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimState {
    /// The ticket.
    pub serial: Serial,
    /// The device that made the key.
    pub device: DeviceId,
    /// Where the claim stands.
    pub standing: ClaimStanding,
}

impl ClaimState {
    /// Whether it is granted and not confirmed.
    #[must_use]
    pub const fn is_granted(&self) -> bool {
        matches!(self.standing, ClaimStanding::Granted(_))
    }
}
