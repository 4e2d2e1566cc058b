//! The token format: one canonical form, and a precise reason for everything else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{INSTALLATION, body, key, phone_key, shown};
use kaisatsu_shared::id::{EventId, Generation, InstallationId, KeyId, Serial, TypeId};
use kaisatsu_shared::time::UnixSeconds;
use kaisatsu_shared::token::{
    Body, ClockPart, DecodeError, Display, Mode, ModePart, PREFIX, Secret, Shown, Token, decode,
    encode,
};
use proptest::prelude::*;

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

fn bytes_of(shown: &Shown) -> Vec<u8> {
    base45::decode(&encode(shown)[PREFIX.len()..]).unwrap()
}

#[test]
fn sizes_are_those_of_the_design() {
    let lengths: Vec<usize> = shown().iter().map(|shown| encode(shown).len()).collect();
    assert_eq!(lengths, [151, 211, 309, 151 + "-1795000123-01234567".len()]);
    let bodies: Vec<usize> = shown().iter().map(|s| s.token.body.to_bytes().len()).collect();
    assert_eq!(bodies, [34, 56, 67, 34]);
}

#[test]
fn each_mode_reads_back() {
    for shown in shown() {
        assert_eq!(decode(&encode(&shown)), Ok(shown.clone()));
        assert_eq!(Token::from_bytes(&shown.token.to_bytes()), Ok(shown.token));
    }
}

#[test]
fn mode_bytes() {
    for (mode, byte) in
        [(Mode::Static, 0x10), (Mode::Clock, 0x11), (Mode::Device, 0x12), (Mode::Wallet, 0x13)]
    {
        assert_eq!(mode.byte(), byte);
        assert_eq!(Mode::from_byte(byte), Ok(mode));
    }
    let known = (0..=u8::MAX).filter(|byte| Mode::from_byte(*byte).is_ok()).count();
    assert_eq!(known, 4);
    assert_eq!(Mode::from_byte(0x14), Err(DecodeError::UnknownMode(4)));
    assert_eq!(Mode::from_byte(0x05), Err(DecodeError::VersionZero));
    assert_eq!(Mode::from_byte(0x20), Err(DecodeError::UnsupportedVersion(2)));
}

#[test]
fn prefixes() {
    let rest = encode(&shown()[0])[PREFIX.len()..].to_owned();
    for (prefix, expected) in [
        ("", DecodeError::NotKaisatsu),
        ("KS1", DecodeError::NotKaisatsu),
        (" KS1:", DecodeError::NotKaisatsu),
        ("HC1:", DecodeError::NotKaisatsu),
        ("KS:", DecodeError::NotKaisatsu),
        ("KS0:", DecodeError::NotKaisatsu),
        ("KS01:", DecodeError::NotKaisatsu),
        ("KS100:", DecodeError::NotKaisatsu),
        ("KS2:", DecodeError::UnsupportedVersion(2)),
        ("ks2:", DecodeError::UnsupportedVersion(2)),
        ("KS10:", DecodeError::UnsupportedVersion(10)),
        ("KS99:", DecodeError::UnsupportedVersion(99)),
        ("ks1:", DecodeError::Lowercase),
        ("Ks1:", DecodeError::Lowercase),
    ] {
        assert_eq!(decode(&format!("{prefix}{rest}")), Err(expected), "{prefix:?}");
    }
}

#[test]
fn lengths_are_refused_by_mode() {
    for shown in shown() {
        let text = encode(&shown);
        let signed = PREFIX.len() + base45::encode(shown.token.to_bytes()).len();
        for cut in PREFIX.len()..text.len() {
            let expected = match shown.token.body.mode() {
                Mode::Static => DecodeError::Truncated,
                _ if cut == signed => DecodeError::DisplayMissing,
                Mode::Wallet if cut > signed => DecodeError::BadDisplay,
                _ => DecodeError::Truncated,
            };
            assert_eq!(decode(&text[..cut]), Err(expected), "{cut} of {}", text.len());
        }
        for tail in ["0", "00", "000", "\n", "-1-00000000"] {
            assert_eq!(decode(&format!("{text}{tail}")), Err(DecodeError::TrailingBytes));
        }
    }
}

#[test]
fn characters_are_refused_by_kind() {
    let text = encode(&shown()[1]);
    for (character, expected) in [
        ("a", DecodeError::Lowercase),
        ("z", DecodeError::Lowercase),
        ("_", DecodeError::NotBase45),
        ("\0", DecodeError::NotBase45),
        ("\u{7f}", DecodeError::NotBase45),
    ] {
        let changed = format!("{}{character}{}", &text[..100], &text[101..]);
        assert_eq!(decode(&changed), Err(expected), "{character:?}");
    }
    // Two bytes in place of two, three in place of three: the length stays right.
    assert_eq!(decode(&format!("{}é{}", &text[..100], &text[102..])), Err(DecodeError::NotBase45));
    assert_eq!(decode(&format!("{}切{}", &text[..4], &text[7..])), Err(DecodeError::NotBase45));
}

#[test]
fn groups_too_large_are_refused() {
    // Three characters up to ":::" are 91,124; two bytes end at 65,535 = "FGW".
    let text = encode(&shown()[0]);
    let with = |group: &str| format!("{}{group}{}", &text[..7], &text[10..]);
    assert!(decode(&with("FGW")).is_ok());
    assert_eq!(decode(&with("GGW")), Err(DecodeError::NonCanonicalBase45));
    assert_eq!(decode(&with(":::")), Err(DecodeError::NonCanonicalBase45));
    // The device token has an odd number of bytes: its last pair ends at 255 = "U5".
    let text = encode(&shown()[2]);
    let with = |pair: &str| format!("{}{pair}", &text[..text.len() - 2]);
    assert!(decode(&with("U5")).is_ok());
    for pair in ["V5", "06", "::"] {
        assert_eq!(decode(&with(pair)), Err(DecodeError::NonCanonicalBase45), "{pair}");
    }
}

#[test]
fn rules_between_fields() {
    let set = |index: usize, change: &[(usize, u8)]| {
        let mut bytes = bytes_of(&shown()[index]);
        for (at, value) in change {
            bytes[*at] = *value;
        }
        decode(&text_of(&bytes))
    };
    let equal: Vec<(usize, u8)> =
        (0..4).map(|at| (26 + at, bytes_of(&shown()[0])[22 + at])).collect();
    assert_eq!(set(0, &equal), Err(DecodeError::EmptyValidity));
    assert_eq!(set(0, &[(22, 0xff)]), Err(DecodeError::EmptyValidity));
    assert_eq!(set(0, &[(33, 0)]), Err(DecodeError::ZeroGeneration));
    assert_eq!(set(1, &[(54, 0), (55, 0)]), Err(DecodeError::EmptyChain));
    assert_eq!(set(1, &[(54, 0), (55, 11)]), Err(DecodeError::StepBeyondChain));
    assert!(set(1, &[(54, 0), (55, 12)]).is_ok());
    assert_eq!(set(2, &[(34, 4)]), Err(DecodeError::BadPublicKey));
    assert_eq!(set(0, &[(0, 0x1f)]), Err(DecodeError::UnknownMode(15)));
    assert_eq!(set(0, &[(0, 0xf0)]), Err(DecodeError::UnsupportedVersion(15)));
}

#[test]
fn a_display_fits_its_mode_or_is_not_made() {
    let all = shown();
    for (i, one) in all.iter().enumerate() {
        for (j, other) in all.iter().enumerate() {
            let joined = Shown::new(one.token.clone(), other.display.clone());
            assert_eq!(joined.is_ok(), i == j);
        }
    }
    let wallet = Display::Wallet { time: UnixSeconds(1), value: 100_000_000 };
    assert_eq!(Shown::new(all[3].token.clone(), wallet), Err(DecodeError::BadDisplay));
}

#[test]
fn a_mode_can_not_be_stripped() {
    let ring = kaisatsu_shared::key::KeyRing::new([kaisatsu_shared::key::ListedKey {
        id: KeyId(3),
        public: key().public(),
        current: true,
    }])
    .unwrap();
    for shown in shown() {
        for mode in [Mode::Static, Mode::Wallet] {
            if shown.token.body.mode() == mode {
                continue;
            }
            let mut bytes = shown.token.to_bytes();
            bytes[0] = mode.byte();
            let signature: [u8; 64] = *bytes.last_chunk().unwrap();
            let mut stripped = bytes[..34].to_vec();
            stripped.extend_from_slice(&signature);
            let stripped = Token::from_bytes(&stripped).unwrap();
            assert!(ring.verify(INSTALLATION, &stripped).is_err());
        }
    }
}

#[test]
fn fingerprints_leave_out_what_may_change() {
    let print = |body: &Body, renewing| body.fingerprint(INSTALLATION, renewing);
    let one = body(ModePart::Static);
    let mut other = one.clone();
    other.key = KeyId(9);
    assert_eq!(print(&one, false), print(&other, false));
    other.valid_until = UnixSeconds(1_796_000_000);
    assert_ne!(print(&one, false), print(&other, false));
    assert_eq!(print(&one, true), print(&other, true));
    assert_ne!(print(&one, false), print(&one, true));

    let clock = |anchor, start, steps| {
        body(ModePart::Clock(ClockPart { anchor: [anchor; 16], start: UnixSeconds(start), steps }))
    };
    assert_eq!(print(&clock(1, 5, 9), false), print(&clock(2, 6, 8), false));
    assert_ne!(print(&clock(1, 5, 9), false), print(&one, false));
    assert_ne!(print(&body(ModePart::Wallet), false), print(&one, false));
    let mut phone = phone_key();
    let first = print(&body(ModePart::Device { public_key: phone }), false);
    phone[32] ^= 1;
    assert_ne!(first, print(&body(ModePart::Device { public_key: phone }), false));

    let changes: [fn(&mut Body); 6] = [
        |body| body.event = EventId(1),
        |body| body.serial = Serial(1),
        |body| body.secret = Secret::from_bytes([0; 12]),
        |body| body.ticket_type = TypeId(9),
        |body| body.entries = 0,
        |body| body.generation = Generation(2),
    ];
    for change in changes {
        let mut other = one.clone();
        change(&mut other);
        assert_ne!(print(&one, true), print(&other, true));
    }
    assert_ne!(print(&one, false), one.fingerprint(InstallationId([1; 16]), false));
    let text = serde_json::to_string(&print(&one, false)).unwrap();
    assert_eq!(text.len(), 18);
    assert_eq!(
        serde_json::from_str::<kaisatsu_shared::token::Fingerprint>(&text).unwrap(),
        print(&one, false)
    );
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", shown()[0]);
    assert!(printed.contains("Secret(…)"), "{printed}");
    assert!(!printed.contains(&hex::encode(b"not so secre")));
    assert!(!printed.contains("110, 111, 116"), "{printed}");
}

#[test]
fn every_other_character_anywhere_is_refused_or_is_its_own_form() {
    for shown in shown() {
        let text = encode(&shown).into_bytes();
        for at in 0..text.len() {
            for byte in 0..128 {
                let mut changed = text.clone();
                changed[at] = byte;
                let changed = String::from_utf8(changed).unwrap();
                if let Ok(read) = decode(&changed) {
                    assert_eq!(encode(&read), changed);
                    assert_eq!(read == shown, byte == text[at], "{changed}");
                }
            }
        }
    }
}

prop_compose! {
    fn any_body()(
        numbers in any::<(u8, u32, u32, u16, u8)>(),
        secret in any::<[u8; 12]>(),
        from in 0..u32::MAX,
        length in 1..=u32::MAX,
        generation in 1..=u8::MAX,
        mode in any_mode(),
    ) -> Body {
        let (key, event, serial, ticket_type, entries) = numbers;
        Body {
            key: KeyId(key),
            event: EventId(event),
            serial: Serial(serial),
            secret: Secret::from_bytes(secret),
            valid_from: UnixSeconds(from),
            valid_until: UnixSeconds(from.saturating_add(length)),
            ticket_type: TypeId(ticket_type),
            entries,
            generation: Generation(generation),
            mode,
        }
    }
}

fn any_mode() -> impl Strategy<Value = ModePart> {
    prop_oneof![
        Just(ModePart::Static),
        Just(ModePart::Wallet),
        (any::<[u8; 16]>(), any::<u32>(), 1..=u16::MAX).prop_map(|(anchor, start, steps)| {
            ModePart::Clock(ClockPart { anchor, start: UnixSeconds(start), steps })
        }),
        (2_u8..=3, 0_u8..=0xfe, any::<[u8; 31]>()).prop_map(|(sign, high, low)| {
            let mut public_key = [0; 33];
            public_key[0] = sign;
            public_key[1] = high;
            public_key[2..].copy_from_slice(&low);
            ModePart::Device { public_key }
        }),
    ]
}

fn any_shown() -> impl Strategy<Value = Shown> {
    let parts = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<u32>(), any::<[u8; 16]>());
    (any_body(), parts).prop_map(|(body, (a, b, number, link))| {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&a);
        signature[32..].copy_from_slice(&b);
        let display = match &body.mode {
            ModePart::Static => Display::Static,
            ModePart::Clock(part) => Display::Clock {
                step: u16::try_from(number % (u32::from(part.steps) + 1)).unwrap(),
                link,
            },
            ModePart::Device { .. } => Display::Device {
                time: UnixSeconds(number),
                nonce: number.to_le_bytes(),
                signature,
            },
            ModePart::Wallet => {
                Display::Wallet { time: UnixSeconds(number), value: number % 100_000_000 }
            }
        };
        Shown::new(Token::new(body, signature), display).unwrap()
    })
}

proptest! {
    #[test]
    fn decode_undoes_encode(shown in any_shown()) {
        let text = encode(&shown);
        prop_assert_eq!(decode(&text), Ok(shown));
    }

    #[test]
    fn what_decodes_is_canonical(
        shown in any_shown(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), "[0-9A-Z $%*+./:-]"), 1..4),
    ) {
        let mut text = encode(&shown);
        for (at, character) in edits {
            let at = at.index(text.len());
            text.replace_range(at..=at, &character);
        }
        if let Ok(read) = decode(&text) {
            prop_assert_eq!(encode(&read), text);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(
        mode in 0x0e_u8..=0x15,
        tail in proptest::collection::vec(any::<u8>(), 0..220),
    ) {
        let mut bytes = vec![mode];
        bytes.extend(tail);
        let text = text_of(&bytes);
        if let Ok(read) = decode(&text) {
            prop_assert_eq!(encode(&read), text);
        }
        if let Ok(token) = Token::from_bytes(&bytes) {
            prop_assert_eq!(token.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_is_handled(text in "(KS1:)?.{0,400}") {
        if let Ok(read) = decode(&text) {
            prop_assert_eq!(encode(&read), text);
        }
    }
}
