//! The server's side of the ledger: what an uploaded journal adds to it.

mod accept;
mod batch;
mod carried;
mod chain;
mod conflict;
mod intake;
mod recover;
mod restate;
mod tails;

pub use accept::{Acceptance, accept_entry};
pub use batch::{BatchError, CheckedBatch, CheckedEntry, Place};
pub use carried::CheckedJournal;
pub use chain::name_lanes;
pub use intake::{Keeper, Sender, TakenIn, take_in};
pub use recover::{Recovering, Rollback, Unfitting, first_free, is_recovered, rollback, take_page};
pub use restate::{Restated, restate};
pub use tails::{EndPlace, KnownEnds, Reached, missing, place_end, reached};

#[cfg(test)]
mod tests;
