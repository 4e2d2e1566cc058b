//! What the gate needs of whatever it runs on, an operating system or a browser's worker: tasks, waiting, the clock,
//! randomness. Link and loop ask for them nowhere else.

#[cfg(not(feature = "native"))]
mod browser;
mod random;
#[cfg(feature = "native")]
mod system;

#[cfg(not(feature = "native"))]
pub(crate) use browser::{Clock, MISSES_SLEEP, beside, halt, sleep, spawn, timeout};
pub(crate) use random::random;
#[cfg(feature = "native")]
pub(crate) use system::{Clock, ClockOptions, MISSES_SLEEP, beside, halt, sleep, spawn, timeout};

/// It took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed;
