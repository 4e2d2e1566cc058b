//! What a gate client keeps over a restart: its enrolment and key, the journal, the ledger as far as it was followed, and
//! some notes. On an operating system that is a directory with an SQLite database (`sqlite`), which one process writes
//! while `status` and `journal` read beside it; in a page it is rows of the page's database (`rows`).

mod enrolment;
mod error;
mod load;
mod notes;
#[cfg(any(test, not(feature = "native")))]
pub mod rows;
#[cfg(feature = "native")]
pub mod sqlite;
#[cfg(test)]
mod tests;
mod wiped;

pub use enrolment::Enrolment;
pub use error::StoreError;
pub use load::{Loaded, load};
pub use notes::Notes;
#[cfg(feature = "native")]
pub use sqlite::{Directory, Lock, Sqlite};
pub use wiped::Wiped;

use kaisatsu_shared::{
    bundle::{Revocation, SignedBundle},
    id::EventId,
    ledger::SignedCursor,
};

use crate::engine::{Intent, Record};

/// The store of a gate that runs here.
#[cfg(feature = "native")]
pub(crate) type Kept = Sqlite;
/// The store of a gate that runs here.
#[cfg(not(feature = "native"))]
pub(crate) type Kept = rows::RowStore;

/// What keeps it. Whatever returns well is durable; whatever fails has changed nothing, unless it is
/// [`StoreError::Fsync`]: then nobody knows, and the gate must end.
///
/// Its methods are asynchronous because a page's database answers later. SQLite's never wait for anything else.
#[expect(async_fn_in_trait, reason = "the loop and all that it calls stay on one thread")]
pub trait Store {
    /// Makes all `records` durable, or none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn apply(&mut self, records: &[Record]) -> Result<(), StoreError>;

    /// Keeps an enrolment, which can't be replaced. What was noted of an earlier device, that was revoked and wiped, is
    /// over.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError>;

    /// The enrolment, if there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn enrolment(&self) -> Result<Option<Enrolment>, StoreError>;

    /// The journal's entries in canonical bytes and order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn journal(&self) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The ledger's entries in canonical bytes and order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn ledger(&self) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Where the server signed the ledger's pages after entry `after`, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn page_ends(&self, event: EventId, after: u64) -> Result<Vec<SignedCursor>, StoreError>;

    /// Claims under way. After a start they are only given up: which way how many went isn't kept everywhere.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn intents(&self) -> Result<Vec<Intent>, StoreError>;

    /// The bundle, as it came.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn bundle(&self) -> Result<Option<SignedBundle>, StoreError>;

    /// What was noted under this name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn note(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Notes something, in place of what there was; of a device that was wiped nothing more.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError>;

    /// Forgets what was noted.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError>;

    /// Drops what this device knew of the event: ledger, rules with operators, claims under way. Journal,
    /// credential and key stay.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is dropped then.
    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError>;

    /// Deletes journal and credential. Nothing is written from then on; the key goes with
    /// [`Store::finish_wipe`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    async fn wipe(&mut self, wiped: &Wiped) -> Result<(), StoreError>;

    /// Deletes the key of a device that was wiped, and cleans up as [`Store::scrub`] does. May be done again.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn finish_wipe(&mut self) -> Result<bool, StoreError>;

    /// Removes what is left of what was deleted, as far as a program can. False if that is to be done later.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn scrub(&mut self) -> Result<bool, StoreError>;
}
