//! The public keys under which a gate accepts an event's tokens.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::{arithmetic, strict_public};
use crate::hash::{Domain, Kind};
use crate::id::{InstallationId, KeyId};
use crate::token::Token;

/// A line of an event's key list, as bundles carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedKey {
    /// The key's number.
    pub id: KeyId,
    /// Its public half, 64 hexadecimal digits.
    #[serde(with = "hex::serde")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public: [u8; 32],
    /// Whether tickets are issued with it now; others only verify.
    pub current: bool,
}

/// Why a key list is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a point, not in its one valid encoding, or of small order.
    #[error("key {0} is not a usable Ed25519 public key; fetch the key list again")]
    Invalid(KeyId),
    /// Two keys of one number.
    #[error("key {0} is listed twice; fetch the key list again")]
    Duplicate(KeyId),
}

impl KeyError {
    /// The stable name of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_key",
            Self::Duplicate(_) => "duplicate_key",
        }
    }
}

/// What the key that signed a token is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyStanding {
    /// Tickets are issued with it.
    Current,
    /// It was rotated out; its tickets stay good while it is listed.
    Retired,
}

/// Why a token is not the issuer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VerifyError {
    /// The key list has no such key.
    #[error("the ticket names key {0}, which this gate doesn't know; update the gate's data")]
    UnknownKey(KeyId),
    /// The signature isn't the listed key's over this body.
    #[error("the ticket is forged or damaged; don't admit")]
    BadSignature,
}

impl VerifyError {
    /// The stable name of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownKey(_) => "unknown_key",
            Self::BadSignature => "bad_signature",
        }
    }
}

/// An event's listed keys, expanded once for fast verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ListedKey>", into = "Vec<ListedKey>")]
pub struct KeyRing(BTreeMap<KeyId, (VerifyingKey, KeyStanding)>);

impl KeyRing {
    /// Takes a key list.
    ///
    /// # Errors
    /// [`KeyError`] on the first line that can't be used; a list is used whole or not at all.
    pub fn new(keys: impl IntoIterator<Item = ListedKey>) -> Result<Self, KeyError> {
        let mut ring = BTreeMap::new();
        for key in keys {
            let public = strict_public(&key.public).ok_or(KeyError::Invalid(key.id))?;
            let standing = if key.current { KeyStanding::Current } else { KeyStanding::Retired };
            if ring.insert(key.id, (public, standing)).is_some() {
                return Err(KeyError::Duplicate(key.id));
            }
        }
        Ok(Self(ring))
    }

    /// The key list, ordered by number.
    pub fn listed(&self) -> impl Iterator<Item = ListedKey> {
        self.0.iter().map(|(id, (public, standing))| ListedKey {
            id: *id,
            public: public.to_bytes(),
            current: *standing == KeyStanding::Current,
        })
    }

    /// Checks the signature of a token.
    ///
    /// # Errors
    /// [`VerifyError`]; the token's claims then mean nothing.
    pub fn verify(
        &self,
        installation: InstallationId,
        token: &Token,
    ) -> Result<KeyStanding, VerifyError> {
        let id = token.body.key;
        let (public, standing) = self.0.get(&id).ok_or(VerifyError::UnknownKey(id))?;
        let message = Domain::new(Kind::Token, installation).message(&[&token.body.to_bytes()]);
        arithmetic::verify(public, &message, token.signature())
            .map_err(|_| VerifyError::BadSignature)?;
        Ok(*standing)
    }
}

impl TryFrom<Vec<ListedKey>> for KeyRing {
    type Error = KeyError;

    fn try_from(keys: Vec<ListedKey>) -> Result<Self, KeyError> {
        Self::new(keys)
    }
}

impl From<KeyRing> for Vec<ListedKey> {
    fn from(ring: KeyRing) -> Self {
        ring.listed().collect()
    }
}
