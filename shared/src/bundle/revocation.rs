//! The root key's word that a device is revoked. Nothing less makes a gate drop what it has: an address, a status
//! or a hub's word can be anybody's.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, EventId, InstallationId},
    key::{RootKey, RootPublic, Signature64},
    time::UnixMillis,
};

/// That a device is revoked. It stays so: a number is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revocation {
    /// The installation.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub installation: InstallationId,
    /// The event that the device served.
    pub event: EventId,
    /// The device.
    pub device: DeviceId,
    /// Since when.
    pub revoked_at: UnixMillis,
}

/// A revocation as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedRevocation {
    /// The revocation, as JSON text.
    pub document: String,
    /// The root key's Ed25519 signature over the document.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedRevocation {
    /// Signs `revocation` with the root key.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn sign(revocation: &Revocation, root: &RootKey) -> Result<Self, serde_json::Error> {
        let document = serde_json::to_string(revocation)?;
        let domain = Domain::new(Kind::Revocation, revocation.installation);
        let signature = root.sign(domain, document.as_bytes());
        Ok(Self { document, signature })
    }

    /// The revocation, if the root key signed it and it is `device`'s.
    #[must_use]
    pub fn open(
        &self,
        root: &RootPublic,
        installation: InstallationId,
        device: DeviceId,
    ) -> Option<Revocation> {
        let domain = Domain::new(Kind::Revocation, installation);
        root.verify(domain, self.document.as_bytes(), &self.signature).ok()?;
        let revocation: Revocation = serde_json::from_str(&self.document).ok()?;
        let ours = (revocation.installation, revocation.device) == (installation, device);
        ours.then_some(revocation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_root_keys_word_about_this_device_counts() {
        let (installation, device) = (InstallationId([4; 16]), DeviceId(7));
        let revocation =
            Revocation { installation, event: EventId(1), device, revoked_at: UnixMillis(5) };
        let root = RootKey::from_seed([1; 32]);
        let signed = SignedRevocation::sign(&revocation, &root).unwrap();
        let open = |signed: &SignedRevocation| signed.open(&root.public(), installation, device);
        assert_eq!(open(&signed), Some(revocation));
        assert_eq!(signed.open(&root.public(), installation, DeviceId(8)), None);
        assert_eq!(signed.open(&root.public(), InstallationId([5; 16]), device), None);
        let other = RootKey::from_seed([2; 32]);
        assert_eq!(open(&SignedRevocation::sign(&revocation, &other).unwrap()), None);
        let mut changed = signed.clone();
        changed.document = changed.document.replace("\"device\":7", "\"device\":8");
        assert_eq!(changed.open(&root.public(), installation, DeviceId(8)), None);
        // What the root key signed for another purpose says nothing.
        let domain = Domain::new(Kind::Device, installation);
        let signature = root.sign(domain, signed.document.as_bytes());
        assert_eq!(open(&SignedRevocation { signature, ..signed }), None);
    }
}
