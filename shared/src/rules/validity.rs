//! The validity window: from `valid_from` until just before `valid_until`.

use crate::{reason::ReasonCode, time::UnixMillis, token::Body};

use super::{
    Look, Refusal,
    instant::{FOREVER, Span},
    trail::{Watch, heard},
};

pub(super) fn judge_validity(body: &Body, at: UnixMillis, watch: &mut impl Watch) -> Span {
    let (from, until) = (body.valid_from.to_millis(), body.valid_until.to_millis());
    let span = if at < from {
        Span::refused(Refusal::of(ReasonCode::NotYetValid), from)
    } else if at < until {
        Span::free(until)
    } else {
        Span::refused(Refusal::of(ReasonCode::Expired), FOREVER)
    };
    let look = || Look::Validity { from: body.valid_from, until: body.valid_until };
    heard(watch, at, look, span)
}
