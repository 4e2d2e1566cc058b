//! An event's days, closing time and slots, in the time zone of its place.

mod slot;
mod zone;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

pub use slot::Slot;
pub(crate) use zone::after;
pub use zone::{Day, TimeZone, UnknownZone};

use crate::id::SlotId;

/// When an event's days begin and end, and its slots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// When a day of the event begins, such as `05:00:00`: what happens after midnight and before it
    /// belongs to the day before.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub day_starts: NaiveTime,
    /// When everybody is taken to have left, each day; none where nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub closing: Option<NaiveTime>,
    /// Its time slots or sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
}

impl Calendar {
    /// The slot with this number.
    #[must_use]
    pub fn slot(&self, id: SlotId) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.id == id)
    }
}
