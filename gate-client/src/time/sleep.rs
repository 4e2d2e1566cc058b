//! Whether the device may have slept while its monotonic clock stood still, as it does in some browsers. The system's
//! clock goes on meanwhile, so the two drift apart. They also do where somebody sets the clock: that can't be told apart,
//! and is taken for a sleep.

use super::Reading;

/// So much may the system's clock get ahead by itself, in milliseconds, as NTP slews it.
const TOLERATED: u64 = 500;

/// Watches both clocks.
#[derive(Clone, Copy, Debug)]
pub struct SleepWatch {
    /// Since when nothing was noticed.
    since: Reading,
}

impl SleepWatch {
    /// Watches from this reading on.
    #[must_use]
    pub const fn start(reading: Reading) -> Self {
        Self { since: reading }
    }

    /// Whether more time may have passed since then than the monotonic clock counted. Said once of each sleep.
    pub const fn has_slept(&mut self, reading: Reading) -> bool {
        let (counted, unnoticed) = (self.counted(reading), self.unnoticed(reading));
        let expected = self.since.system.0.saturating_add(counted);
        let slept = reading.system.0 > expected.saturating_add(unnoticed);
        // Behind a clock that was set back the next sleep would hide.
        let set_back = reading.system.0.saturating_add(unnoticed) < expected;
        if slept || set_back {
            self.since = reading;
        }
        slept
    }

    /// How much time, in milliseconds, may have passed that was neither counted nor taken for a sleep: each clock may be off
    /// by 200 ppm.
    #[must_use]
    pub const fn unnoticed(&self, reading: Reading) -> u64 {
        TOLERATED.saturating_add(self.counted(reading) / 2_500)
    }

    const fn counted(&self, reading: Reading) -> u64 {
        reading.monotonic.saturating_sub(self.since.monotonic)
    }
}
