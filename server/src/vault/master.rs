//! The master key, from a file or the environment.

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::VaultError;

/// The key over all keys: 32 bytes that never enter the database. Wiped when dropped; never
/// printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits or Base64 (RFC 4648) of 32 bytes; white space around them is
    /// ignored.
    ///
    /// # Errors
    /// [`VaultError::Missing`] for an empty text, [`VaultError::Malformed`] for any other that
    /// isn't a key.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(VaultError::Missing(String::new()));
        }
        let decoded = if text.len() == 64 {
            hex::decode(text).ok()
        } else {
            BASE64_STANDARD.decode(text).ok()
        };
        let bytes = Zeroizing::new(decoded.ok_or(VaultError::Malformed)?);
        <[u8; 32]>::try_from(bytes.as_slice()).map(Self).map_err(|_| VaultError::Malformed)
    }

    /// Reads the key's file.
    ///
    /// # Errors
    /// [`VaultError::Missing`] if the file can't be read or is empty, else as [`Self::parse`].
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        let named = |why: &dyn core::fmt::Display| format!(" in {} ({why})", path.display());
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|error| VaultError::Missing(named(&error)))?;
        match Self::parse(&text) {
            Err(VaultError::Missing(_)) => Err(VaultError::Missing(named(&"the file is empty"))),
            parsed => parsed,
        }
    }

    /// The key as 64 hexadecimal digits, to write a new one into its file.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_hexadecimal_or_base64() {
        let hex = "0f".repeat(32);
        for text in [hex.clone(), format!(" {hex}\n"), BASE64_STANDARD.encode([0x0f; 32])] {
            assert_eq!(*MasterKey::parse(&text).unwrap().to_hex(), hex);
        }
        assert_eq!(MasterKey::parse(" \n").unwrap_err().code(), "master_key_missing");
        for bad in ["x".repeat(64), "0f".repeat(31), BASE64_STANDARD.encode([1; 31])] {
            assert_eq!(MasterKey::parse(&bad).unwrap_err(), VaultError::Malformed, "{bad}");
        }
        let error = MasterKey::from_file(Path::new("/nonexistent/key")).unwrap_err();
        assert_eq!(error.code(), "master_key_missing");
        assert!(error.to_string().contains("/nonexistent/key"));
    }
}
