//! The cases at the server: its decision on its own state, then its answer to the claim that a
//! gate would make, and what staff may do against it.

use kaisatsu_shared::{
    id::{ClaimKey, OperatorId},
    ledger::{AskedAt, LedgerBody},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, Use, UseKind},
    rules::{Decision, Facts, Reach, Refusal, Rights, Verdict, bars_answer, can_be_overruled},
    sync::{Claim, ClaimAnswer},
};

use crate::{
    Report, Suite, Unusable,
    answer::answer,
    case::{Case, CaseDirection, Fault, claim_key},
    deciding::{decide_from, reach},
    gate::{DRAWN, HERE},
    scan::Given,
    then::{Declined, Played, Then, not_let_in, overruled},
    world::World,
};

/// The first of the claim keys of the scans that come after.
pub(crate) const LATER: u8 = 150;

/// Plays every case at the server.
#[must_use]
pub fn play_at_server(suite: &Suite) -> Report {
    Report::of(suite, play)
}

fn play(case: &Case, mut world: World) -> Result<Played, Unusable> {
    let given = Given::of(&case.scan, &world)?;
    let key = claim_key(case.scan.claim.unwrap_or(DRAWN));
    let mut decision = scanned(case, &world, &given, key)?;
    let mut declined = None;
    let mut number = LATER;
    for then in &case.then {
        number = number.saturating_add(1);
        declined = match *then {
            Then::Scanned { ticket } => {
                let given = Given::of(&Then::scan(ticket), &world)?;
                decision = scanned(case, &world, &given, claim_key(number))?;
                None
            }
            Then::NotLetIn {} => {
                answer_for(&world, case, &mut decision)?;
                None
            }
            Then::Overruled { operator, reason } => {
                overrule(&mut world, case, &mut decision, operator, (reason, number))?
            }
        };
    }
    Ok(Played { verdict: decision.verdict, declined })
}

fn scanned(case: &Case, world: &World, given: &Given, key: ClaimKey) -> Result<Decision, Unusable> {
    if case.fault == Some(Fault::GateRevoked) {
        // It has nothing left to decide by.
        let verdict =
            Verdict { code: ReasonCode::GateRevoked, facts: Facts::default(), at: world.now };
        return Ok(Decision { verdict, right: None, authority: Authority::Alone });
    }
    let reach = reach(case);
    // Of a gate that is cut off, the server can only say what that gate would know.
    let state = match reach {
        Reach::Server => &world.state,
        Reach::Hub | Reach::Nobody => &world.seen,
    };
    let Decision { verdict, right, authority } =
        decide_from(state, &world.open, case, reach, world.now, given);
    let used = verdict.outcome().passes();
    let admitted = right.filter(|_| used);
    // What the gate holds as far as it knows, it decides by itself.
    let at_gate = || decide_from(&world.seen, &world.open, case, reach, world.now, given);
    let verdict = match (reach, admitted) {
        // Nothing is asked for that couldn't be written down.
        (_, Some(_)) if case.fault == Some(Fault::DiskFull) => {
            Verdict { code: ReasonCode::CannotRecord, ..verdict }
        }
        (Reach::Server, Some(_)) if at_gate().authority == Authority::Lease => verdict,
        (Reach::Server, Some(right)) => {
            let rules = world.rules()?;
            let claim = claim(case, world, &verdict, right, key);
            after(verdict, answer(&world.state, &rules, &claim, (world.now, case.fault)))
        }
        _ => verdict,
    };
    Ok(Decision { verdict, right, authority })
}

/// Staff say that the guest of the interrupted admission wasn't let in.
fn answer_for(world: &World, case: &Case, decision: &mut Decision) -> Result<(), Unusable> {
    let asked = decision.verdict.code == ReasonCode::Interrupted;
    let right = decision.right.filter(|_| asked);
    let right = right.ok_or_else(|| Unusable("nobody asks whether the guest was let in".into()))?;
    let (ticket_type, entries) = world.seen.roster().class(right.serial).unwrap_or_default();
    let policy = world.open.terms(ticket_type, entries).policy();
    let view = world.seen.view(right.serial);
    let bars = bars_answer(&view, policy, reach(case), HERE);
    *decision = Decision { verdict: not_let_in(decision.verdict, bars), ..*decision };
    Ok(())
}

/// Overrules the decision, if it may be, and records it.
fn overrule(
    world: &mut World,
    case: &Case,
    decision: &mut Decision,
    operator: OperatorId,
    (reason, number): (OverrideReason, u8),
) -> Result<Option<Declined>, Unusable> {
    let code = decision.verdict.code;
    let right = decision.right.filter(|_| !code.outcome().passes() && can_be_overruled(code));
    let Some(right) = right else { return Ok(Some(Declined::NothingToOverrule)) };
    let interventions = world.open.rules.interventions;
    if !interventions.allow_override(world.open.role(operator)) {
        return Ok(Some(Declined::NeedsLead));
    }
    let by = AskedAt { device: HERE, gate: case.gate, operator, at: world.now };
    let (serial, count) = (right.serial, case.answers.persons.unwrap_or(1));
    let number = number.into();
    let body = LedgerBody::Overridden { serial, count, code, reason, number, by };
    world.record(body)?;
    *decision = Decision { verdict: overruled(decision.verdict), right: None, ..*decision };
    Ok(None)
}

fn claim(case: &Case, world: &World, verdict: &Verdict, right: RightRef, key: ClaimKey) -> Claim {
    let used = Use {
        right,
        kind: match case.direction {
            CaseDirection::Entry => UseKind::Entry,
            CaseDirection::Exit => UseKind::Exit,
        },
        count: verdict.facts.persons.unwrap_or(1),
        claim: key,
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
