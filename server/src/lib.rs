//! Kaisatsu's server: issuer, ledger, claims and feed.

pub mod adapters;
pub mod audit;
pub mod claims;
pub mod issuing;
pub mod ledger;
pub mod people;
pub mod secret;
pub mod store;
pub mod vault;
pub mod world;
