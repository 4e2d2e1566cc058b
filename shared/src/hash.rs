//! Domain-separated hashing.
//!
//! Every signature and hash of the system covers a prefix that names its purpose and the
//! installation: the ASCII text `kaisatsu/1/<kind>/` followed by the 16 bytes of the
//! [`InstallationId`]. A signature for one purpose is thus never valid for another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::id::InstallationId;

/// What a signature or hash is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A ticket's token, signed by an event key.
    Token,
    /// A bundle, signed by the root key.
    Bundle,
    /// A position in a ledger, signed by the root key.
    Head,
    /// An entry of an event's ledger.
    Ledger,
    /// An entry of a device's journal, and the signature over a journal batch.
    Journal,
    /// A device's credential, signed by the root key; a device's answer to a challenge.
    Device,
    /// A clock display's hash chain.
    Link,
    /// A ticket's personal link.
    TicketLink,
    /// The colour of an event's day.
    Colour,
    /// A ticket's fingerprint in the roster.
    Fingerprint,
    /// The key under which a holder's row is sealed for gates.
    Holder,
    /// An entry of the audit trail.
    Audit,
    /// The time of day, signed by the root key.
    Time,
    /// That a device is revoked, signed by the root key.
    Revocation,
    /// That the server has a journal up to its end, signed by the root key.
    Receipt,
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Self::Token => "kaisatsu/1/token/",
            Self::Bundle => "kaisatsu/1/bundle/",
            Self::Head => "kaisatsu/1/head/",
            Self::Ledger => "kaisatsu/1/ledger/",
            Self::Journal => "kaisatsu/1/journal/",
            Self::Device => "kaisatsu/1/device/",
            Self::Link => "kaisatsu/1/link/",
            Self::TicketLink => "kaisatsu/1/ticket-link/",
            Self::Colour => "kaisatsu/1/colour/",
            Self::Fingerprint => "kaisatsu/1/fingerprint/",
            Self::Holder => "kaisatsu/1/holder/",
            Self::Audit => "kaisatsu/1/audit/",
            Self::Time => "kaisatsu/1/time/",
            Self::Revocation => "kaisatsu/1/revocation/",
            Self::Receipt => "kaisatsu/1/receipt/",
        }
    }
}

/// A purpose within an installation: the prefix of everything hashed or signed for it.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    kind: Kind,
    installation: InstallationId,
}

impl Domain {
    /// The domain of `kind` within `installation`.
    #[must_use]
    pub const fn new(kind: Kind, installation: InstallationId) -> Self {
        Self { kind, installation }
    }

    /// The bytes that go before the message: label, then installation id.
    #[must_use]
    pub fn prefix(&self) -> Vec<u8> {
        let label = self.kind.label().as_bytes();
        let mut prefix = Vec::with_capacity(label.len() + 16);
        prefix.extend_from_slice(label);
        prefix.extend_from_slice(&self.installation.0);
        prefix
    }

    /// Prefix and message in one buffer, as signatures take it.
    #[must_use]
    pub fn message(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = self.prefix();
        for part in parts {
            message.extend_from_slice(part);
        }
        message
    }

    /// SHA-256 (FIPS 180-4) over the prefix and `parts`, one after the other.
    #[must_use]
    pub fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.kind.label());
        hasher.update(self.installation.0);
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// HMAC-SHA-256 (RFC 2104) of `parts`, one after the other, under `key`.
#[must_use]
pub fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC pads a key to the hash's block of 64 bytes; the padded copy is wiped too.
    let mut padded = Zeroizing::new([0; 64]);
    for (to, from) in padded.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*padded).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The first `N` bytes of a hash: fingerprints and links are cut so.
#[must_use]
pub fn truncate<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    let mut short = [0; N];
    for (to, from) in short.iter_mut().zip(hash) {
        *to = *from;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_installations_separate() {
        let one = InstallationId([1; 16]);
        let two = InstallationId([2; 16]);
        let token = Domain::new(Kind::Token, one).hash(&[b"x"]);
        assert_ne!(token, Domain::new(Kind::Bundle, one).hash(&[b"x"]));
        assert_ne!(token, Domain::new(Kind::Token, two).hash(&[b"x"]));
        assert_eq!(token, Domain::new(Kind::Token, one).hash(&[b"", b"x"]));
    }

    #[test]
    fn hmac_matches_rfc_4231_case_2_with_padded_key() {
        // RFC 4231 case 2 has the key "Jefe"; HMAC pads keys with zeros, so 32 bytes of it agree.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            hex::encode(hmac(&key, &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
