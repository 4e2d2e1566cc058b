//! The byte layout of what ledger entries record, version 1: a kind, then its fields, big-endian.

use crate::{
    id::{ClaimKey, DeviceId, GateId, Generation, LeaseId, Serial, TypeId},
    lease::Serials,
    place::Place,
    reason::ReasonCode,
    right::{OverrideReason, Use},
    token::Fingerprint,
    validity::Validity,
    wire::{Reader, WireError, Writer},
};

use super::{
    AskedAt, BlockReason, Cursor, IssuedTicket, LedgerBody, MAX_ISSUED, Receipt, ReissueReason,
    UnpaidTickets, VoidReason,
};

impl LedgerBody {
    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Issued { first, ticket_type, entries, fingerprints, unpaid } => {
                // Where all are paid it has the first version's kind: one spelling each.
                let kind = if unpaid.is_none() { 1 } else { 18 };
                writer.u8(kind).u32(first.0).u16(ticket_type.0).u8(*entries);
                // At most 1,024 by construction; a longer list would not decode.
                writer.u16(u16::try_from(fingerprints.len()).unwrap_or(u16::MAX));
                for fingerprint in fingerprints {
                    writer.bytes(&fingerprint.0);
                }
                if !unpaid.is_none() {
                    unpaid.write(writer, fingerprints.len());
                }
            }
            // Without a reason it has the first version's kind: one spelling each.
            Self::Reissued(ticket) if ticket.reason == ReissueReason::Other => {
                writer.u8(2).u32(ticket.serial.0).u8(ticket.generation.0);
                writer.bytes(&ticket.fingerprint.0);
            }
            Self::Reissued(ticket) => {
                writer.u8(15).u32(ticket.serial.0).u8(ticket.generation.0);
                writer.bytes(&ticket.fingerprint.0).u8(ticket.reason.number());
            }
            Self::Blocked { serial, reason } => {
                writer.u8(12).u32(serial.0).u8(reason.number());
            }
            Self::Unblocked { serial } => {
                writer.u8(13).u32(serial.0);
            }
            Self::Payment { serial, paid } => {
                writer.u8(14).u32(serial.0).u8(u8::from(*paid));
            }
            Self::Renewed { first, count, validity } => {
                writer.u8(16).u32(first.0).u16(*count);
                validity.write(writer);
            }
            Self::Voided { serial, reason } => {
                writer.u8(3).u32(serial.0).u8(reason.number());
            }
            Self::Granted(used) => {
                writer.u8(4);
                used.write(writer);
            }
            Self::Abandoned { serial, claim, device } => {
                writer.u8(5).u32(serial.0).bytes(&claim.0).u32(device.0);
            }
            Self::Redeemed { used, number, by_hand } => {
                writer.u8(if *by_hand { 17 } else { 6 });
                used.write(writer);
                writer.u64(*number);
            }
            Self::Interrupted { serial, device, number } => {
                writer.u8(7).u32(serial.0).u32(device.0).u64(*number);
            }
            Self::Answered { serial, device, number, let_in, by } => {
                writer.u8(8).u32(serial.0).u32(device.0).u64(*number);
                writer.u8(u8::from(*let_in));
                by.write(writer);
            }
            Self::Overridden { serial, count, code, reason, number, by } => {
                writer.u8(10).u32(serial.0).u8(*count).u16(code.number());
                reason.write(writer);
                writer.u64(*number);
                by.write(writer);
            }
            Self::Annulled { serial, device, number, by } => {
                writer.u8(11).u32(serial.0).u32(device.0).u64(*number);
                by.write(writer);
            }
            Self::Leased { lease, device, gate, serials } => {
                writer.u8(20).u32(lease.0).u32(device.0).u16(gate.0);
                serials.write(writer);
            }
            Self::Recalled { lease, serials } => {
                writer.u8(21).u32(lease.0);
                serials.write(writer);
            }
            Self::Transferred { lease, serials, number } => {
                writer.u8(22).u32(lease.0);
                serials.write(writer);
                writer.u64(*number);
            }
            Self::ShareLeased { lease, device, gate, place, persons } => {
                writer.u8(23).u32(lease.0).u32(device.0).u16(gate.0);
                place.write(writer);
                writer.u32(*persons);
            }
            Self::ShareRecalled { lease, persons } => {
                writer.u8(24).u32(lease.0).u32(*persons);
            }
            Self::ShareTransferred { lease, persons, number } => {
                writer.u8(25).u32(lease.0).u32(*persons).u64(*number);
            }
            Self::Restored => {
                writer.u8(26);
            }
            Self::RollbackFound { lost } => {
                writer.u8(27);
                lost.write(writer);
            }
            Self::Recovered { until, restated, unfit } => {
                writer.u8(28);
                until.write(writer);
                writer.u32(*restated).u32(*unfit);
            }
            Self::Settled { first_free } => {
                writer.u8(29).u32(first_free.0);
            }
            Self::HandedOn { lease, serials, from, to, gate, number } => {
                writer.u8(30).u32(lease.0);
                serials.write(writer);
                writer.u32(from.0).u32(to.0).u16(gate.0).u64(*number);
            }
            Self::Received(receipt) => {
                writer.u8(31);
                receipt.write(writer);
            }
            Self::ConflictFound { serial, redemptions } => {
                writer.u8(9).u32(serial.0);
                writer.u16(u16::try_from(redemptions.len()).unwrap_or(u16::MAX));
                for sequence in redemptions {
                    writer.u64(*sequence);
                }
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            kind @ (1 | 18) => {
                let first = Serial(reader.u32()?);
                let ticket_type = TypeId(reader.u16()?);
                let entries = reader.u8()?;
                let count = usize::from(reader.u16()?);
                if count == 0 {
                    return Err(WireError::Unknown("count"));
                }
                if count > MAX_ISSUED {
                    return Err(WireError::TooLong("fingerprints"));
                }
                let fingerprints = (0..count)
                    .map(|_| reader.array().map(Fingerprint))
                    .collect::<Result<_, _>>()?;
                let unpaid = match kind {
                    1 => UnpaidTickets::NONE,
                    _ => UnpaidTickets::read(reader, count)?,
                };
                Ok(Self::Issued { first, ticket_type, entries, fingerprints, unpaid })
            }
            2 => Ok(Self::Reissued(IssuedTicket {
                serial: Serial(reader.u32()?),
                generation: Generation(reader.u8()?),
                fingerprint: Fingerprint(reader.array()?),
                reason: ReissueReason::Other,
            })),
            3 => Ok(Self::Voided {
                serial: Serial(reader.u32()?),
                reason: VoidReason::from_number(reader.u8()?)
                    .ok_or(WireError::Unknown("void reason"))?,
            }),
            4 => Ok(Self::Granted(Use::read(reader)?)),
            5 => Ok(Self::Abandoned {
                serial: Serial(reader.u32()?),
                claim: ClaimKey(reader.array()?),
                device: DeviceId(reader.u32()?),
            }),
            kind @ (6 | 17) => Ok(Self::Redeemed {
                used: Use::read(reader)?,
                number: reader.u64()?,
                by_hand: kind == 17,
            }),
            7 => Ok(Self::Interrupted {
                serial: Serial(reader.u32()?),
                device: DeviceId(reader.u32()?),
                number: reader.u64()?,
            }),
            8 => Ok(Self::Answered {
                serial: Serial(reader.u32()?),
                device: DeviceId(reader.u32()?),
                number: reader.u64()?,
                let_in: match reader.u8()? {
                    0 => false,
                    1 => true,
                    _ => return Err(WireError::Unknown("let in")),
                },
                by: AskedAt::read(reader)?,
            }),
            9 => {
                let serial = Serial(reader.u32()?);
                let count = usize::from(reader.u16()?);
                let redemptions = (0..count).map(|_| reader.u64()).collect::<Result<_, _>>()?;
                Ok(Self::ConflictFound { serial, redemptions })
            }
            10 => Ok(Self::Overridden {
                serial: Serial(reader.u32()?),
                count: reader.u8()?,
                code: ReasonCode::from_number(reader.u16()?)
                    .ok_or(WireError::Unknown("reason code"))?,
                reason: OverrideReason::read(reader)?,
                number: reader.u64()?,
                by: AskedAt::read(reader)?,
            }),
            11 => Ok(Self::Annulled {
                serial: Serial(reader.u32()?),
                device: DeviceId(reader.u32()?),
                number: reader.u64()?,
                by: AskedAt::read(reader)?,
            }),
            12 => Ok(Self::Blocked {
                serial: Serial(reader.u32()?),
                reason: BlockReason::from_number(reader.u8()?)
                    .ok_or(WireError::Unknown("block reason"))?,
            }),
            13 => Ok(Self::Unblocked { serial: Serial(reader.u32()?) }),
            14 => Ok(Self::Payment {
                serial: Serial(reader.u32()?),
                paid: match reader.u8()? {
                    0 => false,
                    1 => true,
                    _ => return Err(WireError::Unknown("paid")),
                },
            }),
            15 => Ok(Self::Reissued(IssuedTicket {
                serial: Serial(reader.u32()?),
                generation: Generation(reader.u8()?),
                fingerprint: Fingerprint(reader.array()?),
                reason: ReissueReason::from_number(reader.u8()?)
                    .filter(|reason| *reason != ReissueReason::Other)
                    .ok_or(WireError::Unknown("reissue reason"))?,
            })),
            16 => {
                let first = Serial(reader.u32()?);
                let count = reader.u16()?;
                match usize::from(count) {
                    0 => Err(WireError::Unknown("count")),
                    1..=MAX_ISSUED => {
                        Ok(Self::Renewed { first, count, validity: Validity::read(reader)? })
                    }
                    _ => Err(WireError::TooLong("tickets")),
                }
            }
            20 => Ok(Self::Leased {
                lease: LeaseId(reader.u32()?),
                device: DeviceId(reader.u32()?),
                gate: GateId(reader.u16()?),
                serials: Serials::read(reader)?,
            }),
            21 => Ok(Self::Recalled {
                lease: LeaseId(reader.u32()?),
                serials: Serials::read(reader)?,
            }),
            22 => Ok(Self::Transferred {
                lease: LeaseId(reader.u32()?),
                serials: Serials::read(reader)?,
                number: reader.u64()?,
            }),
            23 => Ok(Self::ShareLeased {
                lease: LeaseId(reader.u32()?),
                device: DeviceId(reader.u32()?),
                gate: GateId(reader.u16()?),
                place: Place::read(reader)?,
                persons: persons(reader)?,
            }),
            24 => {
                Ok(Self::ShareRecalled { lease: LeaseId(reader.u32()?), persons: persons(reader)? })
            }
            25 => Ok(Self::ShareTransferred {
                lease: LeaseId(reader.u32()?),
                persons: persons(reader)?,
                number: reader.u64()?,
            }),
            26 => Ok(Self::Restored),
            27 => Ok(Self::RollbackFound { lost: Cursor::read(reader)? }),
            28 => Ok(Self::Recovered {
                until: Cursor::read(reader)?,
                restated: reader.u32()?,
                unfit: reader.u32()?,
            }),
            29 => Ok(Self::Settled { first_free: Serial(reader.u32()?) }),
            30 => Ok(Self::HandedOn {
                lease: LeaseId(reader.u32()?),
                serials: Serials::read(reader)?,
                from: DeviceId(reader.u32()?),
                to: DeviceId(reader.u32()?),
                gate: GateId(reader.u16()?),
                number: reader.u64()?,
            }),
            31 => Ok(Self::Received(Receipt::read(reader)?)),
            _ => Err(WireError::Unknown("ledger entry kind")),
        }
    }
}

/// A number of persons, at least one.
fn persons(reader: &mut Reader<'_>) -> Result<u32, WireError> {
    Some(reader.u32()?).filter(|persons| *persons > 0).ok_or(WireError::Unknown("persons"))
}
