//! How far a clock ticket's chain reaches.

use kaisatsu_shared::{display::clock::STEP_SECONDS, time::UnixSeconds, validity::Validity};

/// For so many seconds after it was opened a page can show its ticket without the server: a new
/// chain is made once the old one ends sooner.
pub const LEAD: u32 = 86_400;

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

    /// Whether a page that is opened at `at` gets by with this chain: it reaches there and for
    /// [`LEAD`] on, or to the end of the validity.
    #[must_use]
    pub fn serves(&self, validity: Validity, at: UnixSeconds) -> bool {
        self.step_at(at).is_some() && self.step_at(needed(validity, at)).is_some()
    }
}

/// The extent of a new chain for a ticket first shown at `at`: it begins with the validity and
/// covers it where it can (65,535 steps are 7.6 days). Shown before the validity it begins then;
/// where a chain from the validity's beginning would not serve a page opened at `at`, it begins
/// at `at`.
#[must_use]
pub fn extent(validity: Validity, at: UnixSeconds) -> Extent {
    let reach = u32::from(u16::MAX) * STEP_SECONDS;
    let begin = validity.from.0.min(at.0);
    let begin = if needed(validity, at).0 - begin < reach { begin } else { at.0 };
    let start = begin - begin % STEP_SECONDS;
    // An expired ticket is still shown; its chain covers at least the instant it is shown at.
    let end = validity.until.0.max(at.0);
    let steps = (end - start).div_ceil(STEP_SECONDS).max(1);
    Extent { start: UnixSeconds(start), steps: u16::try_from(steps).unwrap_or(u16::MAX) }
}

/// The last instant that a page opened at `at` must be able to show.
fn needed(validity: Validity, at: UnixSeconds) -> UnixSeconds {
    UnixSeconds(at.0.saturating_add(LEAD).min(validity.until.0).max(at.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 86_400;

    fn valid(from: u32, until: u32) -> Validity {
        Validity { from: UnixSeconds(from), until: UnixSeconds(until) }
    }

    #[test]
    fn a_chain_covers_the_validity_or_the_instant_it_was_asked_for() {
        let day = DAY;
        let far = u32::MAX;
        for (from, until, at, start, steps) in [
            (1_005, 1_995, 1_500, 1_000, 100),
            (1_005, 1_995, 900, 900, 110),
            (1_005, 1_995, 5_000, 1_000, 400),
            (0, 30 * day, 3 * day, 0, 65_535),
            (0, 30 * day, 20 * day + 7, 20 * day, 65_535),
            // The last day of a chain from the beginning: only what ends with it keeps it.
            (0, 8 * day, 6 * day, 0, 65_535),
            (0, 8 * day, 7 * day, 7 * day, 8_640),
            (0, 7 * day, 6 * day + 3, 0, 60_480),
            (0, 8 * day, 7 * day + 55_350, 7 * day + 55_350, 3_105),
            (20 * day, 21 * day, 0, 0, 65_535),
            (10, 20, 10, 10, 1),
            (0, far, far, far - 5, 1),
        ] {
            let (validity, at) = (valid(from, until), UnixSeconds(at));
            let extent = extent(validity, at);
            let expected = Extent { start: UnixSeconds(start), steps };
            assert_eq!(extent, expected, "{from} {until} {at:?}");
            assert!(extent.serves(validity, at), "{from} {until} {at:?}");
        }
    }

    #[test]
    fn a_chain_serves_until_a_day_before_its_end_or_to_the_end_of_the_validity() {
        let month = valid(0, 30 * DAY);
        let chain = extent(month, UnixSeconds(0));
        let end = u32::from(u16::MAX) * STEP_SECONDS + STEP_SECONDS - 1;
        for (at, serves) in [(0, true), (end - LEAD, true), (end - LEAD + 1, false), (end, false)] {
            assert_eq!(chain.serves(month, UnixSeconds(at)), serves, "{at}");
        }
        // To the very end of the validity, and after it as long as it reaches.
        let week = valid(0, 7 * DAY);
        let chain = extent(week, UnixSeconds(0));
        assert!(chain.serves(week, UnixSeconds(7 * DAY)));
        assert!(!chain.serves(week, UnixSeconds(7 * DAY + 10)));
        // Renewed, it must go further.
        assert!(!chain.serves(valid(0, 14 * DAY), UnixSeconds(6 * DAY + 10)));
        assert!(chain.serves(valid(0, 14 * DAY), UnixSeconds(6 * DAY)));
    }
}
