//! The validity window: from `valid_from` until just before `valid_until`.

use crate::{reason::ReasonCode, time::TimeInterval, token::Body};

/// Why a ticket isn't valid at every instant of `now`, if it isn't.
pub(super) fn judge_validity(body: &Body, now: TimeInterval) -> Option<ReasonCode> {
    let (from, until) = (body.valid_from.to_millis(), body.valid_until.to_millis());
    if now.latest < from {
        Some(ReasonCode::NotYetValid)
    } else if now.earliest >= until {
        Some(ReasonCode::Expired)
    } else if now.earliest < from || now.latest >= until {
        Some(ReasonCode::ClockUnsure)
    } else {
        None
    }
}
