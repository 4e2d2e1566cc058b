//! How a phone shows a token, and what a gate can tell from it.

pub mod clock;
pub mod colour;
pub mod device;
pub mod wallet;
