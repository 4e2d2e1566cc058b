//! Claims: the rule is [`crate::claims`]; this makes its outcome durable.

use kaisatsu_shared::{
    id::DeviceId,
    sync::{Claim, ClaimAnswer, MAX_ABANDONS},
};

use super::{operation::Operation, session::Session};
use crate::{
    claims::judge_claim,
    store::{StoreError, types::Actor},
};

impl Session {
    pub(super) fn claim(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        claim: &mut Claim,
    ) -> Result<ClaimAnswer, StoreError> {
        let right = claim.used.right;
        let object = format!("event/{}/ticket/{}", right.event, right.serial);
        let operation = Operation::new(actor, "ticket.claim", object);
        self.operate_checked(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            if known.revoked {
                return Err(StoreError::DeviceRevoked(device));
            }
            if right.event != known.event {
                return Err(StoreError::EventMismatch);
            }
            check(claim)?;
            claim.used.device = device;
            claim.used.gate = known.gate;
            let (rules, now) = (session.rules(known.event)?, session.world.now());
            let outcome = judge_claim(session.state(known.event)?, &rules, claim, now);
            let mut last = 0;
            for body in outcome.append.iter().cloned() {
                last = session.append(known.event, body)?;
            }
            let answer = outcome.answer_at(last);
            operation.outcome = match answer {
                ClaimAnswer::Granted { .. } => "granted",
                ClaimAnswer::Refused { refusal, .. } => refusal.name(),
            };
            session.saw(device)?;
            Ok(answer)
        })
    }
}

/// What the ledger's layout can't hold must not get there.
fn check(claim: &Claim) -> Result<(), StoreError> {
    if claim.used.count == 0 {
        return Err(StoreError::Invalid("a claim is for at least one person"));
    }
    if claim.used.at.earliest > claim.used.at.latest {
        return Err(StoreError::Invalid("the claim's time ends before it begins"));
    }
    if claim.abandons.len() > MAX_ABANDONS {
        return Err(StoreError::Invalid("a claim gives up at most 64 older claims"));
    }
    Ok(())
}
