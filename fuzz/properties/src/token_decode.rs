//! Whatever a scanner delivers is refused, or is the one text of what it says.

use kaisatsu_shared::token::{PREFIX, Token, decode, encode};

/// Bytes of a shown token, by mode.
const LENGTHS: [usize; 4] = [98, 138, 203, 98];

fn check(text: &str) {
    if let Ok(shown) = decode(text) {
        assert_eq!(encode(&shown), text);
        let bytes = shown.token.to_bytes();
        assert_eq!(Token::from_bytes(&bytes), Ok(shown.token));
    }
}

/// Plays the input: a text, or the bytes of a token.
pub fn holds(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check(text);
        check(&format!("{PREFIX}{text}"));
    }
    check(&format!("{PREFIX}{}", base45::encode(data)));
    if let Ok(token) = Token::from_bytes(data) {
        assert_eq!(token.to_bytes(), data);
    }
    // The same bytes as a token of the right length, so that the fields are reached at once.
    if let Some((first, rest)) = data.split_first() {
        let mode = first & 3;
        let mut bytes = vec![0x10 | mode];
        bytes.extend_from_slice(rest);
        bytes.resize(LENGTHS[usize::from(mode)], 1);
        let text = format!("{PREFIX}{}", base45::encode(&bytes));
        check(&text);
        if mode == 3 {
            let tail = rest.get(97..).unwrap_or_default();
            check(&format!("{text}{}", String::from_utf8_lossy(tail)));
            check(&format!("{text}-{first}-{:08}", rest.len()));
        }
    }
}
