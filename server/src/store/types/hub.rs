//! The venue's hubs.

use kaisatsu_shared::{
    id::{DeviceId, GateId},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A gate client that other gates may ask while they can't reach the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HubInfo {
    /// The device.
    pub device: DeviceId,
    /// The gate it stands at.
    pub gate: GateId,
    /// Where it is found in the venue's network, each `HOST:PORT`.
    pub addresses: Vec<String>,
    /// When it was set.
    pub set_at: UnixMillis,
    /// Whether the device was revoked: gates don't ask it.
    pub lost: bool,
}
