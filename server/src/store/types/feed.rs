//! Pages of a ledger and of journals.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, EventId},
    ledger::Cursor,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a feed goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedFrom {
    /// The epoch of the last entry known; ignored at the start.
    pub epoch: Epoch,
    /// The number of the last entry known; 0 at the start.
    pub after: u64,
    /// Its hash, where the caller gave it.
    pub hash: Option<[u8; 32]>,
}

/// One entry of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its number.
    pub sequence: u64,
    /// Its canonical bytes: [`kaisatsu_shared::ledger::LedgerEntry::decode`] reads them.
    pub bytes: Vec<u8>,
}

/// Some entries of a ledger, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerPage {
    /// The entries; none at the end.
    pub rows: Vec<LedgerRow>,
}

/// What following a whole ledger found: every hash, number and contradiction was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerReport {
    /// The event.
    pub event: EventId,
    /// Its last entry.
    pub head: Cursor,
    /// How many entries.
    pub entries: u64,
    /// Tickets issued.
    pub tickets: u32,
    /// Uses recorded.
    pub redemptions: u64,
    /// Tickets with a conflict.
    pub conflicts: u32,
}

/// One entry of a device's journal as the server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// The device.
    pub device: DeviceId,
    /// Its number.
    pub number: u64,
    /// Its canonical bytes: [`kaisatsu_shared::journal::JournalEntry::decode`] reads them.
    pub bytes: Vec<u8>,
}

/// Some entries of a device's journal, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalPage {
    /// The entries; none at the end.
    pub rows: Vec<JournalRow>,
}

/// How the store itself is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusPage {
    /// Write commands done since the store was opened.
    pub commands: u64,
    /// Transactions they were committed in.
    pub commits: u64,
}
