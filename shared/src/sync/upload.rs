//! The journal's way up: `POST /api/v1/device/journal`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, InstallationId},
    journal::{JournalEntry, JournalHead, SignedJournalHead},
    key::DevicePublic,
    ledger::LastUse,
};

/// Most entries in one batch.
pub const MAX_BATCH_ENTRIES: usize = 256;

/// Consecutive journal entries. The signed head is that of the last of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalBatch {
    /// The entries' canonical bytes, each in Base64 (RFC 4648).
    #[serde(with = "entries")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub entries: Vec<Vec<u8>>,
    /// The head after the last entry, signed by the device.
    pub head: SignedJournalHead,
}

impl JournalBatch {
    /// The entries, if they are the device's: consecutive, 1 to [`MAX_BATCH_ENTRIES`], and led to the head that
    /// its key signed. Where they belong in its journal is another matter.
    #[must_use]
    pub fn open(
        &self,
        installation: InstallationId,
        device: DeviceId,
        public: &DevicePublic,
    ) -> Option<Vec<JournalEntry>> {
        let signed = self.head.device == device && self.head.verify(installation, public).is_ok();
        let first = self.entries.first().filter(|_| signed)?;
        let first = JournalEntry::decode(first).ok()?;
        let before = JournalHead { number: first.number.checked_sub(1)?, hash: first.previous };
        let bytes = self.entries.iter().map(Vec::as_slice);
        let (end, entries) = before.follow(installation, device, bytes).ok()?;
        (end == self.head.head && entries.len() <= MAX_BATCH_ENTRIES).then_some(entries)
    }
}

/// The answer to a batch: the server has everything up to `acknowledged`, durably.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchAnswer {
    /// The number of the last entry the server has.
    pub acknowledged: u64,
    /// What became of each entry of this batch.
    pub entries: Vec<EntryAnswer>,
    /// Entries whose time can't be: the gate's clock was wrong. They are recorded all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspicious_times: Vec<u64>,
}

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryAnswer {
    /// The entry's number.
    pub number: u64,
    /// Its fate.
    #[serde(flatten)]
    pub fate: EntryFate,
}

/// What became of an uploaded entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum EntryFate {
    /// Recorded.
    Accepted,
    /// Recorded before.
    AlreadyKnown,
    /// Recorded, and in conflict with these uses of the same right.
    Conflict {
        /// The other uses.
        with: Vec<LastUse>,
    },
    /// Recorded, set apart for an admin: the device is revoked, or the entry doesn't fit.
    Quarantined,
}

/// Byte strings as a list of Base64 texts.
mod entries {
    use super::*;

    pub(super) fn serialize<S: serde::Serializer>(
        entries: &[Vec<u8>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(entries.iter().map(|entry| BASE64_STANDARD.encode(entry)))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<u8>>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|text| BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom))
            .collect()
    }
}
