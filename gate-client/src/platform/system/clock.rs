//! The clock adapter: the one place of the gate that reads the system's clocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kaisatsu_shared::time::UnixMillis;

use crate::time::{Reading, SystemTrust};

/// How the system's clock is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockOptions {
    /// What it is worth.
    pub(crate) trust: SystemTrust,
    /// Added to every reading, in milliseconds: for simulations only.
    pub(crate) offset: i64,
}

/// The system's time of day and a clock that never jumps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Duration,
    offset: i64,
}

impl Clock {
    /// A clock whose monotonic time starts now. `offset` is added to the time of day.
    pub(crate) fn new(offset: i64) -> Self {
        Self { start: since_boot(), offset }
    }

    /// Milliseconds since the clock was made, those asleep included.
    pub(crate) fn monotonic(&self) -> u64 {
        let passed = since_boot().saturating_sub(self.start);
        u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
    }

    /// The system's time of day.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn wall(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        UnixMillis(millis.saturating_add_signed(self.offset))
    }

    /// Both.
    pub(crate) fn read(&self) -> Reading {
        Reading { monotonic: self.monotonic(), system: self.wall() }
    }

    /// How long it is until a monotonic time.
    pub(crate) fn until(&self, monotonic: u64) -> Duration {
        Duration::from_millis(monotonic.saturating_sub(self.monotonic()))
    }
}

/// Time since the device started. A tablet sleeps with its lid closed, and a clock that doesn't
/// count that would make an old time look fresh.
fn since_boot() -> Duration {
    // What counts sleep is `CLOCK_BOOTTIME` on Linux and `CLOCK_MONOTONIC` on macOS.
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
