//! Kaisatsu's server: issuer, ledger, claims and feed.

pub mod claims;
pub mod ledger;
