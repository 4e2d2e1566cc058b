//! The clock display: a reverse hash chain, so that a gate checks without a secret.
//!
//! The last link is an HMAC under the issuer's display key; each earlier link is the hash of the
//! later one; link 0 is signed in the token. At step t the phone shows link t. Whoever captured
//! it can compute earlier links only. `shared/TOKEN.md` gives the bytes.

mod cache;
mod chain;
mod window;

pub use cache::{LinkCache, verify_link};
pub use chain::{Chain, ChainId};
pub use window::{ClockWindow, Freshness, freshness};

/// Bytes of the signed part: anchor 16, start 4, steps 2.
pub(crate) const PART_BYTES: usize = 22;
/// Bytes after the token's signature: step 2, link 16.
pub(crate) const SUFFIX_BYTES: usize = 18;

/// How long one step is shown.
pub const STEP_SECONDS: u32 = 10;
