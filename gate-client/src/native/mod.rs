//! The gate on an operating system: its clock, its randomness, and the loop that carries out what
//! the engine says.

mod closing;
mod command;
mod commands;
mod effects;
mod entrance;
mod front;
mod gate;
mod hook;
mod hub;
mod link_events;
mod offering;
mod open;
mod revoked;
mod route;
mod run;
mod search;
mod seen;
mod staff;
mod timing;
mod told;

pub(crate) use run::{Settings, run};
pub(crate) use seen::SeenFile;
