//! Kaisatsu's server: issuer, ledger, claims and feed.

pub mod adapters;
pub mod claims;
pub mod ledger;
pub mod store;
pub mod vault;
pub mod world;
