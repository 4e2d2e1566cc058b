//! The byte layout of what journal entries record, version 1: a kind, then its fields, big-endian.

use crate::{
    id::{ClaimKey, DeviceId, GateId, LeaseId, OperatorId, Serial},
    lease::{Recipient, Serials},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, UseKind},
    time::{TimeInterval, UnixMillis},
    wire::{Reader, WireError, Writer},
};

use super::JournalBody;

impl JournalBody {
    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Redeemed { right, kind, count, claim, authority, by_hand } => {
                writer.u8(if *by_hand { 14 } else { 1 });
                right.write(writer);
                kind.write(writer);
                writer.u8(*count).bytes(&claim.0);
                authority.write(writer);
            }
            Self::Shown { number } => {
                writer.u8(2).u64(*number);
            }
            Self::Refused { code, right } => {
                writer.u8(3).u16(code.number()).u8(u8::from(right.is_some()));
                if let Some(right) = right {
                    right.write(writer);
                }
            }
            Self::Interrupted { number, right } => {
                writer.u8(4).u64(*number);
                right.write(writer);
            }
            Self::Answered { device, number, right, let_in } => {
                writer.u8(5).u32(device.0).u64(*number);
                right.write(writer);
                writer.u8(u8::from(*let_in));
            }
            Self::Abandoned { claim, right } => {
                writer.u8(6).bytes(&claim.0);
                right.write(writer);
            }
            Self::Checked { right, identity, choice } => {
                writer.u8(7);
                right.write(writer);
                // 0 says that nothing was looked at or asked.
                writer.u8(identity.map_or(0, |fits| if fits { 1 } else { 2 }));
                writer.u8(choice.unwrap_or(0));
            }
            Self::Overridden { right, count, code, reason } => {
                writer.u8(8);
                right.write(writer);
                writer.u8(*count).u16(code.number());
                reason.write(writer);
            }
            Self::Transferred { lease, serials, to } => {
                writer.u8(20).u32(lease.0);
                serials.write(writer);
                to.write(writer);
            }
            Self::ShareTransferred { lease, persons, to } => {
                writer.u8(21).u32(lease.0).u32(*persons);
                to.write(writer);
            }
            Self::Annulled { device, number, right } => {
                writer.u8(9).u32(device.0).u64(*number);
                right.write(writer);
            }
            Self::SignedIn => {
                writer.u8(10);
            }
            Self::SignedOut => {
                writer.u8(11);
            }
            Self::PinRefused { operator } => {
                writer.u8(12).u32(operator.0);
            }
            Self::Granted { device, gate, right, kind, count, claim } => {
                writer.u8(22).u32(device.0).u16(gate.0);
                right.write(writer);
                kind.write(writer);
                writer.u8(*count).bytes(&claim.0);
            }
            Self::GaveUp { device, claim, right } => {
                writer.u8(23).u32(device.0).bytes(&claim.0);
                right.write(writer);
            }
            Self::Received { lease, serial, from, number } => {
                writer.u8(28).u32(lease.0).u32(serial.0).u32(from.0).u64(*number);
            }
            Self::Recounted { device, gate, number, right, kind, count, claim, at } => {
                writer.u8(29).u32(device.0).u16(gate.0).u64(*number);
                right.write(writer);
                kind.write(writer);
                writer.u8(*count).bytes(&claim.0);
                at.write(writer);
            }
            Self::TimeSet { at } => {
                writer.u8(13).u64(at.0);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            number @ (1 | 14) => {
                let right = RightRef::read(reader)?;
                let kind = UseKind::read(reader)?;
                let count = count(reader)?;
                let claim = ClaimKey(reader.array()?);
                Ok(Self::Redeemed {
                    right,
                    kind,
                    count,
                    claim,
                    authority: Authority::read(reader)?,
                    by_hand: number == 14,
                })
            }
            2 => Ok(Self::Shown { number: reader.u64()? }),
            3 => {
                let code = reason_code(reader)?;
                let right = if flag(reader, "right present")? {
                    Some(RightRef::read(reader)?)
                } else {
                    None
                };
                Ok(Self::Refused { code, right })
            }
            4 => Ok(Self::Interrupted { number: reader.u64()?, right: RightRef::read(reader)? }),
            5 => Ok(Self::Answered {
                device: DeviceId(reader.u32()?),
                number: reader.u64()?,
                right: RightRef::read(reader)?,
                let_in: flag(reader, "let in")?,
            }),
            6 => Ok(Self::Abandoned {
                claim: ClaimKey(reader.array()?),
                right: RightRef::read(reader)?,
            }),
            7 => Ok(Self::Checked {
                right: RightRef::read(reader)?,
                identity: match reader.u8()? {
                    0 => None,
                    1 => Some(true),
                    2 => Some(false),
                    _ => return Err(WireError::Unknown("identity")),
                },
                choice: Some(reader.u8()?).filter(|place| *place > 0),
            }),
            8 => Ok(Self::Overridden {
                right: RightRef::read(reader)?,
                count: count(reader)?,
                code: reason_code(reader)?,
                reason: OverrideReason::read(reader)?,
            }),
            9 => Ok(Self::Annulled {
                device: DeviceId(reader.u32()?),
                number: reader.u64()?,
                right: RightRef::read(reader)?,
            }),
            10 => Ok(Self::SignedIn),
            11 => Ok(Self::SignedOut),
            12 => Ok(Self::PinRefused { operator: OperatorId(reader.u32()?) }),
            13 => Ok(Self::TimeSet { at: UnixMillis(reader.u64()?) }),
            20 => Ok(Self::Transferred {
                lease: LeaseId(reader.u32()?),
                serials: Serials::read(reader)?,
                to: Recipient::read(reader)?,
            }),
            21 => Ok(Self::ShareTransferred {
                lease: LeaseId(reader.u32()?),
                persons: Some(reader.u32()?)
                    .filter(|persons| *persons > 0)
                    .ok_or(WireError::Unknown("persons"))?,
                to: Recipient::read(reader)?,
            }),
            22 => Ok(Self::Granted {
                device: DeviceId(reader.u32()?),
                gate: GateId(reader.u16()?),
                right: RightRef::read(reader)?,
                kind: UseKind::read(reader)?,
                count: count(reader)?,
                claim: ClaimKey(reader.array()?),
            }),
            23 => Ok(Self::GaveUp {
                device: DeviceId(reader.u32()?),
                claim: ClaimKey(reader.array()?),
                right: RightRef::read(reader)?,
            }),
            28 => Ok(Self::Received {
                lease: LeaseId(reader.u32()?),
                serial: Serial(reader.u32()?),
                from: DeviceId(reader.u32()?),
                number: reader.u64()?,
            }),
            29 => Ok(Self::Recounted {
                device: DeviceId(reader.u32()?),
                gate: GateId(reader.u16()?),
                number: reader.u64()?,
                right: RightRef::read(reader)?,
                kind: UseKind::read(reader)?,
                count: count(reader)?,
                claim: ClaimKey(reader.array()?),
                at: TimeInterval::read(reader)?,
            }),
            _ => Err(WireError::Unknown("journal entry kind")),
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

fn count(reader: &mut Reader<'_>) -> Result<u8, WireError> {
    Some(reader.u8()?).filter(|count| *count > 0).ok_or(WireError::Unknown("count"))
}

fn reason_code(reader: &mut Reader<'_>) -> Result<ReasonCode, WireError> {
    ReasonCode::from_number(reader.u16()?).ok_or(WireError::Unknown("reason code"))
}
