//! A device's journal: its own append-only log of scans, numbered 1, 2, 3 … without holes. Each
//! entry holds the hash of the one before; the device signs the head, and with it all of them.

mod body;
mod entry;
mod head;
mod layout;
mod receipt;

pub use body::JournalBody;
pub use entry::JournalEntry;
pub use head::{JournalHead, SignedJournalHead};
pub use receipt::SignedReceipt;

/// Why a chain of entries doesn't hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The bytes aren't an entry.
    #[error("entry after {after} can't be read: {error}")]
    Malformed {
        /// The last entry that could be read.
        after: u64,
        /// What is wrong with the bytes.
        error: crate::wire::WireError,
    },
    /// A number is missing or repeated.
    #[error("entry {expected} is missing: {found} follows instead")]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An entry doesn't follow from the one before.
    #[error("entry {0} doesn't belong to the entries before it: the log was changed or forked")]
    Broken(u64),
    /// An entry of another device or event.
    #[error("entry {0} belongs to another log")]
    Stranger(u64),
    /// The signature over the head isn't the owner's.
    #[error("the head's signature is not the owner's")]
    BadSignature,
}
