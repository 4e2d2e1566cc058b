//! The root key's word that the server has a journal up to its end.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, InstallationId},
    key::{RootKey, RootPublic, Signature64},
    wire::Writer,
};

use super::JournalHead;

/// That the server has, durably, a device's journal up to there. Before it has one of the whole, a revoked device
/// deletes nothing: an answer alone may be anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedReceipt {
    /// The device.
    pub device: DeviceId,
    /// The end of what the server has.
    pub head: JournalHead,
    /// The root key's Ed25519 signature over device, number and hash.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedReceipt {
    /// Signs that everything up to `head` is there.
    #[must_use]
    pub fn sign(
        installation: InstallationId,
        device: DeviceId,
        head: JournalHead,
        root: &RootKey,
    ) -> Self {
        let signature = root.sign(Domain::new(Kind::Receipt, installation), &message(device, head));
        Self { device, head, signature }
    }

    /// Whether the root key signed it.
    #[must_use]
    pub fn verify(&self, installation: InstallationId, root: &RootPublic) -> bool {
        let domain = Domain::new(Kind::Receipt, installation);
        root.verify(domain, &message(self.device, self.head), &self.signature).is_ok()
    }
}

fn message(device: DeviceId, head: JournalHead) -> Vec<u8> {
    let mut writer = Writer::with_capacity(44);
    writer.u32(device.0).u64(head.number).bytes(&head.hash);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_this_journal_up_to_this_entry_only() {
        let installation = InstallationId([4; 16]);
        let root = RootKey::from_seed([1; 32]);
        let head = JournalHead { number: 9, hash: [2; 32] };
        let receipt = SignedReceipt::sign(installation, DeviceId(3), head, &root);
        let good = |receipt: SignedReceipt| receipt.verify(installation, &root.public());
        assert!(good(receipt));
        assert!(!receipt.verify(InstallationId([5; 16]), &root.public()));
        assert!(!receipt.verify(installation, &RootKey::from_seed([2; 32]).public()));
        let mut other = receipt;
        other.head.number = 10;
        assert!(!good(other));
        other = receipt;
        other.head.hash[0] ^= 1;
        assert!(!good(other));
        other = receipt;
        other.device.0 += 1;
        assert!(!good(other));
    }
}
