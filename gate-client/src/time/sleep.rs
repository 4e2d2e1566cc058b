//! Whether the device may have slept without the monotonic clock's counting it, as it is in some browsers. The
//! system's clock goes on meanwhile: so the two drift apart, which they also do where somebody sets the clock.

use super::Reading;

/// So far may they drift apart by themselves, in milliseconds: NTP slews the system's clock a little.
const TOLERATED: u64 = 500;

/// Watches both clocks.
#[derive(Clone, Copy, Debug)]
pub struct SleepWatch {
    /// Readings between which nothing was noticed.
    since: Reading,
}

impl SleepWatch {
    /// Watches from this reading on.
    #[must_use]
    pub const fn start(reading: Reading) -> Self {
        Self { since: reading }
    }

    /// Whether more time may have passed than the monotonic clock counted. Said once of each sleep.
    pub const fn has_slept(&mut self, reading: Reading) -> bool {
        let counted = reading.monotonic.saturating_sub(self.since.monotonic);
        let passed = reading.system.0.saturating_sub(self.since.system.0);
        let slept = passed > counted.saturating_add(TOLERATED);
        // A clock that was set back would hide the next sleep behind itself.
        let set_back = passed.saturating_add(TOLERATED) < counted;
        if slept || set_back {
            self.since = reading;
        }
        slept
    }
}
