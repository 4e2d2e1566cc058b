//! The operating system's clock and random source: the only place of the store's side that reads
//! either.
#![allow(clippy::disallowed_methods)]

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use kaisatsu_shared::time::UnixMillis;

use crate::world::{Clock, Entropy, NoEntropy, World};

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}

/// Clock and random source of the operating system.
#[must_use]
pub fn system() -> World {
    World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
}
