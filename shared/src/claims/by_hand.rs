//! Claims for guests who show no code. The gate has no ticket to judge by, so the server does, from
//! the one it issued, before the claim is judged like any other.

use crate::{
    bundle::OpenBundle,
    ledger::EventState,
    right::Use,
    roster::Membership,
    rules::{Answers, Context, Direction, Facts, Knowledge, Reach, SeenBy, decide_by_hand},
    sync::ClaimRefusal,
    time::TimeInterval,
    token::Token,
};

/// Why a guest isn't let in by hand, or what is to be asked first. `token` is the ticket's newest, and
/// `answers` is what staff said so far.
#[must_use]
pub fn refuse_by_hand(
    state: &EventState,
    bundle: &OpenBundle,
    token: &Token,
    used: &Use,
    answers: Answers,
    now: TimeInterval,
) -> Option<(ClaimRefusal, Facts)> {
    let right = used.right;
    // A claim that is asked again was judged before, and an older ticket is refused as a claim.
    let known = state.claim(&used.claim).is_some();
    let member = state.roster().membership(right.serial, right.generation, right.fingerprint);
    if known || member != Membership::Member {
        return None;
    }
    let rights = SeenBy { device: used.device, state };
    let knowledge = Knowledge { bundle, roster: state.roster(), rights: &rights };
    let context = Context {
        gate: used.gate,
        direction: Direction::Entry,
        reach: Reach::Server,
        now,
        answers,
    };
    let decision = decide_by_hand(token, bundle.role(used.operator), &knowledge, &context);
    let verdict = decision.verdict;
    let passes = verdict.outcome().passes();
    (!passes).then_some((ClaimRefusal::ByHand(verdict.code), verdict.facts))
}
