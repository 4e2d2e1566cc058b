//! A position in a ledger.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{Epoch, EventId, InstallationId},
    key::{RootKey, RootPublic, Signature64},
    wire::{Reader, WireError, Writer},
};

/// How far a ledger was followed. The start is sequence 0 and zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cursor {
    /// The restore epoch.
    pub epoch: Epoch,
    /// The number of the last entry.
    pub sequence: u64,
    /// The hash of the last entry, in hexadecimal.
    #[serde(with = "hex::serde")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: [u8; 32],
}

impl Cursor {
    /// The hash that the next entry must hold as `previous`, from this one's canonical bytes.
    #[must_use]
    pub fn hash_of(installation: InstallationId, bytes: &[u8]) -> [u8; 32] {
        Domain::new(Kind::Ledger, installation).hash(&[bytes])
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u32(self.epoch.0).u64(self.sequence).bytes(&self.hash);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { epoch: Epoch(reader.u32()?), sequence: reader.u64()?, hash: reader.array()? })
    }
}

/// A cursor that the installation's root key vouches for: a server that doesn't know it any more
/// was rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedCursor {
    /// The event.
    pub event: EventId,
    /// The position.
    pub cursor: Cursor,
    /// The root key's Ed25519 signature over event, epoch, sequence and hash.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedCursor {
    /// Signs `cursor`.
    #[must_use]
    pub fn sign(
        installation: InstallationId,
        event: EventId,
        cursor: Cursor,
        root: &RootKey,
    ) -> Self {
        let signature = root.sign(Domain::new(Kind::Head, installation), &message(event, cursor));
        Self { event, cursor, signature }
    }

    /// Whether the root key signed it.
    #[must_use]
    pub fn verify(&self, installation: InstallationId, root: &RootPublic) -> bool {
        let domain = Domain::new(Kind::Head, installation);
        root.verify(domain, &message(self.event, self.cursor), &self.signature).is_ok()
    }
}

fn message(event: EventId, cursor: Cursor) -> Vec<u8> {
    let mut writer = Writer::with_capacity(48);
    writer.u32(event.0);
    cursor.write(&mut writer);
    writer.finish()
}
