//! The validity window: from `valid_from` until just before `valid_until`.

use crate::{reason::ReasonCode, time::UnixMillis, token::Body};

use super::{
    Refusal,
    instant::{FOREVER, Span},
};

pub(super) fn judge_validity(body: &Body, at: UnixMillis) -> Span {
    let (from, until) = (body.valid_from.to_millis(), body.valid_until.to_millis());
    if at < from {
        Span::refused(Refusal::of(ReasonCode::NotYetValid), from)
    } else if at < until {
        Span::free(until)
    } else {
        Span::refused(Refusal::of(ReasonCode::Expired), FOREVER)
    }
}
