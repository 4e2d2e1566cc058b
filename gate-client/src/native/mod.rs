//! The gate on an operating system: its clock, its randomness, and the loop that carries out what
//! the engine says.

mod answers;
mod clock;
mod closing;
mod hook;
mod link_file;
mod random;
mod runtime;

pub(crate) use clock::{Clock, ClockOptions};
pub(crate) use link_file::LinkFile;
pub(crate) use random::random;
pub(crate) use runtime::{Settings, run};
