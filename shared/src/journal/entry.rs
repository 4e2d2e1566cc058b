//! One journal entry and its byte layout, version 1.

use crate::{
    hash::{Domain, Kind},
    id::{ClaimKey, DeviceId, Epoch, GateId, InstallationId, OperatorId},
    reason::ReasonCode,
    right::{Authority, RightRef, Use, UseKind},
    time::TimeInterval,
    wire::{Reader, WireError, Writer},
};

use super::JournalHead;

/// What a journal entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalBody {
    /// A right was used; the light may turn green once this entry is durable.
    Redeemed {
        /// The right.
        right: RightRef,
        /// In or out.
        kind: UseKind,
        /// How many persons.
        count: u8,
        /// The key under which it was, or would have been, claimed.
        claim: ClaimKey,
        /// Who decided.
        authority: Authority,
    },
    /// The light of entry `number` was shown.
    Shown {
        /// The number of a `Redeemed` or `Answered` entry.
        number: u64,
    },
    /// A scan that admitted nobody. `right` is present where the code was a genuine ticket.
    Refused {
        /// The reason shown.
        code: ReasonCode,
        /// The ticket, where it is known to be genuine.
        right: Option<RightRef>,
    },
    /// The device stopped between recording entry `number` and showing its light.
    Interrupted {
        /// The number of a `Redeemed` entry, or of an `Answered` one that lets the guest in.
        number: u64,
        /// Its right.
        right: RightRef,
    },
    /// Staff said whether the guest of an interrupted admission had been let in.
    Answered {
        /// The device that was interrupted.
        device: DeviceId,
        /// The number of its entry that was interrupted.
        number: u64,
        /// The right.
        right: RightRef,
        /// Whether the guest had been let in; if not, they are let in now.
        let_in: bool,
    },
    /// A claim whose answer, if it ever comes, must not count.
    Abandoned {
        /// The claim.
        claim: ClaimKey,
        /// The right it was for.
        right: RightRef,
    },
}

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
        match &self.body {
            JournalBody::Redeemed { right, kind, count, claim, authority } => {
                writer.u8(1);
                right.write(&mut writer);
                kind.write(&mut writer);
                writer.u8(*count).bytes(&claim.0);
                authority.write(&mut writer);
            }
            JournalBody::Shown { number } => {
                writer.u8(2).u64(*number);
            }
            JournalBody::Refused { code, right } => {
                writer.u8(3).u16(code.number()).u8(u8::from(right.is_some()));
                if let Some(right) = right {
                    right.write(&mut writer);
                }
            }
            JournalBody::Interrupted { number, right } => {
                writer.u8(4).u64(*number);
                right.write(&mut writer);
            }
            JournalBody::Answered { device, number, right, let_in } => {
                writer.u8(5).u32(device.0).u64(*number);
                right.write(&mut writer);
                writer.u8(u8::from(*let_in));
            }
            JournalBody::Abandoned { claim, right } => {
                writer.u8(6).bytes(&claim.0);
                right.write(&mut writer);
            }
        }
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
            body: read_body(&mut reader)?,
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
            JournalBody::Redeemed { right, kind, count, claim, authority } => Some(Use {
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
}

fn flag(reader: &mut Reader<'_>, name: &'static str) -> Result<bool, WireError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(WireError::Unknown(name)),
    }
}

fn read_body(reader: &mut Reader<'_>) -> Result<JournalBody, WireError> {
    match reader.u8()? {
        1 => {
            let right = RightRef::read(reader)?;
            let kind = UseKind::read(reader)?;
            let count = reader.u8()?;
            if count == 0 {
                return Err(WireError::Unknown("count"));
            }
            let claim = ClaimKey(reader.array()?);
            Ok(JournalBody::Redeemed {
                right,
                kind,
                count,
                claim,
                authority: Authority::read(reader)?,
            })
        }
        2 => Ok(JournalBody::Shown { number: reader.u64()? }),
        3 => {
            let code =
                ReasonCode::from_number(reader.u16()?).ok_or(WireError::Unknown("reason code"))?;
            let right =
                if flag(reader, "right present")? { Some(RightRef::read(reader)?) } else { None };
            Ok(JournalBody::Refused { code, right })
        }
        4 => Ok(JournalBody::Interrupted { number: reader.u64()?, right: RightRef::read(reader)? }),
        5 => Ok(JournalBody::Answered {
            device: DeviceId(reader.u32()?),
            number: reader.u64()?,
            right: RightRef::read(reader)?,
            let_in: flag(reader, "let in")?,
        }),
        6 => Ok(JournalBody::Abandoned {
            claim: ClaimKey(reader.array()?),
            right: RightRef::read(reader)?,
        }),
        _ => Err(WireError::Unknown("journal entry kind")),
    }
}
