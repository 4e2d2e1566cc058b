//! From scanned text to token.
//!
//! Length is decided by the mode, and the mode stands in the first three characters. So a text
//! of any size is refused before more than three characters are decoded, unless its length is
//! one that a token can have.

use super::{Body, DecodeError, Display, Mode, PREFIX, Shown, Token};
use crate::display::{clock, device, wallet};
use crate::time::UnixSeconds;
use crate::wire::Reader;

/// Bytes of a body without its mode's part.
const BODY: usize = 34;
const SIGNATURE: usize = 64;

/// Reads a scanned text.
///
/// # Errors
/// The first reason found, in the order given in `shared/TOKEN.md`.
pub fn decode(text: &str) -> Result<Shown, DecodeError> {
    let payload = strip_prefix(text.as_bytes())?;
    let (first, _) = payload.split_first_chunk::<3>().ok_or(DecodeError::Truncated)?;
    let mode = match *base45_bytes(first)? {
        [byte, _] => Mode::from_byte(byte)?,
        _ => return Err(DecodeError::Truncated),
    };
    let (signed, shown) = payload_characters(mode);
    if payload.len() < signed {
        return Err(DecodeError::Truncated);
    }
    if payload.len() == signed && mode != Mode::Static {
        return Err(DecodeError::DisplayMissing);
    }
    if payload.len() > shown {
        return Err(DecodeError::TrailingBytes);
    }
    if mode == Mode::Wallet {
        let (signed, suffix) = payload.split_at_checked(signed).ok_or(DecodeError::Truncated)?;
        let bytes = base45_bytes(signed)?;
        let token = Token::from_bytes(&bytes)?;
        let (time, value) = wallet::read(suffix).ok_or(DecodeError::BadDisplay)?;
        return Shown::new(token, Display::Wallet { time, value });
    }
    if payload.len() < shown {
        return Err(DecodeError::Truncated);
    }
    let bytes = base45_bytes(payload)?;
    let mut reader = Reader::new(&bytes);
    let token = Token::read(&mut reader)?;
    let display = match mode {
        Mode::Static | Mode::Wallet => Display::Static,
        Mode::Clock => Display::Clock { step: reader.u16()?, link: reader.array()? },
        Mode::Device => Display::Device {
            time: UnixSeconds(reader.u32()?),
            nonce: reader.array()?,
            signature: reader.array()?,
        },
    };
    reader.finish()?;
    Shown::new(token, display)
}

impl Token {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { body: Body::read(reader)?, signature: reader.array()? })
    }

    /// Reads a token without display, as the issuer stores it: body, then signature.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let token = Self::read(&mut reader)?;
        reader.finish()?;
        token.body.check()?;
        Ok(token)
    }
}

/// The characters after the prefix: without and with the display's part (the longest one).
const fn payload_characters(mode: Mode) -> (usize, usize) {
    let (part, suffix) = match mode {
        Mode::Static => (0, 0),
        Mode::Clock => (clock::PART_BYTES, clock::SUFFIX_BYTES),
        Mode::Device => (device::PART_BYTES, device::SUFFIX_BYTES),
        Mode::Wallet => (0, 0),
    };
    let signed = BODY + part + SIGNATURE;
    let text = match mode {
        Mode::Wallet => wallet::MAX_CHARACTERS,
        _ => 0,
    };
    (base45_characters(signed), base45_characters(signed + suffix) + text)
}

/// RFC 9285: three characters for two bytes, two characters for a last single byte.
const fn base45_characters(bytes: usize) -> usize {
    bytes / 2 * 3 + bytes % 2 * 2
}

/// Tells other systems' codes, other versions and this version apart by `KS<number>:`.
fn strip_prefix(text: &[u8]) -> Result<&[u8], DecodeError> {
    if let Some(payload) = text.strip_prefix(PREFIX.as_bytes()) {
        return Ok(payload);
    }
    let [b'K' | b'k', b'S' | b's', rest @ ..] = text else {
        return Err(DecodeError::NotKaisatsu);
    };
    let version = match rest {
        [a @ b'1'..=b'9', b':', ..] => u16::from(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', b':', ..] => {
            u16::from(a - b'0') * 10 + u16::from(b - b'0')
        }
        _ => return Err(DecodeError::NotKaisatsu),
    };
    if version == 1 {
        Err(DecodeError::Lowercase)
    } else {
        Err(DecodeError::UnsupportedVersion(version))
    }
}

/// Base45 (RFC 9285) of a bounded text, in its one valid form.
fn base45_bytes(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let bytes = base45::decode(text).map_err(|_| refusal(text))?;
    // The crate cuts a last pair's value to one byte without looking; such a text would be a
    // second spelling of the same bytes. Its group of three is checked.
    if let ([.., low, high], 2) = (text, text.len() % 3) {
        let value = |character| base45::alphabet::decode(character).map_or(u16::MAX, u16::from);
        if value(*high).saturating_mul(45).saturating_add(value(*low)) > u16::from(u8::MAX) {
            return Err(DecodeError::NonCanonicalBase45);
        }
    }
    Ok(bytes)
}

/// Why the decoder refused the text: its first wrong character, else a group's value.
fn refusal(text: &[u8]) -> DecodeError {
    match text.iter().find(|character| base45::alphabet::decode(**character).is_none()) {
        Some(character) if character.is_ascii_lowercase() => DecodeError::Lowercase,
        Some(_) => DecodeError::NotBase45,
        None => DecodeError::NonCanonicalBase45,
    }
}
