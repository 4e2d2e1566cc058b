//! A rule at every instant that the clock's reading leaves possible. Between two changes of its
//! answer a rule says the same, so only the changes are looked at.

use crate::{
    reason::ReasonCode,
    time::{TimeInterval, UnixMillis},
};

use super::Refusal;

/// What a rule says from an instant until just before `until`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) refusal: Option<Refusal>,
    pub(super) until: UnixMillis,
}

/// No later instant.
pub(super) const FOREVER: UnixMillis = UnixMillis(u64::MAX);

/// Most changes looked at: a longer reading says too little anyway.
const MOST_SPANS: usize = 64;

impl Span {
    /// Nothing is in the way.
    pub(super) const fn free(until: UnixMillis) -> Self {
        Self { refusal: None, until }
    }

    pub(super) const fn refused(refusal: Refusal, until: UnixMillis) -> Self {
        Self { refusal: Some(refusal), until }
    }

    /// Both hold: the first refusal counts, and the earlier change.
    pub(super) fn and(self, next: impl FnOnce() -> Self) -> Self {
        if self.refusal.is_some() {
            return self;
        }
        let next = next();
        Self { until: self.until.min(next.until), ..next }
    }
}

/// What a rule says at every instant of `now`: nothing, if it never refuses; its first refusal, if
/// it always does; otherwise the clock is too uncertain to tell.
pub(super) fn throughout(
    now: TimeInterval,
    mut rule: impl FnMut(UnixMillis) -> Span,
) -> Option<Refusal> {
    let first = rule(now.earliest);
    let mut span = first;
    let mut at = now.earliest;
    for _ in 0..MOST_SPANS {
        if span.until > now.latest || span.until <= at {
            return first.refusal;
        }
        at = span.until;
        span = rule(at);
        if span.refusal.is_some() != first.refusal.is_some() {
            break;
        }
    }
    Some(Refusal::of(ReasonCode::ClockUnsure))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses before 10 and from 20 on.
    fn rule(at: UnixMillis) -> Span {
        let refusal = |code| Refusal::of(code);
        match at.0 {
            0..10 => Span::refused(refusal(ReasonCode::NotYetValid), UnixMillis(10)),
            10..20 => Span::free(UnixMillis(20)),
            _ => Span::refused(refusal(ReasonCode::Expired), FOREVER),
        }
    }

    #[test]
    fn every_instant_must_agree() {
        let code = |from, until| {
            let now = TimeInterval { earliest: UnixMillis(from), latest: UnixMillis(until) };
            throughout(now, rule).map(|refusal| refusal.code)
        };
        assert_eq!(code(10, 19), None);
        assert_eq!(code(0, 9), Some(ReasonCode::NotYetValid));
        assert_eq!(code(20, u64::MAX), Some(ReasonCode::Expired));
        for (from, until) in [(9, 10), (19, 20), (0, 25), (10, u64::MAX)] {
            assert_eq!(code(from, until), Some(ReasonCode::ClockUnsure), "{from} to {until}");
        }
        // A rule that changes too often to be followed isn't guessed at.
        let flicker = |at: UnixMillis| Span::free(at.plus(1));
        let long = TimeInterval { earliest: UnixMillis(0), latest: UnixMillis(1_000) };
        assert!(throughout(long, flicker).is_some());
    }
}
