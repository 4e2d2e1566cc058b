//! The clock adapter: the one place of the gate that reads the system's clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kaisatsu_shared::time::{TimeInterval, UnixMillis};

use crate::engine::Now;

/// How the system's clock is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockOptions {
    /// How far it may be off in either direction, in milliseconds.
    pub(crate) uncertainty: u64,
    /// Added to every reading, in milliseconds: for simulations only.
    pub(crate) offset: i64,
}

/// Time of day and monotonic time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    options: ClockOptions,
}

impl Clock {
    /// A clock whose monotonic time starts now.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn new(options: ClockOptions) -> Self {
        Self { start: Instant::now(), options }
    }

    /// Milliseconds since the clock was made.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn monotonic(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The time of day.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn wall(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        UnixMillis(millis.saturating_add_signed(self.options.offset))
    }

    /// Both, as the engine takes them.
    pub(crate) fn now(&self) -> Now {
        let time = TimeInterval::around(self.wall(), self.options.uncertainty);
        Now { monotonic: self.monotonic(), time }
    }

    /// How long it is until a monotonic time.
    pub(crate) fn until(&self, monotonic: u64) -> Duration {
        Duration::from_millis(monotonic.saturating_sub(self.monotonic()))
    }
}
