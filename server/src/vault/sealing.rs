//! Sealing under the master key: one subkey a purpose, each value bound to its row.

use hkdf::Hkdf;
use kaisatsu_shared::{
    id::InstallationId,
    seal::{self, NONCE_BYTES},
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{MasterKey, VaultError};
use crate::world::{NoEntropy, World};

/// What a sealed value is for. Each has its own subkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A known text, to tell a wrong master key.
    Check,
    /// The installation's root key.
    RootKey,
    /// An event's signing key.
    EventKey,
    /// An event key's display key.
    DisplayKey,
    /// An organisation's key for its holders' rows.
    HolderKey,
    /// A ticket's secret.
    TicketSecret,
    /// Tickets' personal links: nothing is sealed with it.
    TicketLink,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::Check,
        Self::RootKey,
        Self::EventKey,
        Self::DisplayKey,
        Self::HolderKey,
        Self::TicketSecret,
        Self::TicketLink,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Check => "check value",
            Self::RootKey => "root key",
            Self::EventKey => "event key",
            Self::DisplayKey => "display key",
            Self::HolderKey => "holder key",
            Self::TicketSecret => "ticket secret",
            Self::TicketLink => "ticket link",
        }
    }
}

/// Seals and opens with the master key's subkeys: HKDF-SHA-256 (RFC 5869) without salt, with
/// `kaisatsu/1/vault/`, the purpose and the installation as info. Subkeys are wiped when dropped.
pub struct Vault {
    pub(super) installation: InstallationId,
    subkeys: [Zeroizing<[u8; 32]>; Purpose::ALL.len()],
}

impl Vault {
    /// Derives the subkeys.
    #[must_use]
    pub fn new(master: &MasterKey, installation: InstallationId) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, master.bytes());
        let subkeys = Purpose::ALL.map(|purpose| {
            let mut key = Zeroizing::new([0; 32]);
            let label = purpose.label().as_bytes();
            let info: [&[u8]; 3] = [b"kaisatsu/1/vault/", label, &installation.0];
            let expanded = hkdf.expand_multi_info(&info, key.as_mut());
            // HKDF refuses only more than 255 blocks of output; this is one.
            debug_assert!(expanded.is_ok());
            key
        });
        Self { installation, subkeys }
    }

    /// Seals `plaintext` for the row that `row` names.
    ///
    /// # Errors
    /// [`NoEntropy`] if there is no nonce.
    pub fn seal(
        &self,
        world: &World,
        purpose: Purpose,
        row: &[u32],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, NoEntropy> {
        let nonce = world.random::<NONCE_BYTES>()?;
        Ok(seal::seal(self.subkey(purpose), nonce, &self.aad(purpose, row), plaintext))
    }

    /// Opens what [`Vault::seal`] gave for the same purpose and row.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], or [`VaultError::Wrong`] for the check value.
    pub fn open(
        &self,
        purpose: Purpose,
        row: &[u32],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        seal::open(self.subkey(purpose), &self.aad(purpose, row), sealed)
            .map(Zeroizing::new)
            .map_err(|_| match purpose {
                Purpose::Check => VaultError::Wrong,
                _ => VaultError::Damaged(purpose.label()),
            })
    }

    /// Opens a value of `N` bytes.
    ///
    /// # Errors
    /// As [`Vault::open`]; [`VaultError::Damaged`] if it has another length.
    pub fn open_array<const N: usize>(
        &self,
        purpose: Purpose,
        row: &[u32],
        sealed: &[u8],
    ) -> Result<Zeroizing<[u8; N]>, VaultError> {
        let bytes = self.open(purpose, row, sealed)?;
        let array = <[u8; N]>::try_from(bytes.as_slice());
        array.map(Zeroizing::new).map_err(|_| VaultError::Damaged(purpose.label()))
    }

    pub(super) fn subkey(&self, purpose: Purpose) -> &[u8; 32] {
        let [check, root, event, display, holder, secret, link] = &self.subkeys;
        match purpose {
            Purpose::Check => check,
            Purpose::RootKey => root,
            Purpose::EventKey => event,
            Purpose::DisplayKey => display,
            Purpose::HolderKey => holder,
            Purpose::TicketSecret => secret,
            Purpose::TicketLink => link,
        }
    }

    /// Purpose, installation and the row's numbers: a value moved to another row doesn't open.
    fn aad(&self, purpose: Purpose, row: &[u32]) -> Vec<u8> {
        let mut aad = purpose.label().as_bytes().to_vec();
        aad.push(0);
        aad.extend_from_slice(&self.installation.0);
        for number in row {
            aad.extend_from_slice(&number.to_be_bytes());
        }
        aad
    }
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Vault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::system;

    #[test]
    fn a_value_opens_only_for_its_key_purpose_row_and_installation() {
        let world = system();
        let vault = |master, installation| {
            Vault::new(&MasterKey::from_bytes([master; 32]), InstallationId([installation; 16]))
        };
        let ours = vault(1, 1);
        let sealed = ours.seal(&world, Purpose::EventKey, &[7, 1], b"seed").unwrap();
        assert_eq!(*ours.open(Purpose::EventKey, &[7, 1], &sealed).unwrap(), b"seed");
        let damaged = Err(VaultError::Damaged("event key"));
        assert_eq!(ours.open(Purpose::EventKey, &[7, 2], &sealed), damaged);
        assert_eq!(vault(2, 1).open(Purpose::EventKey, &[7, 1], &sealed), damaged);
        assert_eq!(vault(1, 2).open(Purpose::EventKey, &[7, 1], &sealed), damaged);
        assert!(ours.open(Purpose::DisplayKey, &[7, 1], &sealed).is_err());
        assert!(ours.open_array::<5>(Purpose::EventKey, &[7, 1], &sealed).is_err());
        assert_eq!(*ours.open_array::<4>(Purpose::EventKey, &[7, 1], &sealed).unwrap(), *b"seed");
    }
}
