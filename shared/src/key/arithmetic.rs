//! The two operations on the curve that all keys share. With the feature `stand-in-signatures` a thread may be told
//! to sign with stand-ins: hashes of key and message, that are good only if signer and checker mean the same
//! ones, and cost little. They hold in a simulation, where nobody makes one but by signing. What isn't one is
//! checked on the curve. Shipped programs are built without the feature, and take no stand-in.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::BadSignature;

/// Signs a message that begins with its domain.
pub(super) fn sign(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    #[cfg(feature = "stand-in-signatures")]
    if let Some(stand_in) = stand_in::of(&key.verifying_key(), message) {
        return stand_in;
    }
    key.sign(message).to_bytes()
}

/// Checks a signature strictly.
pub(super) fn verify(
    key: &VerifyingKey,
    message: &[u8],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    #[cfg(feature = "stand-in-signatures")]
    if stand_in::of(key, message).is_some_and(|it| it == *signature) {
        return Ok(());
    }
    key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)
}

#[cfg(feature = "stand-in-signatures")]
pub(super) mod stand_in {
    use core::cell::Cell;

    use ed25519_dalek::VerifyingKey;
    use sha2::{Digest, Sha256};

    std::thread_local! {
        static ON: Cell<bool> = const { Cell::new(false) };
    }

    /// From now on this thread signs with stand-ins and takes them, or doesn't. What it signed before is taken
    /// no more.
    pub fn sign_with_stand_ins(on: bool) {
        ON.set(on);
    }

    pub(super) fn of(key: &VerifyingKey, message: &[u8]) -> Option<[u8; 64]> {
        ON.get().then(|| {
            let hash = Sha256::new().chain_update(key.as_bytes()).chain_update(message).finalize();
            let mut stand_in = [0; 64];
            let halves = stand_in.iter_mut().zip(hash.iter().chain(&hash));
            halves.for_each(|(to, from)| *to = *from);
            stand_in
        })
    }
}
