//! Who answers a gate's claims: the server's own code where a run may depend on it, else the same
//! rules of the domain, without the server around them.

use kaisatsu_shared::{
    ledger::{ClaimStanding, EventState},
    reason::ReasonCode,
    roster::Membership,
    rules::{RightView, judge_right},
    sync::{Claim, ClaimAnswer, ClaimRefusal},
};

/// Answers a claim from the server's state.
pub type Answerer<'a> = dyn Fn(&EventState, &Claim) -> ClaimAnswer + 'a;

/// An answerer for builds that can't hold the server.
#[must_use]
pub fn plain_answer(state: &EventState, claim: &Claim) -> ClaimAnswer {
    let refused = |refusal| ClaimAnswer::Refused { refusal, last_use: None };
    let (used, right) = (&claim.used, claim.used.right);
    if let Some(known) = state.claim(&used.claim) {
        let same = known.serial == right.serial && known.device == used.device;
        return match known.standing {
            _ if !same => refused(ClaimRefusal::KeyReused),
            ClaimStanding::Abandoned => refused(ClaimRefusal::Abandoned),
            ClaimStanding::Granted(sequence) | ClaimStanding::Redeemed(sequence) => {
                ClaimAnswer::Granted { sequence }
            }
        };
    }
    match state.roster().membership(right.serial, right.generation, right.fingerprint) {
        Membership::Member => {}
        Membership::Superseded => return refused(ClaimRefusal::Superseded),
        Membership::Different | Membership::Unknown => return refused(ClaimRefusal::NotIssued),
    }
    let entries = state.roster().class(right.serial).map_or(0, |(_, entries)| entries);
    let view = state.right(right.serial).map(RightView::of).unwrap_or_default();
    match judge_right(&view, entries, used.count) {
        None => ClaimAnswer::Granted { sequence: state.cursor().sequence.saturating_add(1) },
        Some((code, last_use)) => ClaimAnswer::Refused { refusal: refusal_of(code), last_use },
    }
}

const fn refusal_of(code: ReasonCode) -> ClaimRefusal {
    match code {
        ReasonCode::Voided => ClaimRefusal::Voided,
        ReasonCode::Interrupted => ClaimRefusal::Interrupted,
        ReasonCode::BeingAdmitted => ClaimRefusal::BeingAdmitted,
        _ => ClaimRefusal::AlreadyUsed,
    }
}
