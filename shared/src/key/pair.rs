//! Key pairs that sign messages of a domain: the installation's root key and a device's key.
//! One implementation; the role is part of the type, so one can't stand where the other belongs.

use core::marker::PhantomData;

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{arithmetic, strict_public};
use crate::hash::Domain;

/// What a key pair may be used for.
pub mod role {
    /// Signs bundles, credentials and positions of an installation.
    #[derive(Clone, Copy, Debug)]
    pub enum Root {}
    /// Signs one device's journal and answers.
    #[derive(Clone, Copy, Debug)]
    pub enum Device {}
}

/// The key that an installation's gates trust.
pub type RootKey = Key<role::Root>;
/// The public half of a [`RootKey`].
pub type RootPublic = Public<role::Root>;
/// An enrolled device's own key.
pub type DeviceKey = Key<role::Device>;
/// The public half of a [`DeviceKey`].
pub type DevicePublic = Public<role::Device>;

/// The signature is not this key's over this message in this domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature doesn't belong to this message; don't use it")]
pub struct BadSignature;

/// An Ed25519 signature: R, then S; written as 128 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct Signature64(#[serde(with = "hex::serde")] pub [u8; 64]);

impl core::fmt::Display for Signature64 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl core::fmt::Debug for Signature64 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Signature64({self})")
    }
}

/// The secret half. Wiped when dropped; never printed.
pub struct Key<R> {
    signing: SigningKey,
    role: PhantomData<fn() -> R>,
}

impl<R> Key<R> {
    /// The key made from 32 random bytes (RFC 8032's private key).
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        Self { signing: SigningKey::from_bytes(&seed), role: PhantomData }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Public<R> {
        Public { verifying: self.signing.verifying_key(), role: PhantomData }
    }

    /// Signs the domain's prefix and `message`.
    #[must_use]
    pub fn sign(&self, domain: Domain, message: &[u8]) -> Signature64 {
        Signature64(arithmetic::sign(&self.signing, &domain.message(&[message])))
    }
}

impl DeviceKey {
    /// Signs a TLS 1.3 handshake, by which a device proves to another who it is; nothing for any other
    /// message. What a handshake signs begins with 64 spaces (RFC 8446, 4.4.3), and no domain of
    /// Kaisatsu's does: neither passes as the other.
    #[must_use]
    pub fn sign_handshake(&self, message: &[u8]) -> Option<Signature64> {
        let (spaces, context) = message.split_at_checked(64)?;
        let handshake =
            spaces.iter().all(|&byte| byte == b' ') && context.starts_with(b"TLS 1.3, ");
        handshake.then(|| Signature64(arithmetic::sign(&self.signing, message)))
    }
}

impl<R> core::fmt::Debug for Key<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The public half, expanded for fast verification; written as 64 hexadecimal digits.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "PublicText", into = "PublicText", bound = "")]
pub struct Public<R> {
    verifying: VerifyingKey,
    role: PhantomData<fn() -> R>,
}

impl<R> Public<R> {
    /// Takes a public key's 32 bytes; `None` unless they are the one valid encoding of a point
    /// of large order.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        Some(Self { verifying: strict_public(bytes)?, role: PhantomData })
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.verifying.to_bytes()
    }

    /// Checks a signature over the domain's prefix and `message`.
    ///
    /// # Errors
    /// [`BadSignature`]; the message then means nothing.
    pub fn verify(
        &self,
        domain: Domain,
        message: &[u8],
        signature: &Signature64,
    ) -> Result<(), BadSignature> {
        arithmetic::verify(&self.verifying, &domain.message(&[message]), &signature.0)
    }
}

// By hand, because derives would ask the same of the role.
impl<R> Clone for Public<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Public<R> {}

impl<R> PartialEq for Public<R> {
    fn eq(&self, other: &Self) -> bool {
        self.verifying == other.verifying
    }
}

impl<R> Eq for Public<R> {}

impl<R> core::fmt::Display for Public<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&hex::encode(self.to_bytes()))
    }
}

impl<R> core::fmt::Debug for Public<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Public({self})")
    }
}

#[cfg(feature = "openapi")]
impl<R> utoipa::PartialSchema for Public<R> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "openapi")]
impl<R> utoipa::ToSchema for Public<R> {}

/// The written form of a public key.
#[derive(Serialize, Deserialize)]
struct PublicText(#[serde(with = "hex::serde")] [u8; 32]);

impl<R> From<Public<R>> for PublicText {
    fn from(public: Public<R>) -> Self {
        Self(public.to_bytes())
    }
}

impl<R> TryFrom<PublicText> for Public<R> {
    type Error = &'static str;

    fn try_from(text: PublicText) -> Result<Self, Self::Error> {
        Self::from_bytes(&text.0).ok_or("this is not a usable Ed25519 public key")
    }
}
