//! Whether a holder's name is the one that somebody looks for. Both are folded first: width, case,
//! accents, kana and everything between the letters make no difference.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use kaisatsu_shared::sync::{MAX_NAME, MIN_NAME};

use crate::store::{StoreError, types::Holder};

/// A name that is looked for: its parts, folded.
pub struct WantedName(Vec<String>);

impl WantedName {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`StoreError::NameShort`] and [`StoreError::NameLong`].
    pub fn read(text: &str) -> Result<Self, StoreError> {
        if text.chars().count() > MAX_NAME {
            return Err(StoreError::NameLong);
        }
        let parts = text.split_whitespace().map(folded).filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.collect();
        let letters: usize = parts.iter().map(|part| part.chars().count()).sum();
        if letters < MIN_NAME {
            return Err(StoreError::NameShort);
        }
        Ok(Self(parts))
    }

    /// Whether every part stands in the holder's name, or every part in its reading.
    #[must_use]
    pub fn fits(&self, holder: &Holder) -> bool {
        [&holder.name, &holder.kana].into_iter().any(|name| {
            let name = folded(name);
            self.0.iter().all(|part| name.contains(part))
        })
    }
}

/// A name stands in no log.
impl core::fmt::Debug for WantedName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("WantedName(…)")
    }
}

/// NFKC without accents, in one case, in hiragana; letters and digits only.
fn folded(text: &str) -> String {
    let accents = '\u{300}'..='\u{36f}';
    let compatible = DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars())
        .filter(|letter| !accents.contains(letter));
    ComposingNormalizerBorrowed::new_nfc()
        .normalize_iter(compatible)
        // Up before down: `ß` and `SS` are one then.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .map(hiragana)
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// Katakana lie 96 places behind their hiragana.
fn hiragana(letter: char) -> char {
    match letter {
        '\u{30a1}'..='\u{30f6}' => {
            u32::from(letter).checked_sub(0x60).and_then(char::from_u32).unwrap_or(letter)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(wanted: &str, name: &str, kana: &str) -> bool {
        let holder = Holder { name: name.into(), kana: kana.into(), ..Holder::default() };
        WantedName::read(wanted).unwrap().fits(&holder)
    }

    #[test]
    fn spelling_makes_no_difference_and_letters_do() {
        for (wanted, name, kana, expected) in [
            ("山田", "山田 花子", "ヤマダ ハナコ", true),
            ("山田花子", "山田 花子", "", true),
            ("花子　山田", "山田 花子", "", true),
            ("やまだ", "山田 花子", "ヤマダ ハナコ", true),
            ("ﾔﾏﾀﾞ", "山田 花子", "やまだ はなこ", true),
            ("ヤマタ", "山田 花子", "ヤマダ ハナコ", false),
            ("ｙａｍａｄａ", "Hanako YAMADA", "", true),
            ("yamada hanako", "Hanako Yamada", "", true),
            ("muller", "Jürgen Müller", "", true),
            ("MÜLLER", "Jurgen Muller", "", true),
            ("strasse", "Anna Straße", "", true),
            ("obrien", "Sinéad O’Brien", "", true),
            ("レノン", "ジョン・レノン", "", true),
            // Each part must stand in the same spelling of the name.
            ("山田 はなこ", "山田 花子", "ヤマダ ハナコ", false),
            ("山田 太郎", "山田 花子", "", false),
            ("suzuki", "Hanako Yamada", "", false),
        ] {
            assert_eq!(fits(wanted, name, kana), expected, "{wanted} in {name}, {kana}");
        }
    }

    #[test]
    fn too_little_or_too_much_of_a_name_is_refused() {
        for short in ["", " ", "山", " a ", "・・・", "-'", "\u{301}\u{301}"] {
            assert_eq!(WantedName::read(short).unwrap_err(), StoreError::NameShort, "{short:?}");
        }
        assert!(WantedName::read("林 一").is_ok());
        assert!(WantedName::read(&"a".repeat(MAX_NAME)).is_ok());
        let long = "a".repeat(MAX_NAME + 1);
        assert_eq!(WantedName::read(&long).unwrap_err(), StoreError::NameLong);
        assert_eq!(format!("{:?}", WantedName::read("山田").unwrap()), "WantedName(…)");
    }
}
