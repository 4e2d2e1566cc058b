//! What every HTTP message of `/api/v1` has in common.

use serde::{Deserialize, Serialize};

use crate::bundle::SignedRevocation;

/// The newest protocol version this program speaks, and the oldest. A gate sends both in
/// [`PROTOCOL_HEADER`]; the server answers with the version it chose, or refuses with
/// `protocol_unsupported` and a sentence that says which side to update.
pub const PROTOCOL: ProtocolRange = ProtocolRange { oldest: 1, newest: 1 };

/// The header that carries protocol versions: `1` or `1-3`.
pub const PROTOCOL_HEADER: &str = "kaisatsu-protocol";

/// A range of protocol versions, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolRange {
    /// The oldest version spoken.
    pub oldest: u16,
    /// The newest version spoken.
    pub newest: u16,
}

/// What two sides agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negotiated {
    /// Both speak this version.
    Version(u16),
    /// The other side is too old and must be updated.
    TheyAreOlder,
    /// This side is too old and must be updated.
    TheyAreNewer,
}

impl ProtocolRange {
    /// The newest version that both sides speak.
    #[must_use]
    pub fn negotiate(self, they: Self) -> Negotiated {
        if they.newest < self.oldest {
            Negotiated::TheyAreOlder
        } else if they.oldest > self.newest {
            Negotiated::TheyAreNewer
        } else {
            Negotiated::Version(self.newest.min(they.newest))
        }
    }
}

impl core::fmt::Display for ProtocolRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}-{}", self.oldest, self.newest)
    }
}

impl core::str::FromStr for ProtocolRange {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (oldest, newest) = text.split_once('-').unwrap_or((text, text));
        let parse = |part: &str| part.trim().parse::<u16>().map_err(|_| ());
        let range = Self { oldest: parse(oldest)?, newest: parse(newest)? };
        if range.oldest <= range.newest { Ok(range) } else { Err(()) }
    }
}

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the code tells the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code, lower case with underscores.
    pub code: String,
    /// What is wrong and what to do, in one sentence.
    pub title: String,
    /// More about this one case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `device_revoked`: the root key's word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Box<SignedRevocation>>,
}

impl Problem {
    /// A problem with its status, stable code and sentence.
    #[must_use]
    pub fn new(status: u16, code: &str, title: &str) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            status,
            code: code.to_owned(),
            title: title.to_owned(),
            detail: None,
            revocation: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_negotiated() {
        let range = |oldest, newest| ProtocolRange { oldest, newest };
        let us = range(2, 4);
        for (they, expected) in [
            (range(1, 1), Negotiated::TheyAreOlder),
            (range(1, 2), Negotiated::Version(2)),
            (range(3, 9), Negotiated::Version(4)),
            (range(5, 9), Negotiated::TheyAreNewer),
        ] {
            assert_eq!(us.negotiate(they), expected, "{they}");
        }
        assert_eq!("1".parse(), Ok(range(1, 1)));
        assert_eq!("2-4".parse(), Ok(us));
        for bad in ["", "x", "4-2", "1-", "70000"] {
            assert_eq!(bad.parse::<ProtocolRange>(), Err(()), "{bad}");
        }
    }
}
