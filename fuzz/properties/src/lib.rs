//! What must hold of any bytes that come from outside: the property of each fuzz target, kept apart
//! from the fuzzer so that an ordinary test replays what it found.
//!
//! A property that doesn't hold panics, like an assertion in a test; nothing here is part of a product.
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the whole crate is test code"
)]

pub mod bundle_open;
mod draw;
pub mod feed_page;
mod gate;
mod house;
pub mod journal_decode;
pub mod journal_upload;
pub mod ledger_decode;
pub mod scanner_text;
pub mod token_decode;

/// A fuzz target: its name and its property.
pub type Target = (&'static str, fn(&[u8]));

/// Every fuzz target.
pub const TARGETS: &[Target] = &[
    ("bundle_open", bundle_open::holds),
    ("feed_page", feed_page::holds),
    ("journal_decode", journal_decode::holds),
    ("journal_upload", journal_upload::holds),
    ("ledger_decode", ledger_decode::holds),
    ("scanner_text", scanner_text::holds),
    ("token_decode", token_decode::holds),
];
