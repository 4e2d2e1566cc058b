//! The keys an issuer holds for one event.

use ed25519_dalek::SigningKey;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::arithmetic;
use crate::hash::{Domain, Kind, hmac};
use crate::id::{InstallationId, KeyId};
use crate::token::{Body, Token};

/// Signs an event's tokens. Wiped when dropped.
pub struct EventKey {
    id: KeyId,
    signing: SigningKey,
}

impl EventKey {
    /// The key made from 32 random bytes (RFC 8032's private key).
    #[must_use]
    pub fn from_seed(id: KeyId, seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        Self { id, signing: SigningKey::from_bytes(&seed) }
    }

    /// Its number in the event's key list.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The public half, as gates list it.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// Signs a body, which gets this key's id. Check it with [`Body::check`] before.
    #[must_use]
    pub fn sign(&self, installation: InstallationId, mut body: Body) -> Token {
        body.key = self.id;
        let message = Domain::new(Kind::Token, installation).message(&[&body.to_bytes()]);
        let signature = arithmetic::sign(&self.signing, &message);
        Token::new(body, signature)
    }

    /// A display key that follows from the seed, for issuers that keep one secret a key (the
    /// server draws its own): HMAC-SHA-256 under the seed of the link domain's prefix,
    /// `display-key` and the key id.
    #[must_use]
    pub fn display_key(&self, installation: InstallationId) -> DisplayKey {
        let prefix = Domain::new(Kind::Link, installation).prefix();
        DisplayKey(hmac(self.signing.as_bytes(), &[&prefix, b"display-key", &[self.id.0]]))
    }
}

impl core::fmt::Debug for EventKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "EventKey({})", self.id)
    }
}

/// Makes the last links of clock chains. Wiped when dropped; never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DisplayKey([u8; 32]);

impl DisplayKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::fmt::Debug for DisplayKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DisplayKey(…)")
    }
}
