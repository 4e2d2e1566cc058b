//! The clock adapter of a page: the one place that reads the browser's clocks.

use core::time::Duration;

use kaisatsu_shared::time::UnixMillis;
use web_time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::Reading;

/// The system's time of day, and a clock that never jumps (`performance.now`). Whether that goes on while the device
/// sleeps, browsers do differently: [`crate::time::SleepWatch`] looks after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock whose monotonic time starts now.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    /// Milliseconds since the clock was made.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn monotonic(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The system's time of day.
    #[expect(clippy::disallowed_methods, reason = "the clock adapter")]
    pub(crate) fn wall(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
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
