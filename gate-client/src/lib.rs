//! The gate client: it scans, decides (also alone), keeps a journal and syncs.
//!
//! [`engine`] is the state machine without I/O; the other modules are adapters around it. Without
//! the feature `native` only what a browser can carry is built.

#[cfg(feature = "native")]
pub mod cli;
pub mod engine;
#[cfg(feature = "native")]
mod entrance;
#[cfg(feature = "native")]
mod face;
#[cfg(feature = "native")]
mod hub;
#[cfg(feature = "native")]
mod kiosk;
pub mod lan;
#[cfg(feature = "native")]
mod link;
#[cfg(feature = "native")]
mod native;
pub mod operators;
#[cfg(feature = "native")]
mod platform;
pub mod scan;
#[cfg(feature = "native")]
pub mod store;
pub mod time;
