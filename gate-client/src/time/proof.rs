//! A time that was true at one moment, and what it says later.

use kaisatsu_shared::time::{TimeInterval, UnixMillis};

/// How far the monotonic clock may have gone wrong in `elapsed`: 200 ppm. A clock that is slow by
/// as much shows 1 − 1/5,000 of what passed, so what passed is up to 1/4,999 more than it shows.
const fn drift(elapsed: u64) -> u64 {
    elapsed.div_ceil(4_999)
}

/// At some moment between two readings of the monotonic clock it was `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// The time.
    pub(super) at: UnixMillis,
    /// Reading before that moment.
    pub(super) after: u64,
    /// Reading after it.
    pub(super) before: u64,
    /// The version it was signed under.
    pub(super) version: u64,
}

impl Proof {
    /// The time at a later reading. All three numbers were cut to whole milliseconds, so each bound
    /// is moved out by what that hides.
    pub(super) const fn now(&self, monotonic: u64) -> TimeInterval {
        let least = monotonic.saturating_sub(self.before);
        let most = monotonic.saturating_sub(self.after).saturating_add(1);
        TimeInterval {
            earliest: self.at.plus(least.saturating_sub(drift(least)).saturating_sub(1)),
            latest: self.at.plus(most.saturating_add(drift(most)).saturating_add(1)),
        }
    }
}

/// A time set by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) time: TimeInterval,
    pub(super) read: u64,
}

impl Setting {
    /// The time at a later reading.
    pub(super) const fn now(&self, monotonic: u64) -> TimeInterval {
        let elapsed = monotonic.saturating_sub(self.read);
        let drift = drift(elapsed).saturating_add(1);
        TimeInterval {
            earliest: self.time.earliest.plus(elapsed.saturating_sub(drift)),
            latest: self.time.latest.plus(elapsed.saturating_add(drift)),
        }
    }
}
