//! The text that a Google Wallet pass puts after the token:
//! `-{totp_timestamp_seconds}-{totp_value_0}`. Its one-time password is checked by a later
//! version; until then a gate must not admit on it.

use crate::time::UnixSeconds;

/// The largest value of eight digits.
pub(crate) const MAX_VALUE: u32 = 99_999_999;
/// Digits of the one-time password.
const VALUE_DIGITS: usize = 8;
/// The longest suffix: two hyphens, ten digits of time, the value.
pub(crate) const MAX_CHARACTERS: usize = 2 + 10 + VALUE_DIGITS;

/// The suffix of a display.
pub(crate) fn write(time: UnixSeconds, value: u32) -> String {
    format!("-{}-{value:08}", time.0)
}

/// Reads a suffix: hyphen, seconds without leading zeros, hyphen, exactly eight digits.
pub(crate) fn read(suffix: &[u8]) -> Option<(UnixSeconds, u32)> {
    let rest = suffix.strip_prefix(b"-")?;
    let (rest, value) = rest.split_last_chunk::<VALUE_DIGITS>()?;
    let time = rest.strip_suffix(b"-")?;
    if time.first() == Some(&b'0') && time.len() > 1 {
        return None;
    }
    Some((UnixSeconds(number(time)?), number(value)?))
}

/// Decimal digits only: no sign, no space.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, digit| match digit {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add((digit - b'0').into()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_each() {
        for (time, value) in [(0, 0), (1_790_000_000, 123), (u32::MAX, MAX_VALUE)] {
            let text = write(UnixSeconds(time), value);
            assert_eq!(read(text.as_bytes()), Some((UnixSeconds(time), value)));
        }
        for bad in [
            "",
            "-",
            "--",
            "-1-",
            "-1-1234567",
            "-1-123456789",
            "--12345678",
            "-01-12345678",
            "-00-12345678",
            "-+1-12345678",
            "-1-+2345678",
            "-4294967296-12345678",
            "1-12345678",
            "-1 -12345678",
            "-1--1234567",
            "-1-1-12345678",
            "-1-1234567A",
        ] {
            assert_eq!(read(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
