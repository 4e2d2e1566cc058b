//! The store of a gate in a page: what is kept are rows, each under a key of its table. What keeps them, IndexedDB, is the
//! page's own matter ([`Rows`]); which rows they are stands here, so that it can be tried without a browser.

#[cfg(test)]
pub(super) mod memory;
mod store;

pub use store::RowStore;

use std::pin::Pin;

use super::StoreError;

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// The journal's entries by number.
    Journal,
    /// The ledger's entries by sequence.
    Ledger,
    /// Where the server signed the ledger's pages, by sequence.
    PageEnds,
    /// Claims under way, by key.
    Intents,
    /// What was noted, by name.
    Notes,
    /// Enrolment, bundle and key.
    Documents,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Journal, Self::Ledger, Self::PageEnds, Self::Intents, Self::Notes, Self::Documents];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Ledger => "ledger",
            Self::PageEnds => "page_ends",
            Self::Intents => "intents",
            Self::Notes => "notes",
            Self::Documents => "documents",
        }
    }
}

/// A row's key. Numbers have as many digits as it takes to sort like text.
pub type Key = String;

/// A change of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new row; that there is one under this key refuses all the changes.
    Add(Table, Key, Vec<u8>),
    /// A row, in place of what there was.
    Put(Table, Key, Vec<u8>),
    /// No row under this key any more.
    Delete(Table, Key),
    /// No rows after this key any more.
    DeleteAfter(Table, Key),
    /// No rows any more.
    Clear(Table),
}

/// The rows of a table in the order of their keys.
pub type Sorted = Vec<(Key, Vec<u8>)>;

/// Something to wait for. A page has one thread.
pub type Wait<T> = Pin<Box<dyn Future<Output = T>>>;

/// Where rows are kept. Nobody else changes them meanwhile.
pub trait Rows {
    /// All rows of a table in the order of their keys.
    fn all(&self, table: Table) -> Wait<Result<Sorted, StoreError>>;

    /// One row.
    fn one(&self, table: Table, key: Key) -> Wait<Result<Option<Vec<u8>>, StoreError>>;

    /// Makes all changes, in order, and durable, or none.
    fn change(&self, changes: Vec<Change>) -> Wait<Result<(), StoreError>>;
}
