//! Claims: the rule is [`kaisatsu_shared::claims`]; this makes its outcome durable.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    bundle::OpenBundle,
    claims::{LaneState, check_claim, judge_claim, refuse_by_hand},
    id::{DeviceId, EventId, GateId},
    rules::Facts,
    sync::{Claim, ClaimAnswer, ClaimRefusal},
    time::TimeInterval,
};

use super::{bundle::document, operation::Operation, session::Session, ticket::token};
use crate::store::{
    StoreError,
    types::{Actor, DeviceRole},
};

impl Session {
    pub(super) fn claim(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        claim: &mut Claim,
        heard: &BTreeSet<GateId>,
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
            if claim.by_hand.is_some() && known.role == DeviceRole::Scanner {
                return Err(StoreError::DeviceRole(device));
            }
            if right.event != known.event {
                return Err(StoreError::EventMismatch);
            }
            check_claim(claim).map_err(StoreError::Invalid)?;
            claim.used.device = device;
            claim.used.gate = known.gate;
            session.saw(device)?;
            let (rules, now) = (session.rules(known.event)?, session.world.now());
            if let Some((refusal, facts)) = session.refuse_by_hand(claim, now)? {
                operation.outcome = refusal.name();
                return Ok(ClaimAnswer::Refused { refusal, facts });
            }
            let revoked = session.revoked_holders(known.event)?;
            let state = session.state(known.event)?;
            let outcome = judge_claim(state, &rules, claim, now, &|lease| match lease {
                lost if revoked.contains(&lost.device) => LaneState::Lost,
                lane if heard.contains(&lane.gate) => LaneState::Heard,
                _ => LaneState::Silent,
            });
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

    /// Devices that ever held leases and were revoked, or that nobody knows: few, and none where nothing was
    /// leased.
    fn revoked_holders(&mut self, event: EventId) -> Result<BTreeSet<DeviceId>, StoreError> {
        let holders = self.state(event)?.leases().holders();
        let mut revoked = BTreeSet::new();
        for device in holders {
            match self.known_device(device) {
                Ok(known) if !known.revoked => {}
                Ok(_) | Err(StoreError::DeviceUnknown(_)) => drop(revoked.insert(device)),
                Err(error) => return Err(error),
            }
        }
        Ok(revoked)
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
