//! How old or early a display may be.

use serde::{Deserialize, Serialize};

use super::STEP_SECONDS;
use crate::time::{TimeInterval, UnixMillis};
use crate::token::ClockPart;

/// How far a display's step may lie from the gate's, in steps. Part of the signed bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockWindow {
    /// Admit displays up to so many steps behind.
    pub green_behind: u8,
    /// Admit displays up to so many steps ahead.
    pub green_ahead: u8,
    /// Ask for a look at displays up to so many steps behind.
    pub review_behind: u8,
    /// Ask for a look at displays up to so many steps ahead.
    pub review_ahead: u8,
}

impl Default for ClockWindow {
    fn default() -> Self {
        Self { green_behind: 2, green_ahead: 1, review_behind: 9, review_ahead: 9 }
    }
}

/// How a clock display's step stands to the gate's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// Inside the green window.
    Fresh,
    /// A little old: ask the holder to refresh.
    Behind,
    /// A little early: the phone's clock is fast.
    Ahead,
    /// Outside both windows: a copy, or a phone with a wrong clock.
    Stale,
    /// Behind at one possible instant and ahead at another: the gate's clock says too little.
    Unsure,
}

/// Places a displayed step at every instant of `now`.
///
/// With T the step the true time is in: green is T−`green_behind` … T+`green_ahead`; up to the
/// review bounds staff is told what is wrong; anything else is stale.
#[must_use]
pub fn freshness(window: ClockWindow, part: &ClockPart, step: u16, now: TimeInterval) -> Freshness {
    let step = i64::from(step);
    let (low, high) = (step_at(part, now.earliest), step_at(part, now.latest));
    let behind = step < high - i64::from(window.green_behind);
    let ahead = step > low + i64::from(window.green_ahead);
    let stale = |t: i64| {
        step < t - i64::from(window.review_behind) || step > t + i64::from(window.review_ahead)
    };
    match (behind, ahead) {
        (false, false) => Freshness::Fresh,
        (true, true) => Freshness::Unsure,
        _ if stale(low) && stale(high) => Freshness::Stale,
        (true, false) => Freshness::Behind,
        (false, true) => Freshness::Ahead,
    }
}

/// The step `at` lies in; negative before the chain's start.
fn step_at(part: &ClockPart, at: UnixMillis) -> i64 {
    let signed = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
    let elapsed = signed(at.0) - signed(part.start.to_millis().0);
    elapsed.div_euclid(i64::from(STEP_SECONDS) * 1_000)
}
