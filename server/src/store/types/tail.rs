//! Entries of a device's journal that are known by its signed end, and that the server doesn't have.

use kaisatsu_shared::{id::DeviceId, time::UnixMillis};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Entries in a row that a device wrote and nobody delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Undelivered {
    /// The number of the first.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// Since when something is known to be missing.
    pub since: UnixMillis,
    /// When the end was heard.
    pub heard_at: UnixMillis,
    /// The device that passed the end on; the device itself where that told it.
    pub through: DeviceId,
}

impl Undelivered {
    /// How many.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// Why a device is given up. A code: what people write about each other isn't kept here.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum WriteOffReason {
    /// Nobody knows where it is.
    #[default]
    Lost,
    /// Somebody took it.
    Stolen,
    /// It works no more, nor does its disk.
    Broken,
    /// Its data was deleted.
    Erased,
}

impl WriteOffReason {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Broken => "broken",
            Self::Erased => "erased",
        }
    }
}
