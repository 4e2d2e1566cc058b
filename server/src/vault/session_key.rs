//! The key that authenticates devices' sessions. It isn't stored: every server with the same
//! master key derives the same, so that a session survives a restart.

use hkdf::Hkdf;
use kaisatsu_shared::id::{Epoch, InstallationId};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::MasterKey;

impl MasterKey {
    /// HKDF-SHA-256 (RFC 5869) without salt, with `kaisatsu/1/session/`, the installation and its epoch as
    /// info. After a restore every device begins a new session, and so learns what the server has of it.
    #[must_use]
    pub fn session_key(&self, installation: InstallationId, epoch: Epoch) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let epoch = epoch.0.to_be_bytes();
        let info: [&[u8]; 3] = [b"kaisatsu/1/session/", &installation.0, &epoch];
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
    fn it_depends_on_master_key_installation_and_epoch() {
        let key = |master, installation, epoch| {
            let installation = InstallationId([installation; 16]);
            *MasterKey::from_bytes([master; 32]).session_key(installation, Epoch(epoch))
        };
        assert_eq!(key(1, 1, 1), key(1, 1, 1));
        assert_ne!(key(1, 1, 1), key(2, 1, 1));
        assert_ne!(key(1, 1, 1), key(1, 2, 1));
        assert_ne!(key(1, 1, 1), key(1, 1, 2));
        assert_ne!(key(1, 1, 1), [0; 32]);
    }
}
