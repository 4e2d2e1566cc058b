//! One journal entry and its byte layout, version 1.

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, Epoch, GateId, InstallationId, OperatorId},
    right::{Authority, Use},
    time::TimeInterval,
    wire::{Reader, WireError, Writer},
};

use super::{JournalBody, JournalHead};

/// One entry of a device's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The device that wrote it.
    pub device: DeviceId,
    /// The gate it stood at.
    pub gate: GateId,
    /// Who stood there; 0 where nobody signed in.
    pub operator: OperatorId,
    /// The restore epoch the device knew.
    pub epoch: Epoch,
    /// Its number: 1, 2, 3 … without holes.
    pub number: u64,
    /// The hash of the entry before; zeros for the first.
    pub previous: [u8; 32],
    /// When, as far as the device's clock can tell.
    pub at: TimeInterval,
    /// What happened.
    pub body: JournalBody,
}

const VERSION: u8 = 1;

impl JournalEntry {
    /// The canonical bytes: what is stored, sent and hashed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(128);
        writer.u8(VERSION).u32(self.device.0).u16(self.gate.0);
        writer.u32(self.operator.0).u32(self.epoch.0).u64(self.number).bytes(&self.previous);
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
            device: DeviceId(reader.u32()?),
            gate: GateId(reader.u16()?),
            operator: OperatorId(reader.u32()?),
            epoch: Epoch(reader.u32()?),
            number: reader.u64()?,
            previous: reader.array()?,
            at: TimeInterval::read(&mut reader)?,
            body: JournalBody::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(entry)
    }

    /// The head of a journal that ends with this entry, given as its canonical bytes.
    #[must_use]
    pub fn head_of(installation: InstallationId, number: u64, bytes: &[u8]) -> JournalHead {
        JournalHead { number, hash: Domain::new(Kind::Journal, installation).hash(&[bytes]) }
    }

    /// The use that a `Redeemed` entry records.
    #[must_use]
    pub const fn redeemed(&self) -> Option<Use> {
        match self.body {
            JournalBody::Redeemed { right, kind, count, claim, authority, .. } => Some(Use {
                right,
                kind,
                count,
                claim,
                gate: self.gate,
                device: self.device,
                operator: self.operator,
                epoch: self.epoch,
                at: self.at,
                authority,
            }),
            _ => None,
        }
    }

    /// The use that a `Recounted` entry tells again, under the number that its device gave it; 0 of a grant.
    /// Who stood there isn't known.
    #[must_use]
    pub const fn recounted(&self) -> Option<(u64, Use)> {
        match self.body {
            JournalBody::Recounted { device, gate, number, right, kind, count, claim, at } => {
                let (operator, epoch, authority) = (OperatorId(0), self.epoch, Authority::Hub);
                let used =
                    Use { right, kind, count, claim, gate, device, operator, epoch, at, authority };
                Some((number, used))
            }
            _ => None,
        }
    }

    /// The use that a `Granted` entry grants to another device. Who stood there isn't known.
    #[must_use]
    pub const fn granted(&self) -> Option<Use> {
        match self.body {
            JournalBody::Granted { device, gate, right, kind, count, claim } => Some(Use {
                right,
                kind,
                count,
                claim,
                gate,
                device,
                operator: OperatorId(0),
                epoch: self.epoch,
                at: self.at,
                authority: Authority::Hub,
            }),
            _ => None,
        }
    }
}
