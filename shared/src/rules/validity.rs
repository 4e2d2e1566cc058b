//! The validity window: from its first second until just before its end. A type that renews has it
//! from the ledger alone: whoever steals the signing key signs what they like, but no longer pass.

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

/// What counts of a ticket's validity: what the ledger says of it, else what its signature says
/// (`signed`), but not for a type that renews. Nothing is known of a renewing ticket that the
/// ledger hasn't said anything of yet.
pub(super) fn validity_of(
    terms: &Terms<'_>,
    known: Option<Validity>,
    signed: Validity,
) -> Option<Validity> {
    known.or_else(|| (!terms.renewing).then_some(signed))
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

/// A validity that isn't known here is left to the server, where it is in reach.
pub(super) fn judge_validity(
    validity: Option<Validity>,
    reach: Reach,
    at: UnixMillis,
    watch: &mut impl Watch,
) -> Span {
    match validity {
        Some(validity) => {
            let look = || Look::Validity { from: validity.from, until: validity.until };
            heard(watch, at, look, within(validity, at))
        }
        None => {
            let span = match reach {
                Reach::Server => Span::free(FOREVER),
                Reach::Nobody => Span::refused(Refusal::of(ReasonCode::ValidityUnknown), FOREVER),
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
