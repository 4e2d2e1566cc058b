//! The clock stamp's window (design.md §5), over an interval of time.

use crate::{
    display::clock::{ClockWindow, STEP_SECONDS},
    reason::ReasonCode,
    time::{TimeInterval, UnixMillis},
    token::ClockPart,
};

/// Why a clock display that shows `step` isn't fresh at every instant of `now`, if it isn't.
///
/// With T the step the true time is in: green is T−`green_behind` … T+`green_ahead`; up to the
/// review bounds staff is told what is wrong; anything else is stale.
pub(super) fn judge_freshness(
    window: &ClockWindow,
    part: &ClockPart,
    step: u16,
    now: TimeInterval,
) -> Option<ReasonCode> {
    let step = i64::from(step);
    let (low, high) = (step_at(part, now.earliest), step_at(part, now.latest));
    let stale = |t: i64| {
        step < t - i64::from(window.review_behind) || step > t + i64::from(window.review_ahead)
    };
    let behind = step < high - i64::from(window.green_behind);
    let ahead = step > low + i64::from(window.green_ahead);
    match (behind, ahead) {
        (false, false) => None,
        // Behind at one instant and ahead at another: the gate's clock says too little.
        (true, true) => Some(ReasonCode::ClockUnsure),
        _ if stale(low) && stale(high) => Some(ReasonCode::DisplayStale),
        (true, false) => Some(ReasonCode::DisplayBehind),
        (false, true) => Some(ReasonCode::DisplayAhead),
    }
}

fn step_at(part: &ClockPart, at: UnixMillis) -> i64 {
    let since = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
    let elapsed = since(at.0) - since(part.start.to_millis().0);
    elapsed.div_euclid(i64::from(STEP_SECONDS) * 1_000)
}
