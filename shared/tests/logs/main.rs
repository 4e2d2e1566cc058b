//! Journal and ledger: one spelling, chained, and a fold that never guesses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod draw;
mod following;
mod spelling;
