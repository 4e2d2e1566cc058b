//! The device display's layout. Its signature is checked by a later version; until then a gate
//! must not admit on it.

/// Bytes of the signed part: a compressed P-256 point (SEC 1 §2.3.3).
pub(crate) const PART_BYTES: usize = 33;
/// Bytes after the token's signature: time 4, nonce 4, ECDSA signature 64.
pub(crate) const SUFFIX_BYTES: usize = 72;

/// The prime of P-256's field (SP 800-186 §3.2.1.3), big-endian.
const PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];

/// Whether the bytes are laid out like a compressed point: sign byte 2 or 3 and an x below the
/// field's prime. Whether x lies on the curve is left to the signature's verification.
#[must_use]
pub fn may_be_point(bytes: &[u8; PART_BYTES]) -> bool {
    let [sign, x @ ..] = bytes;
    matches!(sign, 2 | 3) && *x < PRIME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_a_sign_and_a_reduced_x() {
        let point = |sign: u8, x: [u8; 32]| {
            let mut bytes = [0; 33];
            bytes[0] = sign;
            bytes[1..].copy_from_slice(&x);
            bytes
        };
        let mut below = PRIME;
        below[31] -= 1;
        assert!(may_be_point(&point(2, below)));
        assert!(may_be_point(&point(3, [0; 32])));
        assert!(!may_be_point(&point(2, PRIME)));
        assert!(!may_be_point(&point(3, [0xff; 32])));
        for sign in [0, 1, 4, 6, 7, 0xff] {
            assert!(!may_be_point(&point(sign, below)), "sign {sign}");
        }
    }
}
