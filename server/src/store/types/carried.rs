//! What became of a journal that was carried by hand.

use kaisatsu_shared::id::{DeviceId, GateId};
use serde::Serialize;
use utoipa::ToSchema;

/// How the server knows the device whose journal was carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// As it is.
    Known,
    /// It had forgotten it; the credential told.
    Found,
    /// As revoked: everything was set apart.
    Revoked,
    /// Another device has its number by now: everything was set apart.
    Replaced,
}

/// What became of a journal that was carried by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CarriedAnswer {
    /// The device.
    pub device: DeviceId,
    /// The gate it was enrolled for.
    pub gate: GateId,
    /// How the server knows it.
    pub carrier: Carrier,
    /// Entries in the file.
    pub entries: u64,
    /// Those that the server had before.
    pub already_known: u64,
    /// Those that are recorded now.
    pub recorded: u64,
    /// Of those, uses that are in conflict with others.
    pub conflicts: u64,
    /// Those that are set apart for an admin.
    pub quarantined: u64,
    /// Entries, not known before, whose time can't be: the gate's clock was wrong.
    pub suspicious_times: u64,
    /// Tickets that this device still alone decides about. 0 once its lane is closed.
    pub leased: u64,
}
