//! One ledger entry and its byte layout, version 1.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ClaimKey, DeviceId, Epoch, EventId, Generation, Serial, TypeId},
    reason::ReasonCode,
    right::{OverrideReason, Use},
    time::TimeInterval,
    token::Fingerprint,
    wire::{Reader, WireError, Writer},
};

use super::{AskedAt, BlockReason, ReissueReason};

/// Most tickets that one `Issued` entry holds.
pub const MAX_ISSUED: usize = 1024;

/// Why a ticket was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The money was returned.
    Refunded,
    /// The holder lost it.
    Lost,
    /// It was obtained or sold against the rules.
    Abuse,
    /// Anything else.
    Other,
}

/// What a ledger entry records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerBody {
    /// Tickets of one type were issued under consecutive serials.
    Issued {
        /// The first serial.
        first: Serial,
        /// Their type.
        ticket_type: TypeId,
        /// Admissions each allows; 0 is without limit.
        entries: u8,
        /// Their fingerprints, at least one and at most [`MAX_ISSUED`].
        fingerprints: Vec<Fingerprint>,
    },
    /// A ticket was replaced by its next generation.
    Reissued(IssuedTicket),
    /// A ticket was blocked for the time being.
    Blocked {
        /// The ticket.
        serial: Serial,
        /// Why.
        reason: BlockReason,
    },
    /// A ticket was unblocked.
    Unblocked {
        /// The ticket.
        serial: Serial,
    },
    /// A ticket was paid, or turned out not to be.
    Payment {
        /// The ticket.
        serial: Serial,
        /// Whether it is paid.
        paid: bool,
    },
    /// A ticket was voided.
    Voided {
        /// The ticket.
        serial: Serial,
        /// Why.
        reason: VoidReason,
    },
    /// The server granted a claim; its gate hasn't confirmed yet that it recorded the admission.
    Granted(Use),
    /// A claim was given up by its device; under this key nothing is granted any more.
    Abandoned {
        /// The ticket.
        serial: Serial,
        /// The claim.
        claim: ClaimKey,
        /// The device that gave it up.
        device: DeviceId,
    },
    /// A device's journal says that the right was used.
    Redeemed {
        /// The use.
        used: Use,
        /// The number of the device's journal entry.
        number: u64,
    },
    /// A device stopped between recording an admission and showing it.
    Interrupted {
        /// The ticket.
        serial: Serial,
        /// The device.
        device: DeviceId,
        /// The number of its journal entry: `Redeemed`, or `Answered` that let the guest in.
        number: u64,
    },
    /// Staff said whether the guest of an interrupted admission was let in.
    Answered {
        /// The ticket.
        serial: Serial,
        /// The interrupted device.
        device: DeviceId,
        /// The number of its journal entry that was interrupted.
        number: u64,
        /// Whether the guest had been let in before; if not, they were let in then.
        let_in: bool,
        /// Who was asked, where and when.
        by: AskedAt,
    },
    /// A supervisor let a guest in against the rules.
    Overridden {
        /// The ticket.
        serial: Serial,
        /// How many persons.
        count: u8,
        /// The reason against which.
        code: ReasonCode,
        /// Why.
        reason: OverrideReason,
        /// The number of the device's journal entry.
        number: u64,
        /// Who let them in, where and when.
        by: AskedAt,
    },
    /// A use was recorded by mistake: its guest didn't pass.
    Annulled {
        /// The ticket.
        serial: Serial,
        /// The device that recorded the use.
        device: DeviceId,
        /// The number of its journal entry.
        number: u64,
        /// Who took it back, where and when.
        by: AskedAt,
    },
    /// Admissions on a ticket together exceed what it allows.
    ConflictFound {
        /// The ticket.
        serial: Serial,
        /// The sequence numbers of its redemptions so far, and of the answers that let the guest
        /// of one interruption in; at most the newest 256.
        redemptions: Vec<u64>,
    },
}

/// A ticket's newest generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedTicket {
    /// The ticket.
    pub serial: Serial,
    /// Its generation.
    pub generation: Generation,
    /// The fingerprint of that generation.
    pub fingerprint: Fingerprint,
    /// Why it was reissued.
    pub reason: ReissueReason,
}

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

impl VoidReason {
    const fn number(self) -> u8 {
        match self {
            Self::Refunded => 1,
            Self::Lost => 2,
            Self::Abuse => 3,
            Self::Other => 4,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Refunded),
            2 => Some(Self::Lost),
            3 => Some(Self::Abuse),
            4 => Some(Self::Other),
            _ => None,
        }
    }
}

impl LedgerBody {
    /// The ticket that the entry is about; the first one where it is about many.
    #[must_use]
    pub const fn serial(&self) -> Serial {
        match self {
            Self::Issued { first, .. } => *first,
            Self::Reissued(ticket) => ticket.serial,
            Self::Granted(used) | Self::Redeemed { used, .. } => used.right.serial,
            Self::Voided { serial, .. }
            | Self::Blocked { serial, .. }
            | Self::Unblocked { serial }
            | Self::Payment { serial, .. }
            | Self::Abandoned { serial, .. }
            | Self::Interrupted { serial, .. }
            | Self::Answered { serial, .. }
            | Self::Overridden { serial, .. }
            | Self::Annulled { serial, .. }
            | Self::ConflictFound { serial, .. } => *serial,
        }
    }

    /// The kind's stable name in exports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "issued",
            Self::Reissued(_) => "reissued",
            Self::Voided { .. } => "voided",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked { .. } => "unblocked",
            Self::Payment { .. } => "payment",
            Self::Granted(_) => "granted",
            Self::Abandoned { .. } => "abandoned",
            Self::Redeemed { .. } => "redeemed",
            Self::Interrupted { .. } => "interrupted",
            Self::Answered { .. } => "answered",
            Self::ConflictFound { .. } => "conflict_found",
            Self::Overridden { .. } => "overridden",
            Self::Annulled { .. } => "annulled",
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Issued { first, ticket_type, entries, fingerprints } => {
                writer.u8(1).u32(first.0).u16(ticket_type.0).u8(*entries);
                // At most 1,024 by construction; a longer list would not decode.
                writer.u16(u16::try_from(fingerprints.len()).unwrap_or(u16::MAX));
                for fingerprint in fingerprints {
                    writer.bytes(&fingerprint.0);
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
            Self::Redeemed { used, number } => {
                writer.u8(6);
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
            Self::ConflictFound { serial, redemptions } => {
                writer.u8(9).u32(serial.0);
                writer.u16(u16::try_from(redemptions.len()).unwrap_or(u16::MAX));
                for sequence in redemptions {
                    writer.u64(*sequence);
                }
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            1 => {
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
                Ok(Self::Issued { first, ticket_type, entries, fingerprints })
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
            6 => Ok(Self::Redeemed { used: Use::read(reader)?, number: reader.u64()? }),
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
            _ => Err(WireError::Unknown("ledger entry kind")),
        }
    }
}

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
