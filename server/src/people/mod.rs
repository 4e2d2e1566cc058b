//! Holders' rows: encrypted at rest under their organisation's key, and for gates under the
//! ticket's own secret.

mod name;

use hkdf::Hkdf;
use kaisatsu_shared::{
    id::{EventId, Generation, InstallationId, OrganisationId, Serial},
    seal::{self, NONCE_BYTES},
    token::Secret,
};
use serde::Serialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    store::{StoreError, types::Holder},
    vault::VaultError,
    world::World,
};

pub use name::WantedName;

/// An organisation's key for its holders' rows. Wiped when dropped.
pub type HolderKey = Zeroizing<[u8; 32]>;

const DAMAGED: StoreError = StoreError::Vault(VaultError::Damaged("holder row"));

fn row(organisation: OrganisationId, event: EventId, serial: Serial) -> Vec<u8> {
    let mut aad = b"kaisatsu/1/holders/".to_vec();
    for number in [organisation.0, event.0, serial.0] {
        aad.extend_from_slice(&number.to_be_bytes());
    }
    aad
}

/// Encrypts a holder's row for the database.
///
/// # Errors
/// If there is no nonce.
pub fn seal_row(
    world: &World,
    key: &HolderKey,
    (organisation, event, serial): (OrganisationId, EventId, Serial),
    holder: &Holder,
) -> Result<Vec<u8>, StoreError> {
    let plain = json(holder)?;
    let nonce = world.random::<NONCE_BYTES>()?;
    Ok(seal::seal(key, nonce, &row(organisation, event, serial), &plain))
}

/// Decrypts a holder's row from the database.
///
/// # Errors
/// If key, row or any byte differs.
pub fn open_row(
    key: &HolderKey,
    (organisation, event, serial): (OrganisationId, EventId, Serial),
    sealed: &[u8],
) -> Result<Holder, StoreError> {
    let plain = seal::open(key, &row(organisation, event, serial), sealed).map_err(|_| DAMAGED)?;
    serde_json::from_slice(&Zeroizing::new(plain)).map_err(|_| DAMAGED)
}

/// A hash that only whoever has the key can make or guess at: of what is personal, or made of it.
#[must_use]
pub fn keyed_hash(key: &HolderKey, event: EventId, place: &[u8; 32], hash: &[u8; 32]) -> [u8; 32] {
    let mut keyed = [0; 32];
    let info: [&[u8]; 4] = [b"kaisatsu/1/holders/hash/", &event.0.to_be_bytes(), place, hash];
    let expanded = Hkdf::<Sha256>::new(None, key.as_slice()).expand_multi_info(&info, &mut keyed);
    // HKDF refuses only more than 255 blocks of output; this is one.
    debug_assert!(expanded.is_ok());
    keyed
}

/// What a gate may learn of a holder, and only from the ticket itself: the name.
#[derive(Serialize)]
struct GateRow<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    kana: &'a str,
}

/// Seals a holder's name under the ticket's secret. The row's place is bound by the key
/// ([`seal::holder_key`]), so there is no further data.
///
/// # Errors
/// If there is no nonce.
pub fn seal_for_gate(
    world: &World,
    installation: InstallationId,
    secret: &Secret,
    (event, serial, generation): (EventId, Serial, Generation),
    holder: &Holder,
) -> Result<Vec<u8>, StoreError> {
    let plain = json(&GateRow { name: &holder.name, kana: &holder.kana })?;
    let key = seal::holder_key(installation, secret, event, serial, generation);
    let nonce = world.random::<NONCE_BYTES>()?;
    Ok(seal::seal(&key, nonce, &[], &plain))
}

fn json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let plain =
        serde_json::to_vec(value).map_err(|error| StoreError::Internal(error.to_string()))?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::system;

    fn holder() -> Holder {
        Holder {
            name: "山田 花子".to_owned(),
            kana: "ヤマダ ハナコ".to_owned(),
            email: "hanako@example.jp".to_owned(),
            note: "vegetarian".to_owned(),
        }
    }

    #[test]
    fn a_row_opens_only_in_its_place() {
        let key = Zeroizing::new([1; 32]);
        let place = (OrganisationId(1), EventId(2), Serial(3));
        let sealed = seal_row(&system(), &key, place, &holder()).unwrap();
        assert_eq!(open_row(&key, place, &sealed), Ok(holder()));
        let moved = (OrganisationId(1), EventId(2), Serial(4));
        assert_eq!(open_row(&key, moved, &sealed), Err(DAMAGED));
        assert_eq!(open_row(&Zeroizing::new([2; 32]), place, &sealed), Err(DAMAGED));
        assert_eq!(format!("{:?}", holder()), "Holder(…)");
    }

    #[test]
    fn a_gate_gets_the_name_only_and_only_with_the_ticket() {
        let installation = InstallationId([1; 16]);
        let secret = Secret::from_bytes([7; 12]);
        let place = (EventId(2), Serial(3), Generation(1));
        let sealed = seal_for_gate(&system(), installation, &secret, place, &holder()).unwrap();
        let key = |secret: &Secret, generation| {
            seal::holder_key(installation, secret, EventId(2), Serial(3), Generation(generation))
        };
        let plain = seal::open(&key(&secret, 1), &[], &sealed).unwrap();
        let text = String::from_utf8(plain).unwrap();
        assert!(text.contains("山田 花子") && !text.contains("example.jp"), "{text}");
        assert!(seal::open(&key(&secret, 2), &[], &sealed).is_err());
        assert!(seal::open(&key(&Secret::from_bytes([8; 12]), 1), &[], &sealed).is_err());
    }
}
