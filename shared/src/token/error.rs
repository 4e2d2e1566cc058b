//! Why a text is not a token.

use crate::wire::WireError;

/// Why a scanned text was refused before its signature was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeError {
    /// The text doesn't begin like a token of any version: another system's code.
    #[error("this is not a Kaisatsu ticket; ask for the ticket's own code")]
    NotKaisatsu,
    /// Letters arrived in lower case, which a QR code of this format can't hold.
    #[error("letters arrived in lower case; switch Caps Lock and the scanner's case setting off")]
    Lowercase,
    /// A character outside the Base45 alphabet.
    #[error("a character can't be part of a ticket; scan again and check the keyboard layout")]
    NotBase45,
    /// A Base45 group whose value is too large for its bytes.
    #[error("the code is not written in its one valid form; ask for the original ticket")]
    NonCanonicalBase45,
    /// A format version above the one this program knows.
    #[error("ticket format {0} is newer than this gate; update the gate")]
    UnsupportedVersion(u16),
    /// Format version 0, which never existed.
    #[error("the ticket names format 0, which doesn't exist; ask for the original ticket")]
    VersionZero,
    /// A display mode that version 1 doesn't have.
    #[error("the ticket names display mode {0}, which doesn't exist; ask for the original ticket")]
    UnknownMode(u8),
    /// The text ends before the token does.
    #[error("the code is cut off; scan it again")]
    Truncated,
    /// The text goes on after the token.
    #[error("something follows after the ticket; scan it again")]
    TrailingBytes,
    /// A token that needs a changing part came without one.
    #[error("the moving part is missing; ask for the ticket page instead of a copy")]
    DisplayMissing,
    /// The changing part isn't one of the token's mode.
    #[error("the moving part doesn't fit the ticket; ask to reload the ticket page")]
    BadDisplay,
    /// The token is valid at no instant.
    #[error("the ticket is valid at no time; have it reissued")]
    EmptyValidity,
    /// Generation 0; the first is 1.
    #[error("the ticket has no generation; have it reissued")]
    ZeroGeneration,
    /// A clock token whose chain has no step.
    #[error("the ticket's clock has no steps; have it reissued")]
    EmptyChain,
    /// A clock display of a step after its chain's end.
    #[error("the ticket's clock shows a step it doesn't have; ask to reload the ticket page")]
    StepBeyondChain,
    /// A device token whose public key can't be a P-256 point.
    #[error("the ticket's phone key is malformed; have the phone enrolled again")]
    BadPublicKey,
}

impl DecodeError {
    /// The stable name of this refusal, for logs, interfaces and texts.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotKaisatsu => "not_kaisatsu",
            Self::Lowercase => "lowercase",
            Self::NotBase45 => "not_base45",
            Self::NonCanonicalBase45 => "non_canonical_base45",
            Self::UnsupportedVersion(_) => "unsupported_version",
            Self::VersionZero => "version_zero",
            Self::UnknownMode(_) => "unknown_mode",
            Self::Truncated => "truncated",
            Self::TrailingBytes => "trailing_bytes",
            Self::DisplayMissing => "display_missing",
            Self::BadDisplay => "bad_display",
            Self::EmptyValidity => "empty_validity",
            Self::ZeroGeneration => "zero_generation",
            Self::EmptyChain => "empty_chain",
            Self::StepBeyondChain => "step_beyond_chain",
            Self::BadPublicKey => "bad_public_key",
        }
    }
}

impl From<WireError> for DecodeError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::TrailingBytes => Self::TrailingBytes,
            _ => Self::Truncated,
        }
    }
}
