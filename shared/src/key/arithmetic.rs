//! The two operations on the curve that all keys share. With the feature `remembered-signatures` a thread may
//! be told to remember which signatures are good: those that it made itself and those that it has checked. That
//! is exact: what is remembered is the whole of key, message and signature, and a signature is good for them
//! or isn't. What isn't remembered is checked on the curve. Shipped programs are built without it.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::BadSignature;

/// Signs a message that begins with its domain.
pub(super) fn sign(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature = key.sign(message).to_bytes();
    remembered::note(&key.verifying_key(), message, &signature);
    signature
}

/// Checks a signature strictly.
pub(super) fn verify(
    key: &VerifyingKey,
    message: &[u8],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    if remembered::knows(key, message, signature) {
        return Ok(());
    }
    key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)?;
    remembered::note(key, message, signature);
    Ok(())
}

#[cfg(not(feature = "remembered-signatures"))]
mod remembered {
    use ed25519_dalek::VerifyingKey;

    pub(super) const fn knows(_: &VerifyingKey, _: &[u8], _: &[u8; 64]) -> bool {
        false
    }

    pub(super) const fn note(_: &VerifyingKey, _: &[u8], _: &[u8; 64]) {}
}

#[cfg(feature = "remembered-signatures")]
pub(super) mod remembered {
    use std::{cell::RefCell, collections::HashMap};

    use ed25519_dalek::VerifyingKey;

    /// So many are remembered; then all are forgotten, and some are checked anew.
    const MOST: usize = 1 << 14;

    /// By signature: key and message.
    type Good = HashMap<[u8; 64], Box<[u8]>>;

    thread_local! {
        /// Nothing while none are to be remembered.
        static GOOD: RefCell<Option<Good>> = const { RefCell::new(None) };
    }

    /// From now on this thread remembers good signatures, or doesn't; what it remembered is forgotten.
    pub fn remember_signatures(remember: bool) {
        GOOD.set(remember.then(HashMap::new));
    }

    pub(super) fn knows(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        GOOD.with_borrow(|good| {
            let known = good.as_ref().and_then(|good| good.get(signature));
            let known = known.and_then(|it| it.split_at_checked(key.as_bytes().len()));
            known == Some((key.as_bytes().as_slice(), message))
        })
    }

    pub(super) fn note(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) {
        GOOD.with_borrow_mut(|good| {
            let Some(good) = good else { return };
            if good.len() >= MOST {
                good.clear();
            }
            good.insert(*signature, [key.as_bytes().as_slice(), message].concat().into());
        });
    }
}
