//! A time slot or session: when its guests may enter.

use serde::{Deserialize, Serialize};

use crate::{
    id::SlotId,
    reason::LocalText,
    rules::Capacity,
    time::{UnixMillis, UnixSeconds},
};

/// A time slot or session. Its guests may enter from `early_minutes` before it until
/// `late_minutes` after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its number within the event.
    pub id: SlotId,
    /// Its name.
    #[serde(default)]
    pub name: LocalText,
    /// Its first second.
    pub from: UnixSeconds,
    /// The first second after it.
    pub until: UnixSeconds,
    /// So many minutes before it its guests may enter.
    #[serde(default)]
    pub early_minutes: u16,
    /// So many minutes after it its guests may still enter.
    #[serde(default)]
    pub late_minutes: u16,
    /// How many of its guests fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

const MINUTE: u64 = 60_000;

impl Slot {
    /// The first instant at which its guests may enter.
    #[must_use]
    pub fn opens(&self) -> UnixMillis {
        self.from.to_millis().minus(u64::from(self.early_minutes) * MINUTE)
    }

    /// The first instant at which they may no longer.
    #[must_use]
    pub fn closes(&self) -> UnixMillis {
        self.until.to_millis().plus(u64::from(self.late_minutes) * MINUTE)
    }

    /// Whether its guests may enter at this instant.
    #[must_use]
    pub fn is_open(&self, at: UnixMillis) -> bool {
        self.opens() <= at && at < self.closes()
    }
}
