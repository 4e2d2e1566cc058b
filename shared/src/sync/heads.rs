//! Ends of journals on their way, without the entries: a gate sends its own with what it asks, and passes on
//! what it heard of others, so that entries that nobody got are known to be missing.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Credential, SignedCredential},
    id::{DeviceId, EventId, InstallationId},
    journal::{JournalHead, SignedJournalHead},
    key::{RootPublic, Signature64},
};

/// The header in which a gate sends the end of its own journal, to the server or to a hub: number, hash and
/// signature ([`SignedJournalHead`]), the latter two in hexadecimal, with a `:` between each.
pub const HEAD_HEADER: &str = "kaisatsu-journal-head";

/// Most ends in one message.
pub const MAX_HEADS: usize = 64;

impl SignedJournalHead {
    /// As [`HEAD_HEADER`] has it.
    #[must_use]
    pub fn to_header(&self) -> String {
        let JournalHead { number, hash } = self.head;
        format!("{number}:{}:{}", hex::encode(hash), self.signature)
    }

    /// What `device` sent in [`HEAD_HEADER`], if it is one. Whether it signed that isn't looked at.
    #[must_use]
    pub fn from_header(device: DeviceId, text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (number, hash, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (mut head, mut signed) = (JournalHead::default(), [0; 64]);
        head.number = number.parse().ok()?;
        hex::decode_to_slice(hash, &mut head.hash).ok()?;
        hex::decode_to_slice(signature, &mut signed).ok()?;
        Some(Self { device, head, signature: Signature64(signed) })
    }
}

/// The end of another device's journal, passed on. The device's signature vouches for it, not who passes it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeardHead {
    /// Whose it is.
    pub credential: SignedCredential,
    /// The end.
    pub head: SignedJournalHead,
}

impl HeardHead {
    /// The device, if the installation signed its credential for this event and the device's key the end.
    #[must_use]
    pub fn open(
        &self,
        root: &RootPublic,
        installation: InstallationId,
        event: EventId,
    ) -> Option<Credential> {
        let credential = self.credential.open(root, installation)?;
        let known = credential.event == event && credential.device == self.head.device;
        let signed = known && self.head.verify(installation, &credential.public).is_ok();
        signed.then_some(credential)
    }
}

/// `POST /api/v1/device/heads`: what a gate heard of others, at most [`MAX_HEADS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HeardHeads {
    /// The ends.
    pub heads: Vec<HeardHead>,
}

/// The answer to [`HeardHeads`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadsNoted {
    /// How many of them lie beyond what was known before.
    pub news: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::DeviceKey;

    #[test]
    fn a_header_comes_through_as_it_was_signed_or_not_at_all() {
        let (installation, device) = (InstallationId([3; 16]), DeviceId(7));
        let key = DeviceKey::from_seed([1; 32]);
        let head = JournalHead { number: 131, hash: [9; 32] };
        let signed = SignedJournalHead::sign(installation, device, head, &key);
        let text = signed.to_header();
        let read = SignedJournalHead::from_header(device, &text).unwrap();
        assert_eq!(read, signed);
        assert!(read.verify(installation, &key.public()).is_ok());
        let other = SignedJournalHead::from_header(DeviceId(8), &text).unwrap();
        assert!(other.verify(installation, &key.public()).is_err(), "another device's");
        let cut = text.get(..text.len() - 1).unwrap();
        for bad in
            ["", ":", "::", "131", "-1:00:00", cut, &format!("{text}:"), &text.replace("131", "x")]
        {
            assert_eq!(SignedJournalHead::from_header(device, bad), None, "{bad}");
        }
    }
}
