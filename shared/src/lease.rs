//! What a lease is made of. With the policy `strict` each right has one authority: the server, or the
//! device that holds it by a lease. Room in a place of hard capacity is leased likewise. The lease itself
//! is an entry of the ledger.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, Serial},
    wire::{Reader, WireError, Writer},
};

/// Consecutive serials, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Serials {
    first: Serial,
    last: Serial,
}

impl Serials {
    /// From one serial to another, both among them; nothing if `last` comes before `first`.
    #[must_use]
    pub fn new(first: Serial, last: Serial) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// One serial.
    #[must_use]
    pub const fn one(serial: Serial) -> Self {
        Self { first: serial, last: serial }
    }

    /// The first of them.
    #[must_use]
    pub const fn first(self) -> Serial {
        self.first
    }

    /// The last of them.
    #[must_use]
    pub const fn last(self) -> Serial {
        self.last
    }

    /// How many they are.
    #[must_use]
    pub fn count(self) -> u64 {
        u64::from(self.last.0).saturating_sub(u64::from(self.first.0)).saturating_add(1)
    }

    /// Whether `serial` is among them.
    #[must_use]
    pub fn contains(self, serial: Serial) -> bool {
        (self.first..=self.last).contains(&serial)
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u32(self.first.0).u32(self.last.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let (first, last) = (Serial(reader.u32()?), Serial(reader.u32()?));
        Self::new(first, last).ok_or(WireError::Unknown("serials"))
    }
}

impl From<Serials> for core::ops::RangeInclusive<u32> {
    fn from(serials: Serials) -> Self {
        serials.first.0..=serials.last.0
    }
}

impl From<&core::ops::RangeInclusive<u32>> for Serials {
    fn from(range: &core::ops::RangeInclusive<u32>) -> Self {
        // Ranges in use are never empty; one that is would be its first serial.
        let (first, last) = (Serial(*range.start()), Serial(*range.end()));
        Self { first, last: last.max(first) }
    }
}

/// To whom a device transfers rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The server.
    Server,
    /// Another device of the event: the venue's hub.
    Device(DeviceId),
}

impl Recipient {
    pub(crate) fn write(self, writer: &mut Writer) {
        match self {
            Self::Server => writer.u8(0),
            Self::Device(device) => writer.u8(1).u32(device.0),
        };
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            0 => Ok(Self::Server),
            1 => Ok(Self::Device(DeviceId(reader.u32()?))),
            _ => Err(WireError::Unknown("recipient")),
        }
    }
}
