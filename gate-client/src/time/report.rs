//! What the timekeeper says of itself.

use kaisatsu_shared::time::UnixMillis;

use super::{ClockHealth, ClockSource, ClockWarning, Reading, Timekeeper};

/// The system's clock may differ so much from the server's before it is told, in milliseconds.
const TOLERANCE: u64 = 2_000;

impl Timekeeper {
    /// How good the time is.
    #[must_use]
    pub fn health(&self, reading: Reading) -> ClockHealth {
        let (source, known) = self.known(reading);
        let time = self.floor.under(known);
        let open = time.latest == UnixMillis(u64::MAX);
        let width = time.latest.0.saturating_sub(time.earliest.0);
        let far = source == ClockSource::Signed
            && (known.latest < self.floor.at
                || reading.system.plus(TOLERANCE) < known.earliest
                || reading.system > known.latest.plus(TOLERANCE));
        // Beside a signed time, which moves the floor on, it is only slow.
        let behind = source != ClockSource::Signed && self.is_behind(reading.system);
        let warnings = [
            (self.rolled_back || behind, ClockWarning::Rollback),
            (self.floor.held.is_some(), ClockWarning::NeedsConfirmation),
            (self.crowd.differs(), ClockWarning::CrowdDiffers),
            (far, ClockWarning::FarFromServer),
        ];
        ClockHealth {
            source,
            uncertainty_ms: (!open).then(|| width.div_ceil(2)),
            warnings: warnings.iter().filter(|(is, _)| *is).map(|(_, warning)| *warning).collect(),
        }
    }
}
