//! Files must be UTF-8. Others are named, because Japanese spreadsheets still write Shift_JIS.

use super::ImportError;

/// The file's text without byte order mark.
pub(super) fn utf8(file: &[u8]) -> Result<&str, ImportError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    // UTF-16 text has a zero in every second byte of its ASCII part; UTF-8 text has none.
    let utf16 = file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff");
    if utf16 || file.iter().take(64).any(|byte| *byte == 0) {
        return Err(ImportError::Encoding { line: 1, guess: "UTF-16", iconv: "UTF-16" });
    }
    std::str::from_utf8(file).map_err(|error| {
        let before = file.get(..error.valid_up_to()).unwrap_or_default();
        let breaks = before.iter().filter(|byte| **byte == b'\n').count();
        let line = u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1);
        if is_shift_jis(file) {
            ImportError::Encoding { line, guess: "Shift_JIS", iconv: "CP932" }
        } else {
            ImportError::Encoding { line, guess: "another encoding", iconv: "ITS-ENCODING" }
        }
    })
}

/// Whether every byte fits Shift_JIS (JIS X 0208 annex 1, with Microsoft's extensions).
fn is_shift_jis(file: &[u8]) -> bool {
    let mut bytes = file.iter();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            0x00..=0x7f | 0xa1..=0xdf => true,
            0x81..=0x9f | 0xe0..=0xfc => {
                matches!(bytes.next(), Some(0x40..=0x7e | 0x80..=0xfc))
            }
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_jis_is_named_with_its_line() {
        // 山田 in Shift_JIS: 8E 52 93 63.
        let file = b"name,kana,email,type,note\nA,,,1,\n\x8e\x52\x93\x63,,,1,\n";
        let error = utf8(file).unwrap_err();
        assert_eq!(error, ImportError::Encoding { line: 3, guess: "Shift_JIS", iconv: "CP932" });
        assert!(error.to_string().contains("iconv -f CP932 -t UTF-8"), "{error}");
    }

    #[test]
    fn other_encodings_are_refused_too() {
        let latin = utf8(b"name\nM\xfcller\x80").unwrap_err();
        assert!(matches!(latin, ImportError::Encoding { line: 2, guess: "another encoding", .. }));
        for utf16 in [&b"\xff\xfen\0a\0"[..], b"n\0a\0m\0"] {
            assert!(matches!(utf8(utf16), Err(ImportError::Encoding { guess: "UTF-16", .. })));
        }
        assert_eq!(utf8("\u{feff}名前".as_bytes()), Ok("名前"));
    }
}
