//! The gate as a program, cut off from its server: what staff and the turnstile get to see; and the
//! engine under every hostile code.

#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod disk;
mod exits;
mod hook;
mod hostile;
mod house;
mod pipes;
mod rules;
mod staff;
mod time;
