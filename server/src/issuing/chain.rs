//! How far a clock ticket's chain reaches.

use kaisatsu_shared::{display::clock::STEP_SECONDS, time::UnixSeconds};

/// A chain's extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// When step 0 begins.
    pub start: UnixSeconds,
    /// The last step.
    pub steps: u16,
}

impl Extent {
    /// The step at `at`, if the chain reaches there.
    #[must_use]
    pub fn step_at(&self, at: UnixSeconds) -> Option<u16> {
        let step = at.0.checked_sub(self.start.0)? / STEP_SECONDS;
        u16::try_from(step).ok().filter(|step| *step <= self.steps)
    }
}

/// The extent of a new chain for a ticket first shown at `at`: it begins with the validity and
/// covers it where it can (65,535 steps are 7.6 days). Shown before the validity it begins then;
/// where a chain from the validity's beginning would not reach `at`, it begins at `at`.
#[must_use]
pub fn extent(valid_from: UnixSeconds, valid_until: UnixSeconds, at: UnixSeconds) -> Extent {
    let reach = u32::from(u16::MAX) * STEP_SECONDS;
    let begin = valid_from.0.min(at.0);
    let begin = if at.0 - begin < reach { begin } else { at.0 };
    let start = begin - begin % STEP_SECONDS;
    // An expired ticket is still shown; its chain covers at least the instant it is shown at.
    let end = valid_until.0.max(at.0);
    let steps = (end - start).div_ceil(STEP_SECONDS).max(1);
    Extent { start: UnixSeconds(start), steps: u16::try_from(steps).unwrap_or(u16::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_covers_the_validity_or_the_instant_it_was_asked_for() {
        let day = 86_400;
        let far = u32::MAX;
        for (from, until, at, start, steps) in [
            (1_005, 1_995, 1_500, 1_000, 100),
            (1_005, 1_995, 900, 900, 110),
            (1_005, 1_995, 5_000, 1_000, 400),
            (0, 30 * day, 3 * day, 0, 65_535),
            (0, 30 * day, 20 * day + 7, 20 * day, 65_535),
            (0, 8 * day, 7 * day + 55_350, 7 * day + 55_350, 3_105),
            (20 * day, 21 * day, 0, 0, 65_535),
            (10, 20, 10, 10, 1),
            (0, far, far, far - 5, 1),
        ] {
            let extent = extent(UnixSeconds(from), UnixSeconds(until), UnixSeconds(at));
            assert_eq!(extent, Extent { start: UnixSeconds(start), steps }, "{from} {until} {at}");
            assert!(extent.step_at(UnixSeconds(at)).is_some(), "{from} {until} {at}");
        }
    }
}
