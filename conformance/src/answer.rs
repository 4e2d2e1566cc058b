//! Who answers a gate's claims: the domain's own judgement, as at the server.

use kaisatsu_shared::{
    bundle::EventRules,
    claims::{LaneState, judge_claim},
    ledger::EventState,
    sync::{Claim, ClaimAnswer},
    time::TimeInterval,
};

use crate::case::Fault;

/// The answer to a claim; other lanes are heard, unless the case says otherwise.
pub(crate) fn answer(
    state: &EventState,
    rules: &EventRules,
    claim: &Claim,
    (now, fault): (TimeInterval, Option<Fault>),
) -> ClaimAnswer {
    let lane = match fault {
        Some(Fault::HolderLost) => LaneState::Lost,
        Some(Fault::HolderSilent) => LaneState::Silent,
        Some(Fault::DiskFull | Fault::GateRevoked) | None => LaneState::Heard,
    };
    let outcome = judge_claim(state, rules, claim, now, &|_| lane);
    let appended = u64::try_from(outcome.append.len()).unwrap_or(u64::MAX);
    outcome.answer_at(state.cursor().sequence.saturating_add(appended))
}
