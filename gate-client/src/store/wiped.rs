//! What remains of a revoked device.

use kaisatsu_shared::{
    id::{DeviceId, EventId, GateId, InstallationId},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};

/// All that remains of a revoked device that has delivered everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wiped {
    /// The installation.
    pub installation: InstallationId,
    /// The event.
    pub event: EventId,
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// When it was revoked, by the server's clock.
    pub revoked_at: UnixMillis,
    /// How many journal entries it delivered.
    pub delivered: u64,
    /// When the server was known to have them all, by the device's clock.
    pub delivered_at: UnixMillis,
}
