//! What holds only so many persons: the venue, a zone, a slot.

use serde::{Deserialize, Serialize};

use crate::{
    id::{SlotId, ZoneId},
    wire::{Reader, WireError, Writer},
};

/// What holds only so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The whole venue: whoever came in by any gate.
    Venue,
    /// A zone: whoever came in by a gate that leads into it.
    Zone(ZoneId),
    /// A slot: whoever came in while it was open, with a ticket of a type that it admits.
    Slot(SlotId),
}

impl Place {
    pub(crate) fn write(self, writer: &mut Writer) {
        match self {
            Self::Venue => writer.u8(0),
            Self::Zone(zone) => writer.u8(1).u16(zone.0),
            Self::Slot(slot) => writer.u8(2).u16(slot.0),
        };
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            0 => Ok(Self::Venue),
            1 => Ok(Self::Zone(ZoneId(reader.u16()?))),
            2 => Ok(Self::Slot(SlotId(reader.u16()?))),
            _ => Err(WireError::Unknown("place")),
        }
    }
}
