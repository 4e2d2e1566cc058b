//! Sealing personal data: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), and the key under
//! which a holder's row reaches gates, which only the ticket itself gives.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hash::{Domain, Kind};
use crate::id::{EventId, Generation, InstallationId, Serial};
use crate::token::Secret;

/// Bytes of the nonce in front of every sealed message.
pub const NONCE_BYTES: usize = 24;

/// The sealed message was made with another key or for another place, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed data doesn't open with this key; check that it is the right key and row")]
pub struct OpenError;

/// Encrypts `plaintext` and binds it to `aad`. Gives nonce, ciphertext and a 16-byte tag.
/// A nonce of 24 random bytes must not be used twice with one key.
#[must_use]
pub fn seal(key: &[u8; 32], nonce: [u8; NONCE_BYTES], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let nonce = XNonce::from(nonce);
    let mut sealed = nonce.to_vec();
    // Fails only above 256 GiB; the nonce alone then opens for nobody.
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce, Payload { msg: plaintext, aad })
        .unwrap_or_default();
    sealed.extend_from_slice(&ciphertext);
    sealed
}

/// Decrypts what [`seal`] gave.
///
/// # Errors
/// [`OpenError`] if key, `aad` or any byte differs.
pub fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad })
        .map_err(|_| OpenError)
}

/// The key under which a ticket's holder row is sealed for gates: HKDF-SHA-256 (RFC 5869) of
/// the token's secret, without salt, with the holder domain's prefix, event, serial and
/// generation as info. Whoever doesn't hold the ticket can't open the row.
#[must_use]
pub fn holder_key(
    installation: InstallationId,
    secret: &Secret,
    event: EventId,
    serial: Serial,
    generation: Generation,
) -> Zeroizing<[u8; 32]> {
    let info = Domain::new(Kind::Holder, installation).message(&[
        &event.0.to_be_bytes(),
        &serial.0.to_be_bytes(),
        &[generation.0],
    ]);
    let mut key = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(None, secret.as_bytes()).expand(&info, key.as_mut_slice());
    // HKDF refuses only more than 255 blocks of output; this is one.
    debug_assert!(expanded.is_ok());
    key
}
