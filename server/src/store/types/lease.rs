//! Leases as the organiser sees them.

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId},
    lease::Serials,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Rights that one device alone decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeaseInfo {
    /// The lease.
    pub lease: LeaseId,
    /// Who holds it.
    pub device: DeviceId,
    /// The gate where it was given: the lane.
    pub gate: GateId,
    /// The tickets, in a row.
    pub serials: Serials,
    /// The ledger entry that gave it.
    pub sequence: u64,
    /// How many of them the server asked to get back, and hasn't got yet.
    pub recalled: u64,
    /// Whether the device was revoked: nobody transfers these rights any more.
    pub lost: bool,
}
