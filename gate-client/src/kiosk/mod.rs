//! The gate's page on this machine: a browser in full screen shows what the gate says, staff tap what they would
//! otherwise type. It is served on the loopback address only, and to nobody but its own page.

mod board;
mod door;
mod files;
mod serve;

pub(crate) use board::Board;
pub(crate) use serve::{bind, serve};
