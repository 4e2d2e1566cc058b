//! Who answers a gate's claims: the server's own code where a run may depend on it, else the same
//! rules of the domain, without the server around them.

use kaisatsu_shared::{
    bundle::EventRules,
    ledger::{ClaimStanding, EventState},
    reason::ReasonCode,
    right::UseKind,
    roster::Membership,
    rules::{Ask, Facts, Reach, Refusal, RightView, judge_capacity, judge_right},
    sync::{Claim, ClaimAnswer, ClaimRefusal},
    time::TimeInterval,
};

use crate::case::Fault;

/// Answers a claim from the server's state and rules, at a time.
pub type Answerer<'a> = dyn Fn(&EventState, &EventRules, &Claim, TimeInterval) -> ClaimAnswer + 'a;

/// An answerer for builds that can't hold the server.
#[must_use]
pub fn plain_answer(
    state: &EventState,
    rules: &EventRules,
    claim: &Claim,
    now: TimeInterval,
) -> ClaimAnswer {
    let refused = |refusal| ClaimAnswer::Refused { refusal, facts: Facts::EMPTY };
    let granted = || ClaimAnswer::Granted { sequence: state.cursor().sequence.saturating_add(1) };
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
        Membership::Superseded | Membership::Transferred if used.kind == UseKind::Exit => {}
        Membership::Superseded => return refused(ClaimRefusal::Superseded),
        Membership::Transferred => return refused(ClaimRefusal::Transferred),
        Membership::Different | Membership::Unknown => return refused(ClaimRefusal::NotIssued),
    }
    if used.kind == UseKind::Exit {
        return granted();
    }
    let (ticket_type, entries) = state.roster().class(right.serial).unwrap_or_default();
    let ask = Ask { count: used.count, now, reach: Reach::Server };
    let view = state.right(right.serial).map(RightView::of).unwrap_or_default();
    let terms = rules.terms(ticket_type, entries);
    let validity = state.roster().validity(right.serial);
    let full = || judge_capacity(&terms, used.gate, &state.occupancy().into(), ask);
    let leased = || {
        let lane = state.leases().holder(right.serial)?.gate;
        let facts = Facts { lane: Some(lane), ..Facts::EMPTY };
        Some(Refusal { code: ReasonCode::Recalling, facts })
    };
    match judge_right(&view, &terms, validity, ask).or_else(full).or_else(leased) {
        None => granted(),
        Some(refusal) => {
            ClaimAnswer::Refused { refusal: ClaimRefusal::of(refusal.code), facts: refusal.facts }
        }
    }
}

/// The answer, where the device that holds the right may be lost.
pub(crate) const fn of_holder(answer: ClaimAnswer, fault: Option<Fault>) -> ClaimAnswer {
    match (fault, answer) {
        (
            Some(Fault::HolderLost),
            ClaimAnswer::Refused { refusal: ClaimRefusal::Recalling, facts },
        ) => ClaimAnswer::Refused { refusal: ClaimRefusal::LaneLost, facts },
        (_, answer) => answer,
    }
}
