//! A page of the feed is believed only if the root key signed its end and its entries lead there.

use kaisatsu_shared::{
    id::{EventId, InstallationId},
    key::RootPublic,
    ledger::{Cursor, LedgerEntry},
    sync::FeedPage,
};

/// Why a page isn't believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PageError {
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

/// Checks `page`, which was asked for from `cursor`.
pub(super) fn verify(
    page: &FeedPage,
    cursor: Cursor,
    installation: InstallationId,
    event: EventId,
    root: &RootPublic,
) -> Result<(), PageError> {
    if page.end.event != event || !page.end.verify(installation, root) {
        return Err(PageError::Signature);
    }
    let broken = PageError::Chain { from: cursor.sequence };
    let mut at = cursor;
    for bytes in &page.entries {
        let Ok(entry) = LedgerEntry::decode(bytes) else { return Err(broken) };
        let next = at.sequence.saturating_add(1);
        if entry.previous != at.hash || entry.sequence != next || entry.event != event {
            return Err(broken);
        }
        let hash = Cursor::hash_of(installation, bytes);
        at = Cursor { epoch: entry.epoch, sequence: entry.sequence, hash };
    }
    let end = page.end.cursor;
    if (end.sequence, end.hash) == (at.sequence, at.hash) { Ok(()) } else { Err(broken) }
}
