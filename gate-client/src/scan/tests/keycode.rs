use super::super::keyboard::BASE45;
use super::super::keycode::KeyTranslator;

/// Key code and Shift of every Base45 symbol on a US keyboard (Linux input-event-codes.h).
const KEYS: [(char, u16, bool); 45] = [
    ('0', 11, false),
    ('1', 2, false),
    ('2', 3, false),
    ('3', 4, false),
    ('4', 5, false),
    ('5', 6, false),
    ('6', 7, false),
    ('7', 8, false),
    ('8', 9, false),
    ('9', 10, false),
    ('A', 30, true),
    ('B', 48, true),
    ('C', 46, true),
    ('D', 32, true),
    ('E', 18, true),
    ('F', 33, true),
    ('G', 34, true),
    ('H', 35, true),
    ('I', 23, true),
    ('J', 36, true),
    ('K', 37, true),
    ('L', 38, true),
    ('M', 50, true),
    ('N', 49, true),
    ('O', 24, true),
    ('P', 25, true),
    ('Q', 16, true),
    ('R', 19, true),
    ('S', 31, true),
    ('T', 20, true),
    ('U', 22, true),
    ('V', 47, true),
    ('W', 17, true),
    ('X', 45, true),
    ('Y', 21, true),
    ('Z', 44, true),
    (' ', 57, false),
    ('$', 5, true),
    ('%', 6, true),
    ('*', 9, true),
    ('+', 13, true),
    ('-', 12, false),
    ('.', 52, false),
    ('/', 53, false),
    (':', 39, true),
];

fn tap(keys: &mut KeyTranslator, code: u16) -> Option<u8> {
    let byte = keys.key(code, 1);
    keys.key(code, 2);
    byte.or(keys.key(code, 0))
}

fn chord(keys: &mut KeyTranslator, modifier: u16, code: u16) -> Option<char> {
    keys.key(modifier, 1);
    let byte = tap(keys, code);
    keys.key(modifier, 0);
    byte.map(char::from)
}

#[test]
fn every_symbol_comes_from_its_us_key() {
    assert_eq!(KEYS.iter().map(|key| key.0).collect::<String>(), BASE45);
    let mut keys = KeyTranslator::new();
    for (symbol, code, shift) in KEYS {
        for side in [42, 54] {
            let got = if shift {
                chord(&mut keys, side, code)
            } else {
                tap(&mut keys, code).map(char::from)
            };
            assert_eq!(got, Some(symbol));
        }
    }
}

#[test]
fn caps_lock_swaps_letters_only() {
    let mut keys = KeyTranslator::new();
    tap(&mut keys, 58);
    for (symbol, code, shift) in KEYS {
        let got =
            if shift { chord(&mut keys, 42, code) } else { tap(&mut keys, code).map(char::from) };
        assert_eq!(got, Some(symbol.to_ascii_lowercase()));
    }
    assert_eq!(tap(&mut keys, 30), Some(b'A'));
    tap(&mut keys, 58);
    assert_eq!(tap(&mut keys, 30), Some(b'a'));
}

#[test]
fn ends_and_other_keys() {
    let mut keys = KeyTranslator::new();
    for (code, byte) in [
        (28, Some(b'\r')),
        (96, Some(b'\r')),
        (15, Some(b'\t')),
        (59, None),
        (0, None),
        (u16::MAX, None),
    ] {
        assert_eq!(tap(&mut keys, code), byte, "{code}");
    }
    for (code, byte) in [(50, '\r'), (36, '\n'), (23, '\t'), (27, '\u{1d}')] {
        assert_eq!(chord(&mut keys, 29, code), Some(byte), "Ctrl+{code}");
    }
    for (code, byte) in [
        (82, b'0'),
        (79, b'1'),
        (77, b'6'),
        (73, b'9'),
        (78, b'+'),
        (74, b'-'),
        (98, b'/'),
        (55, b'*'),
        (83, b'.'),
    ] {
        assert_eq!(tap(&mut keys, code), Some(byte), "keypad {code}");
    }
}

#[test]
fn alt_codes_from_the_keypad() {
    let mut keys = KeyTranslator::new();
    let mut alt = |digits: &[u16]| {
        keys.key(56, 1);
        assert!(digits.iter().all(|digit| tap(&mut keys, *digit).is_none()));
        keys.key(56, 0)
    };
    // Alt+075 = K, Alt+58 = :, nothing for Alt alone or a number beyond a byte.
    assert_eq!(alt(&[82, 71, 76]), Some(b'K'));
    assert_eq!(alt(&[76, 72]), Some(b':'));
    assert_eq!(alt(&[]), None);
    assert_eq!(alt(&[73; 12]), None);
}
