//! What the server vouches for about a device.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, EventId, GateId, InstallationId, OrganisationId},
    key::{RootKey, RootPublic, Signature64},
    time::UnixMillis,
};

/// What the server vouches for about an enrolled device: signed by the root key, so that a server
/// that lost its record (a restored backup) still knows the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credential {
    /// The installation.
    pub installation: InstallationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The event the device serves.
    pub event: EventId,
    /// The gate it stands at.
    pub gate: GateId,
    /// Its number.
    pub device: DeviceId,
    /// Its Ed25519 public key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public: crate::key::DevicePublic,
    /// When it was enrolled.
    pub enrolled_at: UnixMillis,
}

/// A credential as the device keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedCredential {
    /// The credential, as JSON text.
    pub document: String,
    /// The root key's Ed25519 signature over the document.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedCredential {
    /// Signs `credential` with the root key.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn sign(credential: &Credential, root: &RootKey) -> Result<Self, serde_json::Error> {
        let document = serde_json::to_string(credential)?;
        let domain = Domain::new(Kind::Device, credential.installation);
        let signature = root.sign(domain, document.as_bytes());
        Ok(Self { document, signature })
    }

    /// The credential, if the root key signed it.
    #[must_use]
    pub fn open(&self, root: &RootPublic, installation: InstallationId) -> Option<Credential> {
        let domain = Domain::new(Kind::Device, installation);
        root.verify(domain, self.document.as_bytes(), &self.signature).ok()?;
        serde_json::from_str(&self.document).ok()
    }
}
