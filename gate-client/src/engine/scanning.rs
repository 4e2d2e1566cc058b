//! One scan from code to verdict. Scans are taken one after the other, as they stand in a lane.

use kaisatsu_shared::{
    id::ClaimKey,
    journal::JournalBody,
    reason::{Outcome, ReasonCode},
    right::{Authority, RightRef, Use, UseKind},
    rules::{Context, Decision, Facts, Knowledge, Reach, Verdict, decide},
    sync::{Claim, ClaimAnswer, ClaimRefusal},
    time::TimeInterval,
};

use super::{Effect, Engine, Intent, LinkState, Now, ScanId, StoreId, Then, Write};

/// How long a claim may take before the gate decides alone, in milliseconds.
pub const CLAIM_BUDGET: u64 = 300;

/// Persons on one scan. Groups come with their rule.
const COUNT: u8 = 1;

/// The most abandoned claims that travel with a new one: the server refuses more. The others reach
/// it with the journal.
const MAX_ABANDONS: usize = 64;

/// Stands for the journal number of an abandonment that isn't written yet.
const NOT_WRITTEN: u64 = u64::MAX;

/// A scan under way.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) scan: ScanId,
    pub(super) text: String,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// The intent is being written; then the claim is made.
    Intending { verdict: Verdict },
    /// The server was asked.
    Claiming { intent: Intent, verdict: Verdict, deadline: u64 },
    /// The redemption, or the answer that lets an interrupted guest in, is being written.
    Recording { verdict: Verdict, authority: Option<Authority> },
}

impl Engine {
    pub(super) fn scan(
        &mut self,
        scan: ScanId,
        text: &str,
        key: ClaimKey,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let reach = self.reach();
        let decision = self.decide(text, reach, now);
        // A claim is still open where its redemption couldn't be written. The next scan of its
        // ticket goes on with it; once another ticket is shown, its guest went elsewhere.
        let open: Vec<_> = self.intents.values().copied().collect();
        let known = open.iter().find(|intent| Some(intent.right) == decision.right).copied();
        for intent in open.iter().filter(|_| decision.right.is_some()) {
            if Some(intent.right) != decision.right {
                self.abandon(intent, now.time);
            }
        }
        let right = match decision.right {
            Some(right) if decision.verdict.outcome() == Outcome::Admit => right,
            right => {
                if let Some(intent) = known {
                    self.abandon(&intent, now.time);
                }
                return self.refuse(scan, decision.verdict, right, effects);
            }
        };
        let intent = known.unwrap_or(Intent { key, right });
        let verdict = decision.verdict;
        let stage = match reach {
            Reach::Nobody => self.record(scan, &intent, Authority::Alone, verdict, now.time),
            Reach::Server if known.is_some() => self.claim(intent, verdict, now, effects),
            Reach::Server => {
                self.writing.push(Write::Intent(intent, scan));
                Stage::Intending { verdict }
            }
        };
        self.pending = Some(Pending { scan, text: text.to_owned(), stage });
    }

    /// A write ended well: what waited for it goes on.
    pub(super) fn stored(&mut self, id: StoreId, now: Now, effects: &mut Vec<Effect>) {
        let Some(written) = self.writing.stored(id, &mut self.outbox) else { return };
        for entry in &written.entries {
            self.overlay.note(entry);
            match entry.body {
                JournalBody::Redeemed { claim, .. } => {
                    self.intents.remove(&claim);
                }
                JournalBody::Abandoned { claim, right } => {
                    self.intents.remove(&claim);
                    let keys = self.abandoned.entry(right.serial).or_default();
                    keys.retain(|(_, key)| *key != claim);
                    keys.push((entry.number, claim));
                }
                _ => {}
            }
        }
        let mut numbers = written.entries.iter().map(|entry| entry.number);
        for write in written.writes {
            match write {
                Write::Intent(intent, scan) => self.intended(intent, scan, now, effects),
                Write::Journal { then, .. } => {
                    let number = numbers.next().unwrap_or_default();
                    if let Then::Light(scan) = then {
                        self.light(scan, number, now.time, effects);
                    }
                }
                Write::Record(_) => {}
            }
        }
    }

    /// A write failed: no light. The intent, if it was durable, serves the next scan.
    pub(super) fn store_failed(&mut self, id: StoreId, now: Now, effects: &mut Vec<Effect>) {
        for scan in self.writing.failed(id) {
            let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else {
                continue;
            };
            let mut verdict = pending.verdict();
            verdict.code = ReasonCode::CannotRecord;
            verdict.at = now.time;
            self.last = None;
            effects.push(Effect::Show { scan, verdict, authority: None });
        }
    }

    pub(super) fn claimed(
        &mut self,
        key: ClaimKey,
        answer: ClaimAnswer,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some((scan, intent, verdict)) = self.take_claiming(key) else { return };
        match answer {
            ClaimAnswer::Granted { .. } => {
                let stage = self.record(scan, &intent, Authority::Server, verdict, now.time);
                self.pending = Some(Pending { scan, text: String::new(), stage });
            }
            ClaimAnswer::Refused { refusal, last_use } => {
                self.abandon(&intent, now.time);
                let facts = Facts { last_use, left: None, ..verdict.facts };
                let verdict = Verdict { code: code_of(refusal), facts, at: now.time };
                self.refuse(scan, verdict, Some(intent.right), effects);
            }
        }
    }

    /// No answer: the link counts as down for this scan, and the gate decides alone.
    pub(super) fn claim_failed(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let text = self.pending.as_ref().map(|pending| pending.text.clone()).unwrap_or_default();
        let Some((scan, intent, _)) = self.take_claiming(key) else { return };
        self.suspect = true;
        let Decision { verdict, right } = self.decide(&text, Reach::Nobody, now);
        if verdict.outcome() == Outcome::Admit && right == Some(intent.right) {
            let stage = self.record(scan, &intent, Authority::Alone, verdict, now.time);
            self.pending = Some(Pending { scan, text, stage });
        } else {
            self.abandon(&intent, now.time);
            self.refuse(scan, verdict, Some(intent.right), effects);
        }
    }

    /// The server refused the request: that says nothing of the ticket, and isn't a cut either.
    pub(super) fn claim_rejected(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let Some((scan, intent, verdict)) = self.take_claiming(key) else { return };
        self.abandon(&intent, now.time);
        let verdict = Verdict { code: ReasonCode::ClaimRefused, at: now.time, ..verdict };
        self.refuse(scan, verdict, Some(intent.right), effects);
    }

    pub(super) fn expire_claim(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let expired = self.claim_deadline().is_some_and(|deadline| now.monotonic >= deadline);
        if let Some(Pending { stage: Stage::Claiming { intent, .. }, .. }) = &self.pending
            && expired
        {
            self.claim_failed(intent.key, now, effects);
        }
    }

    fn decide(&mut self, text: &str, reach: Reach, now: Now) -> Decision {
        let Some(bundle) = &self.bundle else {
            let verdict =
                Verdict { code: ReasonCode::BundleExpired, facts: Facts::default(), at: now.time };
            return Decision { verdict, right: None };
        };
        let (overlay, state) = (&self.overlay, &self.state);
        let rights = |serial| overlay.view(state, serial);
        let knowledge = Knowledge { bundle, roster: self.state.roster(), rights: &rights };
        let context = Context { gate: self.identity.gate, reach, now: now.time, count: COUNT };
        let mut decision = decide(text, &knowledge, &context, &mut self.links);
        if self.link == LinkState::Refused && decision.verdict.outcome() == Outcome::Admit {
            decision.verdict.code = ReasonCode::ClaimRefused;
        }
        decision
    }

    pub(super) const fn reach(&self) -> Reach {
        match self.link {
            LinkState::Online if !self.suspect => Reach::Server,
            _ => Reach::Nobody,
        }
    }

    fn intended(&mut self, intent: Intent, scan: ScanId, now: Now, effects: &mut Vec<Effect>) {
        self.intents.insert(intent.key, intent);
        let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else { return };
        let verdict = pending.verdict();
        let stage = self.claim(intent, verdict, now, effects);
        self.pending = Some(Pending { stage, ..pending });
    }

    fn claim(
        &self,
        intent: Intent,
        verdict: Verdict,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Stage {
        let given_up =
            self.abandoned.get(&intent.right.serial).map(Vec::as_slice).unwrap_or_default();
        // The newest: an open grant is most likely one of theirs.
        let newest = given_up.len().saturating_sub(MAX_ABANDONS);
        effects.push(Effect::Claim(Claim {
            used: Use {
                right: intent.right,
                kind: UseKind::Entry,
                count: COUNT,
                claim: intent.key,
                gate: self.identity.gate,
                device: self.identity.device,
                operator: self.identity.operator,
                epoch: self.epoch(),
                at: now.time,
                authority: Authority::Server,
            },
            abandons: given_up.iter().skip(newest).map(|(_, key)| *key).collect(),
        }));
        let deadline = now.monotonic.saturating_add(CLAIM_BUDGET);
        Stage::Claiming { intent, verdict, deadline }
    }

    fn record(
        &mut self,
        scan: ScanId,
        intent: &Intent,
        authority: Authority,
        verdict: Verdict,
        at: TimeInterval,
    ) -> Stage {
        let body = JournalBody::Redeemed {
            right: intent.right,
            kind: UseKind::Entry,
            count: COUNT,
            claim: intent.key,
            authority,
        };
        self.push_entry(body, at, Then::Light(scan));
        Stage::Recording { verdict, authority: Some(authority) }
    }

    /// Gives a claim up at once: no later scan may use its key, durable or not.
    pub(super) fn abandon(&mut self, intent: &Intent, at: TimeInterval) {
        self.intents.remove(&intent.key);
        let keys = self.abandoned.entry(intent.right.serial).or_default();
        keys.push((NOT_WRITTEN, intent.key));
        let body = JournalBody::Abandoned { claim: intent.key, right: intent.right };
        self.push_entry(body, at, Then::MustFollow);
    }

    /// Shows a verdict that admits nobody; its journal entry may follow.
    pub(super) fn refuse(
        &mut self,
        scan: ScanId,
        verdict: Verdict,
        right: Option<RightRef>,
        effects: &mut Vec<Effect>,
    ) {
        self.last = right.map(|right| (verdict, right));
        effects.push(Effect::Show { scan, verdict, authority: None });
        let body = JournalBody::Refused { code: verdict.code, right };
        self.push_entry(body, verdict.at, Then::Nothing);
    }

    /// The entry `number` is durable: its light may be shown, and the mark that it was follows.
    fn light(&mut self, scan: ScanId, number: u64, at: TimeInterval, effects: &mut Vec<Effect>) {
        let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else { return };
        self.last = None;
        let authority = match pending.stage {
            Stage::Recording { authority, .. } => authority,
            _ => None,
        };
        effects.push(Effect::Show { scan, verdict: pending.verdict(), authority });
        self.push_entry(JournalBody::Shown { number }, at, Then::MustFollow);
    }

    pub(super) fn push_entry(&mut self, body: JournalBody, at: TimeInterval, then: Then) {
        self.writing.push(Write::Journal { body, at, then });
    }

    /// When the claim under way stops being waited for.
    pub(super) fn claim_deadline(&self) -> Option<u64> {
        match self.pending.as_ref()?.stage {
            Stage::Claiming { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    fn take_claiming(&mut self, key: ClaimKey) -> Option<(ScanId, Intent, Verdict)> {
        match self.pending.as_ref()?.stage {
            Stage::Claiming { intent, verdict, .. } if intent.key == key => {
                self.pending.take().map(|pending| (pending.scan, intent, verdict))
            }
            _ => None,
        }
    }
}

impl Pending {
    const fn verdict(&self) -> Verdict {
        match self.stage {
            Stage::Intending { verdict }
            | Stage::Claiming { verdict, .. }
            | Stage::Recording { verdict, .. } => verdict,
        }
    }
}

const fn code_of(refusal: ClaimRefusal) -> ReasonCode {
    match refusal {
        ClaimRefusal::AlreadyUsed => ReasonCode::AlreadyUsed,
        ClaimRefusal::BeingAdmitted => ReasonCode::BeingAdmitted,
        ClaimRefusal::Interrupted => ReasonCode::Interrupted,
        ClaimRefusal::Voided => ReasonCode::Voided,
        ClaimRefusal::Superseded => ReasonCode::Superseded,
        ClaimRefusal::NotIssued => ReasonCode::NotIssued,
        ClaimRefusal::Abandoned | ClaimRefusal::KeyReused => ReasonCode::ClaimRefused,
    }
}
