//! Signing keys: an event's keys and their ring at the gate, the installation's root key, a
//! device's key. All signatures are Ed25519 (RFC 8032), verified strictly: no small-order keys,
//! no second spelling of a signature.

mod arithmetic;
mod event;
mod pair;
mod ring;

#[cfg(feature = "stand-in-signatures")]
pub use arithmetic::stand_in::sign_with_stand_ins;
pub use event::{DisplayKey, EventKey};
pub use pair::{
    BadSignature, DeviceKey, DevicePublic, Key, Public, RootKey, RootPublic, Signature64, role,
};
pub use ring::{KeyError, KeyRing, KeyStanding, ListedKey, VerifyError};

use ed25519_dalek::VerifyingKey;

/// A public key that is a point of large order in its one valid encoding.
fn strict_public(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes).ok()?;
    // RFC 8032 §5.1.3 refuses y not below the field's prime 2^255 - 19; the library reduces it.
    let [low, middle @ .., high] = bytes;
    let reduced = *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff);
    (reduced && !key.is_weak()).then_some(key)
}
