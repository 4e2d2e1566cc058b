//! A device's clocks: the monotonic one drifts, the system's is what somebody set it to.

use kaisatsu_gate::time::Reading;
use kaisatsu_shared::time::UnixMillis;

use crate::{house::OPENING, schedule::MILLI};

/// The clocks of one device.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// How fast they go wrong, in millionths.
    pub ppm: i64,
    /// How far the system's is off, in milliseconds; nothing where no battery keeps it.
    pub system: Option<i64>,
    /// When the process started: the monotonic clock begins there.
    pub started: u64,
}

/// The true time of day.
#[must_use]
pub const fn truth(now: u64) -> UnixMillis {
    OPENING.to_millis().plus(now / MILLI)
}

impl Clocks {
    /// Both clocks at a true time.
    #[must_use]
    pub fn read(&self, now: u64) -> Reading {
        let system = match self.system {
            Some(off) => UnixMillis(truth(now).0.saturating_add_signed(off)),
            // As boards without a battery begin.
            None => UnixMillis(now.saturating_sub(self.started) / MILLI),
        };
        Reading { monotonic: self.monotonic(now), system }
    }

    /// The monotonic clock, in milliseconds.
    #[must_use]
    pub fn monotonic(&self, now: u64) -> u64 {
        let passed = u128::from(now.saturating_sub(self.started));
        let rate = 1_000_000_u64.saturating_add_signed(self.ppm);
        let shown = passed.saturating_mul(u128::from(rate)) / 1_000_000;
        u64::try_from(shown).unwrap_or(u64::MAX) / MILLI
    }

    /// So long it takes at most until the monotonic clock shows `milli` more.
    #[must_use]
    pub const fn until(milli: u64) -> u64 {
        milli.saturating_mul(MILLI + 1).saturating_add(MILLI)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{HOUR, SECOND};

    #[test]
    fn a_clock_drifts_by_its_rate_and_starts_anew() {
        let clocks = Clocks { ppm: 200, system: Some(-5), started: SECOND };
        assert_eq!(clocks.monotonic(SECOND), 0);
        assert_eq!(clocks.monotonic(SECOND + HOUR), 3_600_720);
        assert_eq!(clocks.read(SECOND).system, UnixMillis(truth(SECOND).0 - 5));
        let slow = Clocks { ppm: -200, ..clocks };
        assert!(slow.monotonic(SECOND + Clocks::until(60_000)) >= 60_000);
    }
}
