//! The server's side of the ledger: what an uploaded journal adds to it.

mod accept;
mod batch;

pub use accept::{Acceptance, accept_entry};
pub use batch::{BatchError, CheckedBatch, CheckedEntry, Place};

#[cfg(test)]
mod tests;
