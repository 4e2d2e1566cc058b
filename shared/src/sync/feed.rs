//! The ledger's way down: `GET /api/v1/device/feed?epoch=E&after=N`. The answer is one page of
//! entries in their canonical bytes, signed at its end. An empty page means: nothing new yet.
//!
//! A first download is the same feed from sequence 0: issued tickets are arrays of fingerprints.

use crate::{
    id::{Epoch, EventId, InstallationId},
    key::{RootPublic, Signature64},
    ledger::{Cursor, LedgerEntry, SignedCursor},
    wire::{Reader, WireError, Writer},
};

/// A server stops adding entries to a page at this size.
pub const MAX_PAGE_BYTES: usize = 1 << 20;

const VERSION: u8 = 1;

/// A page of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    /// The entries after the cursor asked from, in order.
    pub entries: Vec<Vec<u8>>,
    /// The cursor after the last of them.
    pub end: SignedCursor,
}

/// Why a page can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Not a page.
    #[error("the server's answer can't be read: {0}")]
    Malformed(#[from] WireError),
    /// The end isn't signed by the installation's root key, or is another event's.
    #[error("its end is not signed by this installation")]
    Signature,
    /// The entries don't lead from the cursor to the end.
    #[error("its entries don't lead from entry {from} to its end")]
    Chain {
        /// The sequence number asked from.
        from: u64,
    },
}

impl FeedPage {
    /// The page's bytes (`application/octet-stream`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let size = self.entries.iter().map(|entry| entry.len() + 4).sum::<usize>() + 128;
        let mut writer = Writer::with_capacity(size);
        writer.u8(VERSION).u32(self.end.event.0);
        writer.u32(self.end.cursor.epoch.0).u64(self.end.cursor.sequence);
        writer.bytes(&self.end.cursor.hash).bytes(&self.end.signature.0);
        for entry in &self.entries {
            // An entry is at most some 8 kB.
            writer.u32(u32::try_from(entry.len()).unwrap_or(u32::MAX)).bytes(entry);
        }
        writer.finish()
    }

    /// Reads a page's bytes.
    ///
    /// # Errors
    /// [`FeedError::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FeedError> {
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            VERSION => {}
            newer => return Err(WireError::Version(newer).into()),
        }
        let event = EventId(reader.u32()?);
        let cursor =
            Cursor { epoch: Epoch(reader.u32()?), sequence: reader.u64()?, hash: reader.array()? };
        let end = SignedCursor { event, cursor, signature: Signature64(reader.array()?) };
        let mut entries = Vec::new();
        let mut rest = reader.rest();
        while !rest.is_empty() {
            let mut reader = Reader::new(rest);
            let length = usize::try_from(reader.u32()?).map_err(|_| WireError::TooLong("entry"))?;
            let body = reader.rest();
            let (entry, after) = body.split_at_checked(length).ok_or(WireError::Truncated)?;
            entries.push(entry.to_vec());
            rest = after;
        }
        Ok(Self { entries, end })
    }

    /// Checks the page that was asked for from `cursor`: it is believed only if the root key signed
    /// its end and its entries lead there.
    ///
    /// # Errors
    /// [`FeedError::Signature`] and [`FeedError::Chain`].
    pub fn verify(
        &self,
        cursor: Cursor,
        installation: InstallationId,
        event: EventId,
        root: &RootPublic,
    ) -> Result<(), FeedError> {
        if self.end.event != event || !self.end.verify(installation, root) {
            return Err(FeedError::Signature);
        }
        let broken = FeedError::Chain { from: cursor.sequence };
        let mut at = cursor;
        for bytes in &self.entries {
            let entry = LedgerEntry::decode(bytes).map_err(|_| broken)?;
            let next = at.sequence.saturating_add(1);
            if entry.previous != at.hash || entry.sequence != next || entry.event != event {
                return Err(broken);
            }
            let hash = Cursor::hash_of(installation, bytes);
            at = Cursor { epoch: entry.epoch, sequence: entry.sequence, hash };
        }
        let end = self.end.cursor;
        if (end.sequence, end.hash) == (at.sequence, at.hash) { Ok(()) } else { Err(broken) }
    }
}
