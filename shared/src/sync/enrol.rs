//! How a device becomes known and proves itself.
//!
//! Enrolment trades a one-time code for a root-signed credential. A session then starts with a
//! challenge that the device signs; its bearer token authenticates the requests that follow.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{SignedCredential, SignedRevocation},
    hash::{Domain, Kind},
    id::{DeviceId, InstallationId},
    journal::SignedReceipt,
    key::{DevicePublic, RootPublic, Signature64},
    time::UnixMillis,
};

/// `POST /api/v1/device/enrol`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolRequest {
    /// The one-time code, as shown when the device was announced.
    pub code: String,
    /// The device's Ed25519 public key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public: DevicePublic,
}

/// The answer to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolAnswer {
    /// The installation; it is part of everything signed or hashed.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub installation: InstallationId,
    /// The installation's root key: the device pins it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub root: RootPublic,
    /// The device's credential.
    pub credential: SignedCredential,
}

/// `POST /api/v1/device/challenge`: something unpredictable to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Challenge {
    /// The challenge, in hexadecimal; valid for a minute.
    pub challenge: String,
}

/// `POST /api/v1/device/session`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRequest {
    /// The device's credential.
    pub credential: SignedCredential,
    /// The challenge, as received.
    pub challenge: String,
    /// The device key's signature over [`challenge_message`].
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

/// A session's bearer token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionAnswer {
    /// Goes into `Authorization: Bearer …`.
    pub token: String,
    /// When the token stops working.
    pub expires_at: UnixMillis,
    /// The server's clock, so that the gate can tell how far its own is off.
    pub server_time: UnixMillis,
    /// The device was revoked: it may only deliver its journal.
    pub revoked: bool,
    /// The last journal entry the server has from this device.
    pub journal: crate::journal::JournalHead,
    /// Of a revoked device: the root key's word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<SignedRevocation>,
    /// Of a revoked device: the root key's word that the server has its journal up to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignedReceipt>,
}

/// What the device signs to start a session: its domain, then these bytes.
#[must_use]
pub fn challenge_message(device: DeviceId, challenge: &str) -> Vec<u8> {
    // A credential is JSON and begins with `{`; this can't be taken for one.
    let mut message = b"session".to_vec();
    message.extend_from_slice(&device.0.to_be_bytes());
    message.extend_from_slice(challenge.as_bytes());
    message
}

impl SessionRequest {
    /// Whether the challenge was signed by `public`.
    #[must_use]
    pub fn verify(
        &self,
        installation: InstallationId,
        device: DeviceId,
        public: &DevicePublic,
    ) -> bool {
        let message = challenge_message(device, &self.challenge);
        public.verify(Domain::new(Kind::Device, installation), &message, &self.signature).is_ok()
    }
}
