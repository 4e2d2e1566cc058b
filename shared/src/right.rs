//! A right: what one ticket allows, and one use of it. Claims, journals and the ledger speak of
//! both in these types, which hold serial, generation and fingerprint but never token or secret.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, OperatorId, Serial},
    time::TimeInterval,
    token::Fingerprint,
    wire::{Reader, WireError, Writer},
};

/// Names one right exactly: redemptions match on all four fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RightRef {
    /// The event.
    pub event: EventId,
    /// The ticket's serial.
    pub serial: Serial,
    /// The ticket's generation.
    pub generation: Generation,
    /// The ticket's fingerprint.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fingerprint: Fingerprint,
}

/// What kind of use a right is put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    /// The guest comes in; it counts against what the right allows.
    Entry,
    /// The guest leaves.
    Exit,
}

/// Who had the last word on a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The server granted it.
    Server,
    /// The gate decided alone.
    Alone,
    /// The gate decided alone, and nobody else could: the right was leased to it.
    Lease,
    /// The venue's hub granted it, while the server couldn't be asked.
    Hub,
}

/// Why a guest was let in against the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OverrideReason {
    /// Staff know the guest, or saw their proof on paper.
    Known,
    /// Something of the organiser's doesn't work: a phone page, a gate, a clock.
    Fault,
    /// As a courtesy.
    Courtesy,
    /// The organiser told so.
    Organiser,
    /// For the guest's safety or health.
    Safety,
}

/// One use of a right, as a gate claims it, journals it and reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Use {
    /// The right.
    pub right: RightRef,
    /// In or out.
    pub kind: UseKind,
    /// How many persons at once.
    pub count: u8,
    /// The key under which this use is claimed.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub claim: ClaimKey,
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// Who stood there; 0 where nobody signed in.
    pub operator: OperatorId,
    /// The restore epoch the device knew.
    pub epoch: Epoch,
    /// When, as far as the device's clock can tell.
    pub at: TimeInterval,
    /// Who decided.
    pub authority: Authority,
}

impl RightRef {
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .u32(self.event.0)
            .u32(self.serial.0)
            .u8(self.generation.0)
            .bytes(&self.fingerprint.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            event: EventId(reader.u32()?),
            serial: Serial(reader.u32()?),
            generation: Generation(reader.u8()?),
            fingerprint: Fingerprint(reader.array()?),
        })
    }
}

impl UseKind {
    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u8(match self {
            Self::Entry => 1,
            Self::Exit => 2,
        });
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            1 => Ok(Self::Entry),
            2 => Ok(Self::Exit),
            _ => Err(WireError::Unknown("use kind")),
        }
    }
}

impl Authority {
    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u8(match self {
            Self::Server => 1,
            Self::Alone => 2,
            Self::Lease => 3,
            Self::Hub => 4,
        });
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        match reader.u8()? {
            1 => Ok(Self::Server),
            2 => Ok(Self::Alone),
            3 => Ok(Self::Lease),
            4 => Ok(Self::Hub),
            _ => Err(WireError::Unknown("authority")),
        }
    }
}

impl OverrideReason {
    /// Every reason, in the order of the numbers by which staff name it, from 1.
    pub const ALL: [Self; 5] =
        [Self::Known, Self::Fault, Self::Courtesy, Self::Organiser, Self::Safety];

    /// The stable name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Fault => "fault",
            Self::Courtesy => "courtesy",
            Self::Organiser => "organiser",
            Self::Safety => "safety",
        }
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u8(match self {
            Self::Known => 1,
            Self::Fault => 2,
            Self::Courtesy => 3,
            Self::Organiser => 4,
            Self::Safety => 5,
        });
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let number = usize::from(reader.u8()?);
        let reason = number.checked_sub(1).and_then(|place| Self::ALL.get(place));
        reason.copied().ok_or(WireError::Unknown("override reason"))
    }
}

impl core::str::FromStr for OverrideReason {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|reason| reason.name() == text);
        found.ok_or("the reason is `known`, `fault`, `courtesy`, `organiser` or `safety`")
    }
}

impl TimeInterval {
    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u64(self.earliest.0).u64(self.latest.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let earliest = crate::time::UnixMillis(reader.u64()?);
        let latest = crate::time::UnixMillis(reader.u64()?);
        if earliest > latest {
            return Err(WireError::Unknown("time interval"));
        }
        Ok(Self { earliest, latest })
    }
}

impl Use {
    pub(crate) fn write(&self, writer: &mut Writer) {
        self.right.write(writer);
        self.kind.write(writer);
        writer.u8(self.count).bytes(&self.claim.0);
        writer.u16(self.gate.0).u32(self.device.0).u32(self.operator.0).u32(self.epoch.0);
        self.at.write(writer);
        self.authority.write(writer);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let right = RightRef::read(reader)?;
        let kind = UseKind::read(reader)?;
        let count = reader.u8()?;
        if count == 0 {
            return Err(WireError::Unknown("count"));
        }
        Ok(Self {
            right,
            kind,
            count,
            claim: ClaimKey(reader.array()?),
            gate: GateId(reader.u16()?),
            device: DeviceId(reader.u32()?),
            operator: OperatorId(reader.u32()?),
            epoch: Epoch(reader.u32()?),
            at: TimeInterval::read(reader)?,
            authority: Authority::read(reader)?,
        })
    }
}
