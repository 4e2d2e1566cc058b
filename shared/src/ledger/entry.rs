//! One ledger entry and its byte layout, version 1.

use crate::{
    id::{Epoch, EventId},
    time::TimeInterval,
    wire::{Reader, WireError, Writer},
};

use super::LedgerBody;

/// One entry of an event's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The event.
    pub event: EventId,
    /// The installation's restore epoch.
    pub epoch: Epoch,
    /// Its number: 1, 2, 3 … without holes.
    pub sequence: u64,
    /// The hash of the entry before; zeros for the first.
    pub previous: [u8; 32],
    /// When the server recorded it.
    pub at: TimeInterval,
    /// What happened.
    pub body: LedgerBody,
}

const VERSION: u8 = 1;

impl LedgerEntry {
    /// The canonical bytes: what is stored, sent and hashed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(160);
        writer.u8(VERSION).u32(self.event.0).u32(self.epoch.0).u64(self.sequence);
        writer.bytes(&self.previous);
        self.at.write(&mut writer);
        self.body.write(&mut writer);
        writer.finish()
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// [`WireError`] for anything but exactly one entry.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            VERSION => {}
            0 => return Err(WireError::Unknown("version")),
            newer => return Err(WireError::Version(newer)),
        }
        let entry = Self {
            event: EventId(reader.u32()?),
            epoch: Epoch(reader.u32()?),
            sequence: reader.u64()?,
            previous: reader.array()?,
            at: TimeInterval::read(&mut reader)?,
            body: LedgerBody::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(entry)
    }
}
