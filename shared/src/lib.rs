//! The domain of Kaisatsu: what a ticket is, who may pass a gate, and how gates and server
//! prove afterwards what happened.
//!
//! The crate is pure: no I/O, no clock, no randomness. Time enters as [`time::TimeInterval`] or
//! [`time::UnixSeconds`], randomness as bytes. It builds for native targets and for
//! `wasm32-unknown-unknown`, so the server, the Raspberry Pi and the tablet's browser decide
//! with the same code.

pub mod api;
pub mod bundle;
pub mod calendar;
pub mod claims;
pub mod display;
pub mod hash;
pub mod id;
pub mod journal;
pub mod key;
pub mod lease;
pub mod ledger;
pub mod operator;
pub mod place;
pub mod planted;
pub mod reason;
pub mod right;
pub mod roster;
pub mod rules;
pub mod seal;
pub mod sync;
pub mod time;
pub mod token;
pub mod validity;
pub mod wire;
