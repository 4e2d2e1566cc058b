//! Version and display mode: a token's first byte.

use serde::{Deserialize, Serialize};

use super::DecodeError;

/// The format's version, in the high nibble of a token's first byte.
const VERSION: u8 = 1;

/// How the ticket is displayed; the low nibble of a token's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The code never changes.
    Static,
    /// The code changes every ten seconds along a hash chain.
    Clock,
    /// The phone signs with a key that can't leave it.
    Device,
    /// A wallet application adds a one-time password.
    Wallet,
}

impl Mode {
    /// Version and mode as a token's first byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        VERSION << 4
            | match self {
                Self::Static => 0,
                Self::Clock => 1,
                Self::Device => 2,
                Self::Wallet => 3,
            }
    }

    /// The mode that a token's first byte names.
    ///
    /// # Errors
    /// [`DecodeError::UnsupportedVersion`], [`DecodeError::VersionZero`] or
    /// [`DecodeError::UnknownMode`].
    pub fn from_byte(byte: u8) -> Result<Self, DecodeError> {
        match (byte >> 4, byte & 0x0f) {
            (VERSION, 0) => Ok(Self::Static),
            (VERSION, 1) => Ok(Self::Clock),
            (VERSION, 2) => Ok(Self::Device),
            (VERSION, 3) => Ok(Self::Wallet),
            (VERSION, mode) => Err(DecodeError::UnknownMode(mode)),
            (0, _) => Err(DecodeError::VersionZero),
            (version, _) => Err(DecodeError::UnsupportedVersion(version.into())),
        }
    }
}
