//! The earliest instant that is certainly past, as it is kept over a restart.

use kaisatsu_shared::time::{TimeInterval, UnixMillis};
use serde::{Deserialize, Serialize};

/// How often the floor is written at most, in milliseconds.
const KEEP_EVERY: u64 = 60_000;

/// What is known of the time over a restart: the earliest instant that is certainly past, and under
/// which version it was signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// The instant.
    pub at: UnixMillis,
    /// What the server said under a lower version is taken back.
    pub version: u64,
    /// A signed time that waits for an admin's word. A restart must not make it true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<UnixMillis>,
}

impl Floor {
    /// `time`, given that this floor is past. Where both can't be true, either may be: the interval
    /// then reaches from one to the other, which decides nothing by itself.
    pub(super) fn under(&self, time: TimeInterval) -> TimeInterval {
        if time.latest < self.at {
            return TimeInterval { earliest: time.earliest, latest: self.at };
        }
        TimeInterval { earliest: time.earliest.max(self.at), latest: time.latest }
    }
}

/// When the floor was last handed out to be kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    kept: Floor,
    tried: Option<u64>,
}

impl Keeping {
    pub(super) const fn new(kept: Floor) -> Self {
        Self { kept, tried: None }
    }

    /// Whether `floor` is to be written now. A correction doesn't wait, nor does a doubt.
    pub(super) fn is_due(&self, floor: Floor, monotonic: u64) -> bool {
        let rested = self.tried.is_none_or(|at| monotonic.saturating_sub(at) >= KEEP_EVERY);
        let urgent = (floor.version, floor.held) != (self.kept.version, self.kept.held);
        floor != self.kept && (rested || urgent)
    }

    /// Whether `floor` is already kept.
    pub(super) fn has(&self, floor: Floor) -> bool {
        self.kept == floor
    }

    pub(super) const fn tried(&mut self, monotonic: u64) {
        self.tried = Some(monotonic);
    }

    pub(super) const fn kept(&mut self, floor: Floor) {
        self.kept = floor;
    }
}
