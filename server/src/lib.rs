//! Kaisatsu's server: issuer, ledger and feed.

pub mod adapters;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod config;
pub mod export;
pub mod http;
pub mod import;
pub mod issuing;
pub mod leasing;
pub mod ledger;
pub mod link;
pub mod people;
pub mod pin;
pub mod render;
pub mod secret;
pub mod store;
pub mod trial;
pub mod vault;
pub mod world;
