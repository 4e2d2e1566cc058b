//! The validity window: from its first second until just before its end. A type that renews has it
//! from the ledger alone: whoever steals the signing key signs what they like, but no longer pass.
//! A gate may be a moment behind the ledger, so it refuses nobody by such dates while the server answers.

use crate::{
    reason::ReasonCode,
    time::{TimeInterval, UnixMillis},
    validity::Validity,
};

use super::{
    Facts, Look, Reach, Refusal, Terms,
    instant::{FOREVER, Span, throughout},
    trail::{Watch, heard},
};

/// What is known of a ticket's validity.
#[derive(Clone, Copy)]
pub(super) enum Dates {
    /// Its signature says it, and that never changes.
    Signed(Validity),
    /// The ledger said it last, of a ticket that renews.
    Heard {
        validity: Validity,
        /// Whether the server may have said something newer, and answers.
        server: bool,
    },
    /// The ledger hasn't said anything yet of a ticket that renews.
    Unheard {
        /// Whether the server is asked.
        server: bool,
    },
}

impl Dates {
    /// What counts: what the ledger said (`heard`), else what the ticket's signature says (`signed`),
    /// but not for a type that renews. `reach` is whom the claim that follows asks.
    pub(super) fn of(
        terms: &Terms<'_>,
        heard: Option<Validity>,
        signed: Validity,
        (reach, scanned): (Reach, bool),
    ) -> Self {
        let server = reach == Reach::Server;
        match heard {
            // What isn't scanned is judged by the server itself, whose ledger has the last word.
            Some(validity) => Self::Heard { validity, server: server && scanned },
            None if terms.renewing => Self::Unheard { server },
            None => Self::Signed(signed),
        }
    }

    /// The dates to tell; none where only the server knows those that count.
    pub(super) fn told(self, now: TimeInterval) -> Option<Validity> {
        match self {
            Self::Signed(validity) | Self::Heard { validity, server: false } => Some(validity),
            Self::Heard { validity, server: true } => {
                throughout(now, |at| within(validity, at)).is_none().then_some(validity)
            }
            Self::Unheard { .. } => None,
        }
    }
}

/// Why nobody enters on a ticket that renews, by what the ledger says of it (`known`), if nobody
/// does. Other tickets were judged at the gate, by their signature.
pub(super) fn judge_renewal(
    terms: &Terms<'_>,
    known: Option<Validity>,
    now: TimeInterval,
) -> Option<Refusal> {
    match known {
        Some(validity) => throughout(now, |at| within(validity, at)),
        None => terms.renewing.then(|| Refusal::of(ReasonCode::ValidityUnknown)),
    }
}

/// Where the server is in reach, dates of a renewing ticket that aren't known here, or by which nobody
/// would enter, are left to it: the ticket may have been renewed a moment ago.
pub(super) fn judge_validity(dates: Dates, at: UnixMillis, watch: &mut impl Watch) -> Span {
    match dates {
        Dates::Signed(validity) | Dates::Heard { validity, .. } => {
            let Validity { from, until } = validity;
            let span = within(validity, at);
            let left = matches!(dates, Dates::Heard { server: true, .. });
            if left && span.refusal.is_some() {
                let free = Span::free(span.until);
                return heard(watch, at, || Look::ValidityHeard { from, until }, free);
            }
            heard(watch, at, || Look::Validity { from, until }, span)
        }
        Dates::Unheard { server } => {
            let span = match server {
                true => Span::free(FOREVER),
                false => Span::refused(Refusal::of(ReasonCode::ValidityUnknown), FOREVER),
            };
            heard(watch, at, || Look::ValidityUnknown, span)
        }
    }
}

fn within(validity: Validity, at: UnixMillis) -> Span {
    let (from, until) = (validity.from.to_millis(), validity.until.to_millis());
    let refusal = |code| {
        let facts = Facts {
            valid_from: Some(validity.from),
            valid_until: Some(validity.until),
            ..Facts::EMPTY
        };
        Refusal { code, facts }
    };
    if at < from {
        Span::refused(refusal(ReasonCode::NotYetValid), from)
    } else if at < until {
        Span::free(until)
    } else {
        Span::refused(refusal(ReasonCode::Expired), FOREVER)
    }
}
