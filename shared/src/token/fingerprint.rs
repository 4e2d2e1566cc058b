//! How the roster knows a ticket without knowing its secret.

use serde::{Deserialize, Serialize};

use super::{Body, ModePart};
use crate::hash::{Domain, Kind, truncate};
use crate::id::InstallationId;
use crate::wire::Writer;

/// Eight bytes that tell one issue of a ticket from another without revealing its secret;
/// written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct Fingerprint(#[serde(with = "hex::serde")] pub [u8; 8]);

impl core::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Body {
    /// The ticket's fingerprint in the roster. It leaves out what may change while the ticket
    /// stays the same: the signing key, a clock display's chain, and for types that renew
    /// (`renewing`) the validity. Where the type is known,
    /// [`TicketType::fingerprint`](crate::bundle::TicketType::fingerprint) says which it is.
    #[must_use]
    pub fn fingerprint(&self, installation: InstallationId, renewing: bool) -> Fingerprint {
        let mut out = Writer::with_capacity(66);
        out.u8(self.mode().byte())
            .u32(self.event.0)
            .u32(self.serial.0)
            .bytes(self.secret.as_bytes());
        if !renewing {
            out.u32(self.valid_from.0).u32(self.valid_until.0);
        }
        out.u16(self.ticket_type.0).u8(self.entries).u8(self.generation.0);
        if let ModePart::Device { public_key } = &self.mode {
            out.bytes(public_key);
        }
        let hash = Domain::new(Kind::Fingerprint, installation).hash(&[&out.finish()]);
        Fingerprint(truncate(&hash))
    }
}
