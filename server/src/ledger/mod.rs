//! The server's side of the ledger: what an uploaded journal adds to it.

mod accept;

pub use accept::{Acceptance, accept_entry};

#[cfg(test)]
mod tests;
