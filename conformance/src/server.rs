//! The cases at the server: its decision on its own state, then its answer to the claim that a
//! gate would make.

use kaisatsu_shared::{
    id::OperatorId,
    right::{Authority, RightRef, Use, UseKind},
    rules::{Decision, Holder, Reach, Refusal, Rights, SeenBy, Verdict},
    sync::{Claim, ClaimAnswer},
};

use crate::{
    Answerer, Report, Suite, Unusable,
    case::{Case, CaseDirection, claim_key},
    deciding::{decide_from, reach},
    gate::{DRAWN, HERE},
    scan::Given,
    world::World,
};

/// Plays every case at the server; `answerer` is its own judgement of claims.
#[must_use]
pub fn play_at_server(suite: &Suite, answerer: &Answerer<'_>) -> Report {
    Report::of(suite, |case, world| play(case, &world, answerer))
}

fn play(case: &Case, world: &World, answerer: &Answerer<'_>) -> Result<Verdict, Unusable> {
    let given = Given::of(&case.scan, world)?;
    let reach = reach(case);
    // Of a gate that is cut off, the server can only say what that gate would know.
    let state = match reach {
        Reach::Server => &world.state,
        Reach::Nobody => &world.seen,
    };
    let Decision { verdict, right } =
        decide_from(state, &world.open, case, reach, world.now, &given);
    let used = verdict.outcome().passes();
    let admitted = right.filter(|_| used);
    let holder = |right: RightRef| {
        let seen = SeenBy { device: HERE, state: &world.seen };
        seen.holder(right.serial)
    };
    match (reach, admitted) {
        // What is leased to the gate, as far as it knows, it decides by itself.
        (Reach::Server, Some(right))
            if matches!(holder(right), Holder::Here(_)) && case.scan.by_hand.is_none() =>
        {
            Ok(verdict)
        }
        (Reach::Server, Some(right)) => {
            let rules = world.rules()?;
            let answer =
                answerer(&world.state, &rules, &claim(case, world, &verdict, right), world.now);
            Ok(after(verdict, answer))
        }
        _ => Ok(verdict),
    }
}

fn claim(case: &Case, world: &World, verdict: &Verdict, right: RightRef) -> Claim {
    let used = Use {
        right,
        kind: match case.direction {
            CaseDirection::Entry => UseKind::Entry,
            CaseDirection::Exit => UseKind::Exit,
        },
        count: verdict.facts.persons.unwrap_or(1),
        claim: claim_key(case.scan.claim.unwrap_or(DRAWN)),
        gate: case.gate,
        device: HERE,
        operator: OperatorId(0),
        epoch: world.open.epoch,
        at: world.now,
        authority: Authority::Server,
    };
    Claim { used, abandons: Vec::new(), by_hand: None }
}

/// The verdict that a gate shows once its claim is answered.
fn after(verdict: Verdict, answer: ClaimAnswer) -> Verdict {
    match answer {
        ClaimAnswer::Granted { .. } => verdict,
        ClaimAnswer::Refused { refusal, facts } => {
            verdict.refused_claim(Refusal { code: refusal.code(), facts })
        }
    }
}
