//! A claim at the server or the venue's hub: asked under a durable intent, waited for a moment, and given up in the
//! journal where it ends without admission.

use kaisatsu_shared::{
    id::ClaimKey,
    journal::JournalBody,
    reason::ReasonCode,
    right::Authority,
    rules::{Decision, Facts, Verdict},
    sync::{Claim, ClaimAnswer, ClaimRefusal, MAX_ABANDONS},
    time::TimeInterval,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, Intent, Now, ScanId, Then,
    case::{Case, Pending, Stage, Whom},
};

/// How long a claim may take before the gate decides alone, in milliseconds.
pub const CLAIM_BUDGET: u64 = 300;

/// Stands for the journal number of an abandonment that isn't written yet.
const NOT_WRITTEN: u64 = u64::MAX;

impl Engine {
    pub(super) fn claimed(
        &mut self,
        key: ClaimKey,
        answer: ClaimAnswer,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let asked = self.take_claiming(key, Whom::Server);
        let Some((scan, case, intent, verdict)) = asked else { return };
        match answer {
            ClaimAnswer::Granted { .. } => {
                let stage = self.record((scan, &case), &intent, Authority::Server, verdict, now);
                self.pending = Some(Pending { scan, case, stage });
            }
            ClaimAnswer::Refused {
                refusal: refusal @ (ClaimRefusal::Recalling | ClaimRefusal::RoomRecalling),
                facts,
            } => {
                let facts = Facts { left: None, ..verdict.facts }.with(facts);
                let verdict = Verdict { code: refusal.code(), facts, at: now.time };
                let waits = (verdict, Whom::Server);
                self.wait_for_lane((scan, case), intent, waits, now, effects);
            }
            ClaimAnswer::Refused { refusal, facts } => {
                self.abandon(&intent, now.time);
                let facts = Facts { left: None, ..verdict.facts }.with(facts);
                let verdict = Verdict { code: refusal.code(), facts, at: now.time };
                self.refuse(scan, case, verdict, Some(intent.right), effects);
            }
        }
    }

    /// No answer: the link counts as down for this scan. The gate asks the venue's hub, or decides alone.
    pub(super) fn claim_failed(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let asked = self.take_claiming(key, Whom::Server);
        let Some((scan, case, intent, _)) = asked else { return };
        self.suspect = true;
        let reach = self.reach();
        let Decision { verdict, right, authority } = self.decide(&case, reach);
        if verdict.outcome().passes() && right == Some(intent.right) {
            let stage = match authority {
                Authority::Hub => self.claim(&case, intent, (verdict, Whom::Hub), now, effects),
                _ => self.record((scan, &case), &intent, authority, verdict, now),
            };
            self.pending = Some(Pending { scan, case, stage });
        } else {
            if !is_planted(Fault::LateGrantKept) {
                self.abandon(&intent, now.time);
            }
            self.refuse(scan, case, verdict, Some(intent.right), effects);
        }
    }

    /// The server refused the request: that says nothing of the ticket, and isn't a cut either.
    pub(super) fn claim_rejected(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let asked = self.take_claiming(key, Whom::Server);
        let Some((scan, case, intent, verdict)) = asked else { return };
        self.abandon(&intent, now.time);
        let verdict = Verdict { code: ReasonCode::ClaimRefused, at: now.time, ..verdict };
        self.refuse(scan, case, verdict, Some(intent.right), effects);
    }

    pub(super) fn expire_claim(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let expired = self.claim_deadline().is_some_and(|deadline| now.monotonic >= deadline);
        match self.pending.as_ref().and_then(Pending::asked) {
            Some((key, Whom::Server)) if expired => self.claim_failed(key, now, effects),
            Some((key, Whom::Hub)) if expired => self.hub_failed(key, now, effects),
            _ => {}
        }
    }

    pub(super) fn intended(
        &mut self,
        intent: Intent,
        scan: ScanId,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.intents.insert(intent.key, intent);
        let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else { return };
        let Stage::Intending { verdict, whom } = pending.stage else { return };
        let stage = self.claim(&pending.case, intent, (verdict, whom), now, effects);
        self.pending = Some(Pending { stage, ..pending });
    }

    pub(super) fn claim(
        &mut self,
        case: &Case,
        intent: Intent,
        (verdict, whom): (Verdict, Whom),
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Stage {
        // The server has those of which it has the journal. The hub may know of a grant from the ledger, and not of
        // its end.
        let heard = if whom == Whom::Server { self.outbox.acknowledged() } else { 0 };
        let given_up = self.abandoned.get(&intent.right.serial).into_iter().flatten();
        let given_up: Vec<_> = given_up.filter(|(number, _)| *number > heard).collect();
        // The newest: an open grant is most likely one of theirs.
        let newest = given_up.len().saturating_sub(MAX_ABANDONS);
        let claim = Claim {
            used: intent.by(&self.identity, self.epoch(), now.time),
            abandons: given_up.iter().skip(newest).map(|(_, key)| *key).collect(),
            by_hand: case.is_by_hand().then_some(case.answers),
        };
        effects.push(match whom {
            Whom::Server => Effect::Claim(claim),
            Whom::Hub => {
                self.hub.ask(intent.key);
                Effect::AskHub(claim)
            }
        });
        let deadline = now.monotonic.saturating_add(CLAIM_BUDGET);
        Stage::Claiming { intent, verdict, deadline, whom }
    }

    /// Gives a claim up at once: no later scan may use its key, durable or not.
    pub(super) fn abandon(&mut self, intent: &Intent, at: TimeInterval) {
        self.intents.remove(&intent.key);
        self.hub.gave_up(intent);
        let keys = self.abandoned.entry(intent.right.serial).or_default();
        keys.push((NOT_WRITTEN, intent.key));
        let body = JournalBody::Abandoned { claim: intent.key, right: intent.right };
        let forgotten = is_planted(Fault::AbandonmentForgotten);
        self.push_entry(body, at, if forgotten { Then::Nothing } else { Then::MustFollow });
    }

    /// When the claim under way stops being waited for.
    pub(super) fn claim_deadline(&self) -> Option<u64> {
        match self.pending.as_ref()?.stage {
            Stage::Claiming { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    pub(super) fn take_claiming(
        &mut self,
        key: ClaimKey,
        of: Whom,
    ) -> Option<(ScanId, Case, Intent, Verdict)> {
        match self.pending.as_ref()?.stage {
            Stage::Claiming { intent, verdict, whom, .. } if (intent.key, whom) == (key, of) => {
                self.pending.take().map(|pending| (pending.scan, pending.case, intent, verdict))
            }
            _ => None,
        }
    }
}
