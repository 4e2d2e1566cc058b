//! The key that authenticates devices' sessions. It isn't stored: every server with the same
//! master key derives the same, so that a session survives a restart.

use hkdf::Hkdf;
use kaisatsu_shared::id::InstallationId;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::MasterKey;

impl MasterKey {
    /// HKDF-SHA-256 (RFC 5869) without salt, with `kaisatsu/1/session/` and the installation as
    /// info.
    #[must_use]
    pub fn session_key(&self, installation: InstallationId) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let info: [&[u8]; 2] = [b"kaisatsu/1/session/", &installation.0];
        let expanded =
            Hkdf::<Sha256>::new(None, self.bytes()).expand_multi_info(&info, key.as_mut());
        // HKDF refuses only more than 255 blocks of output; this is one.
        debug_assert!(expanded.is_ok());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_depends_on_master_key_and_installation() {
        let key = |master, installation| {
            *MasterKey::from_bytes([master; 32]).session_key(InstallationId([installation; 16]))
        };
        assert_eq!(key(1, 1), key(1, 1));
        assert_ne!(key(1, 1), key(2, 1));
        assert_ne!(key(1, 1), key(1, 2));
        assert_ne!(key(1, 1), [0; 32]);
    }
}
