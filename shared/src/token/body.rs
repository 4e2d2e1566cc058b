//! The signed part of a token and its binary layout.

use super::{DecodeError, Mode, Secret};
use crate::display::device;
use crate::id::{EventId, Generation, KeyId, Serial, TypeId};
use crate::time::UnixSeconds;
use crate::validity::Validity;
use crate::wire::{Reader, Writer};

/// What the issuer promises about one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The event key that signs.
    pub key: KeyId,
    /// The event.
    pub event: EventId,
    /// The ticket's number within its event.
    pub serial: Serial,
    /// Makes the token unguessable.
    pub secret: Secret,
    /// The first second of validity.
    pub valid_from: UnixSeconds,
    /// The first second after validity.
    pub valid_until: UnixSeconds,
    /// The class of ticket.
    pub ticket_type: TypeId,
    /// Admissions allowed; 0 means any number while valid.
    pub entries: u8,
    /// Which issue of the ticket this is, from 1.
    pub generation: Generation,
    /// How the ticket is displayed.
    pub mode: ModePart,
}

/// The display mode and what the issuer signs about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModePart {
    /// A code that never changes.
    Static,
    /// A hash chain's anchor and extent.
    Clock(ClockPart),
    /// The phone's key.
    Device {
        /// A P-256 point in compressed form (SEC 1 §2.3.3).
        public_key: [u8; 33],
    },
    /// A wallet's one-time password; its key is not part of the token.
    Wallet,
}

/// A clock display's chain as the token holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockPart {
    /// The chain's link 0.
    pub anchor: [u8; 16],
    /// When step 0 begins.
    pub start: UnixSeconds,
    /// The chain's last step, at least 1.
    pub steps: u16,
}

impl Body {
    /// From when until when it says that it is valid.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        Validity { from: self.valid_from, until: self.valid_until }
    }

    /// The display mode without its part.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match self.mode {
            ModePart::Static => Mode::Static,
            ModePart::Clock(_) => Mode::Clock,
            ModePart::Device { .. } => Mode::Device,
            ModePart::Wallet => Mode::Wallet,
        }
    }

    /// Checks the rules between the fields that every token must keep.
    ///
    /// # Errors
    /// [`DecodeError::EmptyValidity`], [`DecodeError::ZeroGeneration`],
    /// [`DecodeError::EmptyChain`] or [`DecodeError::BadPublicKey`], in this order.
    pub fn check(&self) -> Result<(), DecodeError> {
        if self.valid_from >= self.valid_until {
            return Err(DecodeError::EmptyValidity);
        }
        if self.generation < Generation::FIRST {
            return Err(DecodeError::ZeroGeneration);
        }
        match &self.mode {
            ModePart::Clock(part) if part.steps == 0 => Err(DecodeError::EmptyChain),
            ModePart::Device { public_key } if !device::may_be_point(public_key) => {
                Err(DecodeError::BadPublicKey)
            }
            _ => Ok(()),
        }
    }

    /// The bytes that are signed after the domain's prefix: 34, 56, 67 or 34 of them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(204);
        self.write(&mut out);
        out.finish()
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.u8(self.mode().byte())
            .u8(self.key.0)
            .u32(self.event.0)
            .u32(self.serial.0)
            .bytes(self.secret.as_bytes())
            .u32(self.valid_from.0)
            .u32(self.valid_until.0)
            .u16(self.ticket_type.0)
            .u8(self.entries)
            .u8(self.generation.0);
        match &self.mode {
            ModePart::Static | ModePart::Wallet => {}
            ModePart::Clock(part) => {
                out.bytes(&part.anchor).u32(part.start.0).u16(part.steps);
            }
            ModePart::Device { public_key } => {
                out.bytes(public_key);
            }
        }
    }

    /// Reads a body's fields without [`Body::check`].
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mode = Mode::from_byte(reader.u8()?)?;
        Ok(Self {
            key: KeyId(reader.u8()?),
            event: EventId(reader.u32()?),
            serial: Serial(reader.u32()?),
            secret: Secret::from_bytes(reader.array()?),
            valid_from: UnixSeconds(reader.u32()?),
            valid_until: UnixSeconds(reader.u32()?),
            ticket_type: TypeId(reader.u16()?),
            entries: reader.u8()?,
            generation: Generation(reader.u8()?),
            mode: match mode {
                Mode::Static => ModePart::Static,
                Mode::Clock => ModePart::Clock(ClockPart {
                    anchor: reader.array()?,
                    start: UnixSeconds(reader.u32()?),
                    steps: reader.u16()?,
                }),
                Mode::Device => ModePart::Device { public_key: reader.array()? },
                Mode::Wallet => ModePart::Wallet,
            },
        })
    }
}
