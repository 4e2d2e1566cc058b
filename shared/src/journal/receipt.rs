//! The root key's word that the server has a journal up to its end.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, InstallationId},
    key::{RootKey, RootPublic, Signature64},
    planted::{Fault, is_planted},
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

    /// The end of what the server has, if the root key signed it and it is `device`'s.
    #[must_use]
    pub fn open(
        &self,
        root: &RootPublic,
        installation: InstallationId,
        device: DeviceId,
    ) -> Option<JournalHead> {
        let domain = Domain::new(Kind::Receipt, installation);
        let signed = root.verify(domain, &message(self.device, self.head), &self.signature).is_ok();
        let ours = self.device == device && (signed || is_planted(Fault::ReceiptUnsigned));
        ours.then_some(self.head)
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
        let device = DeviceId(3);
        let receipt = SignedReceipt::sign(installation, device, head, &root);
        let open = |receipt: SignedReceipt| receipt.open(&root.public(), installation, device);
        assert_eq!(open(receipt), Some(head));
        let other_root = RootKey::from_seed([2; 32]).public();
        assert_eq!(receipt.open(&root.public(), InstallationId([5; 16]), device), None);
        assert_eq!(receipt.open(&other_root, installation, device), None);
        assert_eq!(receipt.open(&root.public(), installation, DeviceId(4)), None);
        let mut other = receipt;
        other.head.number = 10;
        assert_eq!(open(other), None);
        other = receipt;
        other.head.hash[0] ^= 1;
        assert_eq!(open(other), None);
        other = receipt;
        other.device.0 += 1;
        assert_eq!(other.open(&root.public(), installation, other.device), None);
    }
}
