//! Benches of Kaisatsu, each beside its limit.

pub mod claims;
pub mod micro;
pub mod paired;
