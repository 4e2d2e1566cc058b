//! Leases as the organiser sees them.

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId},
    lease::Serials,
    place::Place,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to lease, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GiveLeases {
    /// Devices; empty is every enrolled one of the event.
    pub devices: Vec<DeviceId>,
    /// Only this; tickets and room if absent.
    pub only: Option<Leasable>,
}

impl From<Vec<DeviceId>> for GiveLeases {
    fn from(devices: Vec<DeviceId>) -> Self {
        Self { devices, only: None }
    }
}

/// What can be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Leasable {
    /// Tickets of types with the policy `strict`.
    Tickets,
    /// Room in places of hard capacity.
    Room,
}

/// Rights that one device alone decides about, or room that it gives by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeaseInfo {
    /// The lease.
    pub lease: LeaseId,
    /// Who holds it.
    pub device: DeviceId,
    /// The lane: the gate where it was given, or of the hub that fetched it.
    pub gate: GateId,
    /// What is leased.
    #[serde(flatten)]
    pub what: LeasedInfo,
    /// The ledger entry that gave it.
    pub sequence: u64,
    /// Tickets or persons that the server asked to get back, and hasn't got yet.
    pub recalled: u64,
    /// Whether the device was revoked: nobody gives them back any more.
    pub lost: bool,
}

impl LeaseInfo {
    /// How many tickets it gave.
    #[must_use]
    pub fn tickets(&self) -> u64 {
        match self.what {
            LeasedInfo::Serials(serials) => serials.count(),
            LeasedInfo::Room { .. } => 0,
        }
    }
}

/// What a lease gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeasedInfo {
    /// Tickets, in a row.
    Serials(Serials),
    /// A share of a place's room.
    Room {
        /// The place.
        place: Place,
        /// Persons, those among them whom the device let in and who are inside.
        persons: u32,
    },
}

impl LeasedInfo {
    /// Tickets, or persons.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Serials(serials) => serials.count(),
            Self::Room { persons, .. } => (*persons).into(),
        }
    }
}
