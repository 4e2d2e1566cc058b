//! The one source of chance: SplitMix64 (Steele, Lea and Flood 2014). The same seed draws the same on
//! every machine.

/// Draws numbers from a seed.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The `label`-th stream of a seed.
    #[must_use]
    pub fn of(seed: u64, label: u64) -> Self {
        let mut root = Self(seed ^ label.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self(root.bits())
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0 ≤ x < `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// Uniform in `low` ≤ x ≤ `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low.saturating_add(self.below(span))
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// A place in a list of this length; 0 for an empty one.
    pub fn place(&mut self, length: usize) -> usize {
        let bound = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, items: &[T], otherwise: T) -> T {
        let place = self.place(items.len());
        items.get(place).copied().unwrap_or(otherwise)
    }

    /// 16 bytes for a key or a nonce.
    pub fn bytes(&mut self) -> [u8; 16] {
        let (high, low) = (u128::from(self.bits()), u128::from(self.bits()));
        ((high << 64) | low).to_be_bytes()
    }

    /// Between −`most` and `most`.
    pub fn either(&mut self, most: u32) -> i64 {
        let drawn = self.between(0, u64::from(most).saturating_mul(2));
        i64::try_from(drawn).unwrap_or_default().saturating_sub(i64::from(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_range_and_fill_it() {
        let mut draw = Draw::of(1, 0);
        let seen: std::collections::BTreeSet<u64> = (0..200).map(|_| draw.between(3, 9)).collect();
        assert_eq!(seen, (3..=9).collect());
        assert!((0..1_000).all(|_| (-5..=5).contains(&draw.either(5))));
        assert_eq!(draw.below(0), 0);
    }

    #[test]
    fn streams_of_a_seed_differ() {
        assert_ne!(Draw::of(5, 0).bits(), Draw::of(5, 1).bits());
        assert_eq!(Draw::of(5, 1).bits(), Draw::of(5, 1).bits());
    }
}
