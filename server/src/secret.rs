//! Secrets that a person or program gets once and brings back: enrolment codes and API tokens.
//! Only their hashes are stored; both hold enough randomness that a plain hash can't be searched.

use sha2::{Digest, Sha256};

use crate::world::{NoEntropy, World};

/// Crockford's Base32: no I, L, O and U, which are misread or misheard.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new enrolment code: 80 random bits as 16 characters in groups of four.
///
/// # Errors
/// [`NoEntropy`].
pub fn new_code(world: &World) -> Result<String, NoEntropy> {
    let bytes: [u8; 10] = world.random()?;
    let bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut code = String::with_capacity(19);
    for index in (0..16).rev() {
        let digit = usize::try_from(bits >> (5 * index) & 31).unwrap_or(0);
        code.extend(ALPHABET.get(digit).map(|byte| char::from(*byte)));
        if index % 4 == 0 && index > 0 {
            code.push('-');
        }
    }
    Ok(code)
}

/// The hash of an enrolment code as somebody typed it: case and separators don't count, and the
/// letters that look like digits are taken for them.
#[must_use]
pub fn code_hash(typed: &str) -> [u8; 32] {
    let normal = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| {
        match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        }
    });
    Sha256::digest(normal.collect::<String>()).into()
}

/// A new API token's secret: 256 random bits.
///
/// # Errors
/// [`NoEntropy`].
pub fn new_token(world: &World) -> Result<String, NoEntropy> {
    let bytes: [u8; 32] = world.random()?;
    Ok(format!("kaisatsu_{}", hex::encode(bytes)))
}

/// The hash of an API token's secret.
#[must_use]
pub fn token_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{adapters::SystemClock, world::Entropy};

    struct Ascending;

    impl Entropy for Ascending {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            (0..).zip(bytes).for_each(|(value, byte)| *byte = value);
            Ok(())
        }
    }

    #[test]
    fn codes_survive_being_read_aloud() {
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(Ascending) };
        let code = new_code(&world).unwrap();
        assert_eq!(code, "000G-40R4-0M30-E209");
        assert_eq!(code_hash(&code), code_hash("ooog 40r4 om30-e2o9"));
        assert_ne!(code_hash(&code), code_hash("000G-40R4-0M30-E20A"));
        let secret = new_token(&world).unwrap();
        assert!(secret.starts_with("kaisatsu_000102") && secret.len() == 73);
        assert_ne!(token_hash(&secret), token_hash(&secret.to_uppercase()));
    }
}
