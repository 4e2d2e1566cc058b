//! PINs of operators: drawn here, hashed before the store's writer sees them. Hashing takes long.

use kaisatsu_shared::operator::{PinError, PinVerifier};

use crate::{
    store::{StoreError, types::Pin},
    world::World,
};

/// Drawn PINs have six digits.
const DRAWN: u32 = 1_000_000;
/// The largest multiple of it that four bytes can hold: beyond it some digits would come more often.
const FAIR: u32 = u32::MAX - u32::MAX % DRAWN;

/// A PIN with its verifier.
#[derive(Debug)]
pub struct HashedPin {
    /// What gates check it against.
    pub verifier: PinVerifier,
    /// The PIN, where it was drawn.
    pub drawn: Option<String>,
}

/// Hashes `pin`, or one that is drawn.
///
/// # Errors
/// [`StoreError::PinUnfit`], and no randomness.
pub fn hash(world: &World, pin: Option<&Pin>) -> Result<HashedPin, StoreError> {
    let salt = world.random()?;
    if let Some(pin) = pin {
        let verifier = PinVerifier::new(pin.digits(), salt).map_err(StoreError::PinUnfit)?;
        return Ok(HashedPin { verifier, drawn: None });
    }
    loop {
        let number = u32::from_be_bytes(world.random()?);
        if number >= FAIR {
            continue;
        }
        let digits = format!("{:06}", number % DRAWN);
        match PinVerifier::new(&digits, salt) {
            Ok(verifier) => return Ok(HashedPin { verifier, drawn: Some(digits) }),
            Err(PinError::TooSimple) => {}
            Err(error) => return Err(StoreError::PinUnfit(error)),
        }
    }
}
