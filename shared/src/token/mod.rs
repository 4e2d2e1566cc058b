//! Tokens: the signed bytes in a ticket's QR code, and the text around them.
//!
//! `shared/TOKEN.md` is the format's specification; this module is its implementation.
//! [`decode()`] and [`encode()`] are one canonical form: a text decodes to exactly one [`Shown`],
//! which encodes to that text again, or it is refused with a [`DecodeError`].

mod body;
mod decode;
mod encode;
mod error;
mod fingerprint;
mod mode;
mod secret;

pub use body::{Body, ClockPart, ModePart};
pub use decode::decode;
pub use encode::encode;
pub use error::DecodeError;
pub use fingerprint::Fingerprint;
pub use mode::Mode;
pub use secret::Secret;

use crate::time::UnixSeconds;

/// What every token text of this version begins with.
pub const PREFIX: &str = "KS1:";

/// A signed body. The signature is present, not necessarily good: see
/// [`KeyRing::verify`](crate::key::KeyRing::verify).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the issuer promises.
    pub body: Body,
    signature: [u8; 64],
}

impl Token {
    /// A body with the signature that belongs to it.
    #[must_use]
    pub const fn new(body: Body, signature: [u8; 64]) -> Self {
        Self { body, signature }
    }

    /// The Ed25519 signature (RFC 8032): R, then S.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }
}

/// How a phone or a sheet of paper showed the token: the part after the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Display {
    /// Nothing: the code never changes.
    Static,
    /// A step of the clock chain.
    Clock {
        /// The step shown, at most the chain's `steps`.
        step: u16,
        /// The chain's link of that step.
        link: [u8; 16],
    },
    /// The phone's own signature over the token and the time.
    Device {
        /// When the phone signed.
        time: UnixSeconds,
        /// The lane's nonce, or zeros where no lane shows one.
        nonce: [u8; 4],
        /// ECDSA P-256 with SHA-256: r, then s.
        signature: [u8; 64],
    },
    /// The rotating part of a Google Wallet pass.
    Wallet {
        /// `{totp_timestamp_seconds}`: when the wallet made the value.
        time: UnixSeconds,
        /// `{totp_value_0}`: eight decimal digits, as a number.
        value: u32,
    },
}

/// A token as it was shown: token and display fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shown {
    /// The signed part.
    pub token: Token,
    /// The part that changes with time.
    pub display: Display,
}

impl Shown {
    /// Joins a token with the display of its mode.
    ///
    /// # Errors
    /// What [`Body::check`] finds, [`DecodeError::BadDisplay`] for a display of another mode or
    /// a wallet value of more than eight digits, [`DecodeError::StepBeyondChain`] for a clock
    /// step after the chain's end.
    pub fn new(token: Token, display: Display) -> Result<Self, DecodeError> {
        token.body.check()?;
        match (&token.body.mode, &display) {
            (ModePart::Static, Display::Static)
            | (ModePart::Device { .. }, Display::Device { .. }) => {}
            (ModePart::Clock(part), Display::Clock { step, .. }) => {
                if *step > part.steps {
                    return Err(DecodeError::StepBeyondChain);
                }
            }
            (ModePart::Wallet, Display::Wallet { value, .. }) => {
                if *value > crate::display::wallet::MAX_VALUE {
                    return Err(DecodeError::BadDisplay);
                }
            }
            _ => return Err(DecodeError::BadDisplay),
        }
        Ok(Self { token, display })
    }
}
