//! The gate on an operating system: its start and end, and what only exists there: a directory, signals, commands
//! from a terminal or a pipe, a turnstile's command, being the venue's hub.

mod commands;
mod hook;
mod hub;
mod open;
mod run;
mod seen;

pub(crate) use run::{Settings, run};
pub(crate) use seen::SeenFile;
