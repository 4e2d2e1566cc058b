//! The head of a journal: how long it is and what its last entry hashes to.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, InstallationId},
    key::{DeviceKey, DevicePublic, Signature64},
    wire::Writer,
};

use super::{ChainError, JournalEntry};

/// The end of a journal. The empty journal's head is number 0 and zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalHead {
    /// The number of the last entry.
    pub number: u64,
    /// The hash of the last entry, in hexadecimal.
    #[serde(with = "hex::serde")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: [u8; 32],
}

impl JournalHead {
    /// Follows `entries`, given as canonical bytes, from this head.
    ///
    /// # Errors
    /// [`ChainError`] at the first entry of another device, with another number, or that doesn't
    /// hold the hash of the one before. The entries before it are returned with the error's head
    /// by calling again with fewer entries.
    pub fn follow<'a>(
        self,
        installation: InstallationId,
        device: DeviceId,
        entries: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(Self, Vec<JournalEntry>), ChainError> {
        let mut head = self;
        let mut decoded = Vec::new();
        for bytes in entries {
            let entry = JournalEntry::decode(bytes)
                .map_err(|error| ChainError::Malformed { after: head.number, error })?;
            if entry.device != device {
                return Err(ChainError::Stranger(entry.number));
            }
            let expected = head.number.saturating_add(1);
            if entry.number != expected {
                return Err(ChainError::Gap { expected, found: entry.number });
            }
            if entry.previous != head.hash {
                return Err(ChainError::Broken(entry.number));
            }
            head = JournalEntry::head_of(installation, entry.number, bytes);
            decoded.push(entry);
        }
        Ok((head, decoded))
    }
}

/// A head signed by the journal's device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedJournalHead {
    /// The device.
    pub device: DeviceId,
    /// The head.
    pub head: JournalHead,
    /// The device key's Ed25519 signature over device, number and hash.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedJournalHead {
    /// Signs `head`.
    #[must_use]
    pub fn sign(
        installation: InstallationId,
        device: DeviceId,
        head: JournalHead,
        key: &DeviceKey,
    ) -> Self {
        let message = message(device, head);
        let signature = key.sign(Domain::new(Kind::Journal, installation), &message);
        Self { device, head, signature }
    }

    /// Whether the device's key signed this head.
    ///
    /// # Errors
    /// [`ChainError::BadSignature`].
    pub fn verify(
        &self,
        installation: InstallationId,
        public: &DevicePublic,
    ) -> Result<(), ChainError> {
        let domain = Domain::new(Kind::Journal, installation);
        public
            .verify(domain, &message(self.device, self.head), &self.signature)
            .map_err(|_| ChainError::BadSignature)
    }
}

fn message(device: DeviceId, head: JournalHead) -> Vec<u8> {
    let mut writer = Writer::with_capacity(48);
    // An entry begins with its version, 1; a head with 0xff, so that neither passes as the other.
    writer.u8(0xff).u32(device.0).u64(head.number).bytes(&head.hash);
    writer.finish()
}
