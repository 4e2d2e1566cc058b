//! The engine's tests: tables of what must happen, and random histories against a model.

// Counts of a few entries are cast freely here.
#![allow(clippy::cast_possible_truncation)]

mod by_hand;
mod capacity;
mod checks;
mod claims;
mod disk;
mod event;
mod exits;
mod fetching;
mod gate;
mod granting;
mod handing;
mod heard;
mod histories;
mod hub;
mod hub_link;
mod interruptions;
mod interventions;
mod leases;
mod questions;
mod renewing;
mod restored;
mod revoked;
mod server;
mod shares;
mod sync;
mod world;
