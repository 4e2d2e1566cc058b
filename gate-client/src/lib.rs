//! The gate client: it scans, decides (also alone), keeps a journal and syncs.
//!
//! [`engine`] is the state machine without I/O; the other modules are adapters around it. The feature `native` adds all that
//! needs an operating system, the feature `browser` what a worker of a page runs instead; `native` wins. Without either the
//! engine builds for wasm32 and imports nothing.

#[cfg(all(feature = "browser", not(feature = "native")))]
pub mod browser;
#[cfg(feature = "native")]
pub mod cli;
pub mod engine;
#[cfg(any(feature = "native", feature = "browser"))]
mod entrance;
#[cfg(any(feature = "native", feature = "browser"))]
mod face;
#[cfg(feature = "native")]
mod hub;
#[cfg(feature = "native")]
mod kiosk;
pub mod lan;
#[cfg(any(feature = "native", feature = "browser"))]
mod link;
#[cfg(feature = "native")]
mod native;
pub mod operators;
#[cfg(any(feature = "native", feature = "browser"))]
mod platform;
pub mod scan;
#[cfg(any(feature = "native", feature = "browser"))]
pub mod store;
pub mod time;
