//! What a restored server knows of what it lost.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, EventId, GateId, Serial},
    ledger::Cursor,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A restore that began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoreBegun {
    /// The epoch that began.
    pub epoch: Epoch,
    /// How many events it is about.
    pub events: u32,
}

/// Where an event's restore stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoreInfo {
    /// The event.
    pub event: EventId,
    /// The installation's epoch.
    pub epoch: Epoch,
    /// Whether something may be missing that a gate can still offer. Meanwhile the server lets nobody in on
    /// tickets that are its own alone to decide, and issues nothing.
    pub open: bool,
    /// A position that the server once signed and doesn't have, where nobody restored it since: `restore begin`
    /// must be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_back: Option<Cursor>,
    /// Whether an admin confirmed that these are all devices.
    pub confirmed: bool,
    /// Its devices.
    pub devices: Vec<RestoreDevice>,
    /// How far gates have offered what was lost, by the epoch in which it ended.
    pub recovered: Vec<Cursor>,
    /// Serials that may have been issued in what stays lost.
    pub lost_serials: u32,
}

/// A device that may have something to offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoreDevice {
    /// The device.
    pub device: DeviceId,
    /// Its gate.
    pub gate: GateId,
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub standing: Offering,
}

/// Whether a device has offered what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Offering {
    /// It has delivered its journal and what it had of the ledger.
    Offered,
    /// It hasn't been heard, or hasn't delivered all.
    Awaited,
    /// It wasn't enrolled as far as is known; if it was in what was lost, it must be connected before the list is
    /// confirmed.
    Announced,
    /// It was revoked.
    Revoked,
    /// An admin wrote it off. What it held by lease stays its own.
    WrittenOff,
}

/// An admin's word that the list of devices is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRestore {
    /// The highest ticket number known to be sold, from whoever sells them.
    #[serde(default)]
    pub issued_up_to: Option<Serial>,
}
