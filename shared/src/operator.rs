//! Operators: the entrance staff who sign in at gates with a PIN. The verifiers travel in the bundle,
//! so that a gate checks a PIN also without a network. A PIN tells colleagues apart and keeps
//! guests' hands off; it is too short to withstand somebody who has taken a gate apart.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use serde::{Deserialize, Serialize};

use crate::id::OperatorId;

/// Fewest digits of a PIN.
pub const MIN_PIN: usize = 6;
/// Most digits of a PIN.
pub const MAX_PIN: usize = 12;

/// What an operator may do at a gate.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Scans, answers questions, takes back the own last scan.
    #[default]
    Staff,
    /// Lets guests in against the rules, takes back anybody's scan, sets a gate's time.
    Lead,
}

/// An operator as gates know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The number by which they sign in, and which stands in each entry; never 0.
    pub id: OperatorId,
    /// What colleagues call them, such as a post: not a full name.
    pub label: String,
    /// What they may do.
    pub role: Role,
    /// What their PIN is checked against.
    pub pin: PinVerifier,
}

/// What an operator may do; nothing where they aren't listed.
#[must_use]
pub fn role_of(operators: &[Operator], id: OperatorId) -> Option<Role> {
    operators.iter().find(|operator| operator.id == id).map(|operator| operator.role)
}

/// Checks a PIN without holding it: an Argon2id hash (RFC 9106) in the PHC string format, with 19 MiB,
/// two passes and one lane.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct PinVerifier(String);

/// Why a PIN can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Its length or its characters.
    #[error("a PIN has 6 to 12 digits")]
    NotDigits,
    /// One that many would try first.
    #[error("this PIN is guessed at once; take one without repeated or counted digits")]
    TooSimple,
    /// The hash can't be made here.
    #[error("the PIN can't be hashed here: too little memory")]
    Unhashable,
}

impl PinVerifier {
    /// The verifier of a PIN; `salt` is 16 fresh random bytes.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn new(pin: &str, salt: [u8; 16]) -> Result<Self, PinError> {
        if !is_pin(pin) {
            return Err(PinError::NotDigits);
        }
        if is_simple(pin) {
            return Err(PinError::TooSimple);
        }
        let hash = Argon2::default()
            .hash_password_with_salt(pin.as_bytes(), &salt)
            .map_err(|_| PinError::Unhashable)?;
        Ok(Self(hash.to_string()))
    }

    /// Whether this is the PIN. Takes some tens of milliseconds, on a small device some hundreds.
    #[must_use]
    pub fn verify(&self, pin: &str) -> bool {
        is_pin(pin) && Argon2::default().verify_password(pin.as_bytes(), self.0.as_str()).is_ok()
    }
}

/// A hash says something of its PIN to whoever may try for long.
impl core::fmt::Debug for PinVerifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PinVerifier")
    }
}

fn is_pin(text: &str) -> bool {
    (MIN_PIN..=MAX_PIN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One digit repeated, or digits counted up or down.
fn is_simple(pin: &str) -> bool {
    let steps: Vec<_> = pin
        .bytes()
        .zip(pin.bytes().skip(1))
        .map(|(first, second)| i16::from(second) - i16::from(first))
        .collect();
    [0, 1, -1].iter().any(|step| steps.iter().all(|found| found == step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_verified_and_no_other() {
        let verifier = PinVerifier::new("260711", [1; 16]).unwrap();
        assert!(verifier.verify("260711"));
        for wrong in ["260712", "26071", "2607110", "", "26071x", " 260711"] {
            assert!(!verifier.verify(wrong), "{wrong}");
        }
        assert!(!PinVerifier("260711".into()).verify("260711"), "a PIN is no verifier");
        assert!(verifier.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", verifier.0);
        assert_eq!(format!("{verifier:?}"), "PinVerifier");
        assert_ne!(verifier, PinVerifier::new("260711", [2; 16]).unwrap());
    }

    #[test]
    fn short_long_and_simple_pins_are_refused() {
        for (pin, error) in [
            ("26071", PinError::NotDigits),
            ("2607112607112", PinError::NotDigits),
            ("26o711", PinError::NotDigits),
            ("２６０７１１", PinError::NotDigits),
            ("000000", PinError::TooSimple),
            ("123456", PinError::TooSimple),
            ("987654", PinError::TooSimple),
        ] {
            assert_eq!(PinVerifier::new(pin, [1; 16]), Err(error), "{pin}");
        }
    }
}
