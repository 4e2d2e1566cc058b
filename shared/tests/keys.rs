//! Keys: rotation, strict verification, refusal of keys and signatures that could be bent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{INSTALLATION, body, shown};
use kaisatsu_shared::hash::{Domain, Kind};
use kaisatsu_shared::id::{InstallationId, KeyId};
use kaisatsu_shared::key::{
    DeviceKey, DevicePublic, EventKey, KeyError, KeyRing, KeyStanding, ListedKey, RootKey,
    RootPublic, Signature64, VerifyError,
};
use kaisatsu_shared::seal;
use kaisatsu_shared::token::{ModePart, Secret, Token};

fn listed(key: &EventKey, current: bool) -> ListedKey {
    ListedKey { id: key.id(), public: key.public(), current }
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn public_keys_are_those_of_rfc_8032() {
    // RFC 8032 §7.1, tests 1 to 3.
    for (seed, public) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        ),
    ] {
        assert_eq!(EventKey::from_seed(KeyId(0), bytes(seed)).public(), bytes(public));
        assert_eq!(RootKey::from_seed(bytes(seed)).public().to_string(), public);
        assert_eq!(DeviceKey::from_seed(bytes(seed)).public().to_bytes(), bytes(public));
    }
}

#[test]
fn old_tokens_verify_while_their_key_is_listed() {
    let old = EventKey::from_seed(KeyId(1), [1; 32]);
    let new = EventKey::from_seed(KeyId(2), [2; 32]);
    let token = |key: &EventKey| key.sign(INSTALLATION, body(ModePart::Static));
    let (first, second) = (token(&old), token(&new));
    assert_eq!(first.body.key, KeyId(1));

    let before = KeyRing::new([listed(&old, true)]).unwrap();
    assert_eq!(before.verify(INSTALLATION, &first), Ok(KeyStanding::Current));
    assert_eq!(before.verify(INSTALLATION, &second), Err(VerifyError::UnknownKey(KeyId(2))));

    let after = KeyRing::new([listed(&old, false), listed(&new, true)]).unwrap();
    assert_eq!(after.verify(INSTALLATION, &first), Ok(KeyStanding::Retired));
    assert_eq!(after.verify(INSTALLATION, &second), Ok(KeyStanding::Current));

    let gone = KeyRing::new([listed(&new, true)]).unwrap();
    assert_eq!(gone.verify(INSTALLATION, &first), Err(VerifyError::UnknownKey(KeyId(1))));

    // The same number with another key is not the key that signed.
    let swapped = KeyRing::new([ListedKey { id: KeyId(1), ..listed(&new, true) }]).unwrap();
    assert_eq!(swapped.verify(INSTALLATION, &first), Err(VerifyError::BadSignature));

    let json = serde_json::to_string(&after).unwrap();
    assert_eq!(serde_json::from_str::<KeyRing>(&json).unwrap(), after);
}

#[test]
fn every_changed_bit_of_a_token_fails() {
    let ring = KeyRing::new([listed(&common::key(), true)]).unwrap();
    for shown in shown() {
        assert_eq!(ring.verify(INSTALLATION, &shown.token), Ok(KeyStanding::Current));
        assert!(ring.verify(InstallationId([0; 16]), &shown.token).is_err());
        let good = shown.token.to_bytes();
        for bit in 0..good.len() * 8 {
            let mut changed = good.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(token) = Token::from_bytes(&changed) {
                assert!(ring.verify(INSTALLATION, &token).is_err(), "bit {bit}");
            }
        }
    }
}

/// Every encoding that names a point of order 1, 2, 4 or 8.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn bent_keys_are_refused() {
    let refused = |public: [u8; 32]| {
        let ring = KeyRing::new([ListedKey { id: KeyId(4), public, current: true }]);
        assert_eq!(ring, Err(KeyError::Invalid(KeyId(4))), "{}", hex::encode(public));
        assert!(RootPublic::from_bytes(&public).is_none());
        let text = format!("\"{}\"", hex::encode(public));
        assert!(serde_json::from_str::<DevicePublic>(&text).is_err());
    };
    for key in SMALL_ORDER {
        refused(bytes(key));
    }
    // y of 2 is on no point.
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    refused(off_curve);
    // y from the prime up to 2^255 - 1, with either sign.
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut unreduced = [0xff; 32];
            unreduced[0] = low;
            unreduced[31] = high;
            refused(unreduced);
        }
    }
    let key = EventKey::from_seed(KeyId(1), [1; 32]);
    assert_eq!(
        KeyRing::new([listed(&key, true), listed(&key, false)]),
        Err(KeyError::Duplicate(KeyId(1)))
    );
}

/// The order of the group, little-endian.
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn a_signature_has_one_spelling() {
    let ring = KeyRing::new([listed(&common::key(), true)]).unwrap();
    let token = common::key().sign(INSTALLATION, body(ModePart::Static));
    let mut signature = *token.signature();
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(bytes::<32>(L)) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    let bent = Token::new(token.body.clone(), signature);
    assert_eq!(ring.verify(INSTALLATION, &bent), Err(VerifyError::BadSignature));
    for r in SMALL_ORDER {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&bytes::<32>(r));
        let bent = Token::new(token.body.clone(), signature);
        assert_eq!(ring.verify(INSTALLATION, &bent), Err(VerifyError::BadSignature));
    }
}

#[test]
fn pairs_sign_for_one_domain() {
    let key = DeviceKey::from_seed([5; 32]);
    let domain = Domain::new(Kind::Journal, INSTALLATION);
    let signature = key.sign(domain, b"entry");
    let public = key.public();
    assert!(public.verify(domain, b"entry", &signature).is_ok());
    assert!(public.verify(domain, b"entries", &signature).is_err());
    let other = Domain::new(Kind::Device, INSTALLATION);
    assert!(public.verify(other, b"entry", &signature).is_err());
    let other = Domain::new(Kind::Journal, InstallationId([0; 16]));
    assert!(public.verify(other, b"entry", &signature).is_err());
    let other = DeviceKey::from_seed([6; 32]).public();
    assert!(other.verify(domain, b"entry", &signature).is_err());

    let json = serde_json::to_string(&(public, signature)).unwrap();
    assert_eq!(json, format!("[\"{public}\",\"{signature}\"]"));
    let read: (DevicePublic, Signature64) = serde_json::from_str(&json).unwrap();
    assert_eq!(read, (public, signature));
}

#[test]
fn secret_keys_are_not_printed() {
    let seed = [0xab; 32];
    for printed in [
        format!("{:?}", EventKey::from_seed(KeyId(1), seed)),
        format!("{:?}", RootKey::from_seed(seed)),
        format!("{:?}", EventKey::from_seed(KeyId(1), seed).display_key(INSTALLATION)),
    ] {
        assert!(!printed.contains("abab") && !printed.contains("171"), "{printed}");
    }
}

#[test]
fn display_keys_differ_by_key_and_installation() {
    let of = |id, seed, installation| {
        *EventKey::from_seed(KeyId(id), [seed; 32]).display_key(installation).as_bytes()
    };
    let one = of(1, 1, INSTALLATION);
    assert_eq!(one, of(1, 1, INSTALLATION));
    assert_ne!(one, of(2, 1, INSTALLATION));
    assert_ne!(one, of(1, 2, INSTALLATION));
    assert_ne!(one, of(1, 1, InstallationId([0; 16])));
}

#[test]
fn sealed_rows_open_for_their_ticket_only() {
    let body = body(ModePart::Static);
    let secret = Secret::from_bytes([3; 12]);
    let of = |secret: &Secret, serial, generation| {
        seal::holder_key(INSTALLATION, secret, body.event, serial, generation)
    };
    let key = of(&secret, body.serial, body.generation);
    let sealed = seal::seal(&key, [8; 24], b"row 41", "山田 花子".as_bytes());
    assert_eq!(sealed.len(), 24 + "山田 花子".len() + 16);
    assert_eq!(seal::open(&key, b"row 41", &sealed).unwrap(), "山田 花子".as_bytes());
    assert!(seal::open(&key, b"row 42", &sealed).is_err());
    assert!(
        seal::open(&of(&body.secret, body.serial, body.generation), b"row 41", &sealed).is_err()
    );
    assert!(seal::open(&[0; 32], b"row 41", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(seal::open(&key, b"row 41", &changed).is_err(), "{at}");
        assert!(seal::open(&key, b"row 41", &sealed[..at]).is_err(), "{at}");
    }
    assert_eq!(seal::open(&key, b"", &seal::seal(&key, [0; 24], b"", b"")).unwrap(), b"");
}

#[test]
fn sealing_matches_the_xchacha_draft() {
    // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you \
        only one tip for the future, sunscreen would be it.";
    let key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    let nonce = bytes("404142434445464748494a4b4c4d4e4f5051525354555657");
    let aad = bytes::<12>("50515253c0c1c2c3c4c5c6c7");
    let sealed = seal::seal(&key, nonce, &aad, plaintext);
    assert_eq!(sealed[..24], nonce);
    assert_eq!(hex::encode(&sealed[24..40]), "bd6d179d3e83d43b9576579493c0e939");
    assert_eq!(hex::encode(&sealed[sealed.len() - 16..]), "c0875924c1c7987947deafd8780acf49");
}
