//! How old or early a display may be.

use serde::{Deserialize, Serialize};

use super::STEP_SECONDS;
use crate::time::UnixSeconds;
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
}

/// Places a displayed step at one instant.
#[must_use]
pub fn freshness(window: ClockWindow, part: &ClockPart, step: u16, now: UnixSeconds) -> Freshness {
    // Before the start the gate's step is negative; i64 holds every difference of u32 values.
    let elapsed = i64::from(now.0) - i64::from(part.start.0);
    let offset = i64::from(step) - elapsed.div_euclid(i64::from(STEP_SECONDS));
    if (-i64::from(window.green_behind)..=i64::from(window.green_ahead)).contains(&offset) {
        Freshness::Fresh
    } else if (-i64::from(window.review_behind)..0).contains(&offset) {
        Freshness::Behind
    } else if (0..=i64::from(window.review_ahead)).contains(&offset) {
        Freshness::Ahead
    } else {
        Freshness::Stale
    }
}
