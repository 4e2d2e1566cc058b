//! A journal that is carried to the server by hand, because its gate can't reach it: one file of JSON
//! lines. The first line says what it is, whose it is and where it ends; each further line is a
//! [`JournalBatch`] as it would have been delivered. It holds what the journal holds: no names, no codes.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::SignedCredential,
    id::{DeviceId, InstallationId},
    journal::{ChainError, JournalHead, SignedJournalHead},
    key::DeviceKey,
};

use super::{JournalBatch, MAX_BATCH_ENTRIES};

/// The largest file that is taken in, in bytes: some 300,000 entries.
pub const MAX_CARRIED_BYTES: usize = 64 << 20;

/// The version of the file's layout.
const VERSION: u32 = 1;

/// A whole journal on its way, as its device signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedJournal {
    /// The installation that it belongs to.
    pub installation: InstallationId,
    /// What the server once vouched for about the device.
    pub credential: SignedCredential,
    /// Where the journal ends.
    pub head: SignedJournalHead,
    /// Its entries from the first on.
    pub batches: Vec<JournalBatch>,
}

/// Why a file isn't taken in. Nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarriedError {
    /// It is larger than [`MAX_CARRIED_BYTES`].
    #[error(
        "the file has more than {MAX_CARRIED_BYTES} bytes, which no exported journal has: check that it is the right file"
    )]
    TooLarge,
    /// It isn't such a file.
    #[error(
        "line {0} isn't one of a journal's: give a file that `kaisatsu-gate journal export --signed` wrote"
    )]
    Unreadable(usize),
    /// A newer program wrote it.
    #[error("the file has the layout {0}, which is newer than this program: update it")]
    Newer(u32),
    /// It ends early.
    #[error("the file ends after entry {has} of {all}: copy it again, whole")]
    Truncated {
        /// The last entry that is there.
        has: u64,
        /// The last entry that its device wrote.
        all: u64,
    },
    /// The device isn't one of this installation's.
    #[error(
        "the device is another installation's: take its journal in at the server that it was enrolled with"
    )]
    Foreign,
    /// It isn't what the device signed.
    #[error("the file isn't as its device signed it ({0}): export and carry it again")]
    Changed(String),
}

impl CarriedError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "carried_too_large",
            Self::Unreadable(_) => "carried_unreadable",
            Self::Newer(_) => "carried_newer",
            Self::Truncated { .. } => "carried_truncated",
            Self::Foreign => "carried_foreign",
            Self::Changed(_) => "carried_changed",
        }
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    kaisatsu_journal: u32,
    installation: InstallationId,
    credential: SignedCredential,
    head: SignedJournalHead,
}

/// What a first line of any version has.
#[derive(Deserialize)]
struct AnyHeader {
    kaisatsu_journal: u32,
}

impl CarriedJournal {
    /// Signs a whole journal, given as canonical bytes from entry 1 on, in batches.
    ///
    /// # Errors
    /// [`ChainError`] if the entries don't hold together.
    pub fn sign(
        installation: InstallationId,
        credential: SignedCredential,
        device: DeviceId,
        entries: &[Vec<u8>],
        key: &DeviceKey,
    ) -> Result<Self, ChainError> {
        let sign = |head| SignedJournalHead::sign(installation, device, head, key);
        let mut end = JournalHead::default();
        let mut batches = Vec::new();
        for entries in entries.chunks(MAX_BATCH_ENTRIES) {
            let bytes = entries.iter().map(Vec::as_slice);
            (end, _) = end.follow(installation, device, bytes)?;
            batches.push(JournalBatch { entries: entries.to_vec(), head: sign(end) });
        }
        Ok(Self { installation, credential, head: sign(end), batches })
    }

    /// The file.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut file = Vec::new();
        let header = Header {
            kaisatsu_journal: VERSION,
            installation: self.installation,
            credential: self.credential.clone(),
            head: self.head.clone(),
        };
        serde_json::to_writer(&mut file, &header)?;
        file.push(b'\n');
        for batch in &self.batches {
            serde_json::to_writer(&mut file, batch)?;
            file.push(b'\n');
        }
        Ok(file)
    }

    /// Reads a file. Whether it is what a device of ours signed isn't looked at, but for its end: a file
    /// that was cut off between two lines is told as such.
    ///
    /// # Errors
    /// [`CarriedError`], never `Foreign`.
    pub fn read(file: &[u8]) -> Result<Self, CarriedError> {
        if file.len() > MAX_CARRIED_BYTES {
            return Err(CarriedError::TooLarge);
        }
        let whole = file.strip_suffix(b"\n");
        let mut lines = whole.unwrap_or(file).split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let any: AnyHeader =
            serde_json::from_slice(first).map_err(|_| CarriedError::Unreadable(1))?;
        if any.kaisatsu_journal > VERSION {
            return Err(CarriedError::Newer(any.kaisatsu_journal));
        }
        let Header { kaisatsu_journal, installation, credential, head } =
            serde_json::from_slice(first).map_err(|_| CarriedError::Unreadable(1))?;
        if kaisatsu_journal != VERSION {
            return Err(CarriedError::Unreadable(1));
        }
        let mut batches: Vec<JournalBatch> = Vec::new();
        let last =
            |batches: &[JournalBatch]| batches.last().map_or(0, |last| last.head.head.number);
        let truncated = |batches: &[JournalBatch]| CarriedError::Truncated {
            has: last(batches),
            all: head.head.number,
        };
        let mut lines = lines.enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            match serde_json::from_slice(line) {
                Ok(batch) => batches.push(batch),
                Err(_) if whole.is_none() && lines.peek().is_none() => {
                    return Err(truncated(&batches));
                }
                Err(_) => return Err(CarriedError::Unreadable(index.saturating_add(2))),
            }
        }
        if last(&batches) < head.head.number {
            return Err(truncated(&batches));
        }
        Ok(Self { installation, credential, head, batches })
    }
}
