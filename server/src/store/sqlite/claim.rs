//! Claims: the rule is [`crate::claims`]; this makes its outcome durable.

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::DeviceId,
    right::UseKind,
    rules::Facts,
    sync::{Claim, ClaimAnswer, ClaimRefusal, MAX_ABANDONS},
    time::TimeInterval,
};

use super::{bundle::document, operation::Operation, session::Session, ticket::token};
use crate::{
    claims::{judge_claim, refuse_by_hand},
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
        let action = if claim.by_hand.is_some() { "ticket.claim_by_hand" } else { "ticket.claim" };
        let operation = Operation::new(actor, action, object);
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
            session.saw(device)?;
            let (rules, now) = (session.rules(known.event)?, session.world.now());
            if let Some((refusal, facts)) = session.refuse_by_hand(claim, now)? {
                operation.outcome = refusal.name();
                return Ok(ClaimAnswer::Refused { refusal, facts });
            }
            let state = session.state(known.event)?;
            let holder = state.leases().holder(right.serial).map(|lease| lease.device);
            let mut outcome = judge_claim(state, &rules, claim, now);
            if let Some(holder) = holder
                && session.known_device(holder)?.revoked
            {
                outcome = outcome.of_lost_lane();
            }
            let mut last = 0;
            for body in outcome.append.iter().cloned() {
                last = session.append(known.event, body)?;
            }
            let answer = outcome.answer_at(last);
            operation.outcome = match answer {
                ClaimAnswer::Granted { .. } => "granted",
                ClaimAnswer::Refused { refusal, .. } => refusal.name(),
            };
            Ok(answer)
        })
    }

    /// Why the guest of a claim by hand isn't let in; nothing for any other claim.
    fn refuse_by_hand(
        &mut self,
        claim: &Claim,
        now: TimeInterval,
    ) -> Result<Option<(ClaimRefusal, Facts)>, StoreError> {
        let Some(answers) = claim.by_hand else { return Ok(None) };
        let (used, event) = (&claim.used, claim.used.right.event);
        let made = document(&self.connection, &self.installation, event, now.latest)?;
        let bundle =
            OpenBundle::new(made).map_err(|error| StoreError::Internal(error.to_string()))?;
        let token = token(&self.connection, &self.installation, event, used.right.serial)?;
        Ok(refuse_by_hand(self.state(event)?, &bundle, &token, used, answers, now))
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
    let enters = claim.used.kind == UseKind::Entry;
    if claim.by_hand.is_some_and(|answers| !enters || answers.count() != claim.used.count) {
        return Err(StoreError::Invalid("by hand so many come in as staff counted"));
    }
    if claim.abandons.len() > MAX_ABANDONS {
        return Err(StoreError::Invalid("a claim gives up at most 64 older claims"));
    }
    Ok(())
}
