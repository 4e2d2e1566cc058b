//! One scan from code to light. Scans are taken one after the other, as they stand in a lane.

use kaisatsu_shared::{
    id::ClaimKey,
    journal::JournalBody,
    reason::{Outcome, ReasonCode},
    right::{Authority, RightRef, UseKind},
    rules::{
        Context, Decision, Direction, Facts, Knowledge, Reach, Verdict, can_be_overruled, decide,
        prejudge_by_hand,
    },
    time::TimeInterval,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, Intent, LinkState, Now, ScanId, StoreId, Then, Write,
    case::{Case, Open, Pending, Source, Stage, Whom},
    overlay::Known,
};

impl Engine {
    /// Decides a code and starts what follows from it.
    pub(super) fn scan(
        &mut self,
        scan: ScanId,
        case: Case,
        key: ClaimKey,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let reach = self.reach();
        let decision = self.decide(&case, reach);
        // A claim is still open where its redemption couldn't be written. The next scan of its
        // ticket goes on with it; once another ticket is shown, its guest went elsewhere.
        let open: Vec<_> = self.intents.values().copied().collect();
        let (kind, count) = (self.kind(), case.answers.count());
        let same = |intent: &&Intent| intent.is_for(decision.right, kind, count);
        let known = open.iter().find(same).copied();
        let known = known.filter(|_| !is_planted(Fault::IntentNotReused));
        let key = if is_planted(Fault::KeyReused) { ClaimKey([7; 16]) } else { key };
        for intent in open.iter().filter(|_| decision.right.is_some()) {
            if !same(&intent) {
                self.abandon(intent, now.time);
            }
        }
        let right = match decision.right {
            Some(right) if decision.verdict.outcome().passes() => right,
            right => {
                if let Some(intent) = known {
                    self.abandon(&intent, now.time);
                }
                self.note_answers(&case, decision.verdict.code, right, now);
                let mut verdict = decision.verdict;
                if let Some(lease) = right.and_then(|right| self.lane_to_ask(&verdict, right, now))
                    && let Some(right) = right
                {
                    if case.patience.is_none_or(|until| now.monotonic < until) {
                        let intent = Intent { key, right, kind, count };
                        return self.fetch((scan, case), intent, (verdict, lease), now, effects);
                    }
                    verdict.code = ReasonCode::OtherLane;
                }
                return self.refuse(scan, case, verdict, right, effects);
            }
        };
        self.note_answers(&case, decision.verdict.code, Some(right), now);
        let intent = known.unwrap_or(Intent { key, right, kind, count });
        let verdict = decision.verdict;
        let whom = match decision.authority {
            Authority::Server => Some(Whom::Server),
            Authority::Hub => Some(Whom::Hub),
            Authority::Lease | Authority::Alone => None,
        };
        let stage = match whom {
            None => self.record((scan, &case), &intent, decision.authority, verdict, now),
            Some(whom) if known.is_some() => {
                self.claim(&case, intent, (verdict, whom), now, effects)
            }
            Some(whom) => {
                self.writing.push(Write::Intent(intent, scan));
                Stage::Intending { verdict, whom }
            }
        };
        self.pending = Some(Pending { scan, case, stage });
    }

    /// A write ended well: what waited for it goes on.
    pub(super) fn stored(&mut self, id: StoreId, now: Now, effects: &mut Vec<Effect>) {
        let Some(written) = self.writing.stored(id, &mut self.outbox) else { return };
        self.opening = false;
        for entry in &written.entries {
            self.overlay.note(entry);
            self.granted.note(entry);
            // While it was on its way to the disk the ledger may have told its end.
            if let Some(right) = entry.body.right() {
                self.granted.settle(right.serial, &self.state);
            }
            self.note_handed(entry);
            match entry.body {
                JournalBody::Redeemed { claim, .. } => {
                    self.intents.remove(&claim);
                    self.hub.used(&claim);
                    self.newest = entry.redeemed().map(|used| (entry.number, used));
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
                    match then {
                        Then::Light(scan) => self.light(scan, number, now.time, effects),
                        Then::Tell(done) => effects.push(Effect::Done(done)),
                        Then::Grant(device, key) => {
                            self.granted_by((device, key), number, effects);
                        }
                        Then::Heard(device, key) => self.heard((device, key), effects),
                        Then::Prove(lease, serial, hub) => {
                            self.prove((lease, serial), hub, effects);
                        }
                        Then::Nothing | Then::MustFollow => {}
                    }
                }
                Write::Record(_) => {}
            }
        }
    }

    /// A write failed: no light. The intent, if it was durable, serves the next scan.
    pub(super) fn store_failed(&mut self, id: StoreId, now: Now, effects: &mut Vec<Effect>) {
        let lost = self.writing.failed(id);
        // It is written once the disk allows it; what is there doesn't wait for that.
        self.opening = false;
        for granted in lost.grants {
            self.not_granted(granted, effects);
        }
        for scan in lost.scans {
            let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else {
                continue;
            };
            let mut verdict = pending.verdict();
            verdict.code = ReasonCode::CannotRecord;
            verdict.at = now.time;
            self.open = None;
            effects.push(Effect::Show { scan, verdict, authority: None });
        }
    }

    pub(super) fn decide(&mut self, case: &Case, reach: Reach) -> Decision {
        let decision = self.decide_within(case, reach);
        let right = decision.right.filter(|_| reach == Reach::Server);
        let device = self.identity.device;
        let is_hubs =
            |right: RightRef| self.holdings.is_on_its_way(&self.state, device, right.serial);
        if right.is_some_and(is_hubs) {
            // The server takes this device for its holder until its journal has arrived, and would grant it.
            return self.decide_within(case, self.reach_beside_server());
        }
        decision
    }

    fn decide_within(&mut self, case: &Case, reach: Reach) -> Decision {
        let at = case.read.time;
        let Some(bundle) = &self.bundle else {
            let verdict = Verdict { code: ReasonCode::BundleExpired, facts: Facts::default(), at };
            return Decision { verdict, right: None, authority: Authority::Alone };
        };
        let known = Known {
            overlay: &self.overlay,
            holdings: &self.holdings,
            granted: &self.granted,
            heard: &self.heard,
            state: &self.state,
        };
        let knowledge = Knowledge { bundle, roster: self.state.roster(), rights: &known };
        let context = Context {
            gate: self.identity.gate,
            direction: self.direction,
            reach,
            now: at,
            answers: case.answers,
        };
        let mut decision = match &case.source {
            Source::Code(text) => decide(text, &knowledge, &context, &mut self.links),
            Source::Right(right) => {
                let role = bundle.role(self.identity.operator);
                prejudge_by_hand(right, role, &knowledge, &context)
            }
        };
        if self.link == LinkState::Refused && decision.verdict.outcome() == Outcome::Admit {
            decision.verdict.code = ReasonCode::ClaimRefused;
        }
        decision
    }

    /// What a scan is to record.
    pub(super) const fn kind(&self) -> UseKind {
        match self.direction {
            Direction::Entry => UseKind::Entry,
            Direction::Exit => UseKind::Exit,
        }
    }

    pub(super) const fn reach(&self) -> Reach {
        match self.link {
            LinkState::Online if !self.suspect => Reach::Server,
            LinkState::Refused => Reach::Nobody,
            _ => self.reach_beside_server(),
        }
    }

    const fn reach_beside_server(&self) -> Reach {
        if self.hub.is_up() { Reach::Hub } else { Reach::Nobody }
    }

    pub(super) fn record(
        &mut self,
        (scan, case): (ScanId, &Case),
        intent: &Intent,
        authority: Authority,
        verdict: Verdict,
        now: Now,
    ) -> Stage {
        let body = JournalBody::Redeemed {
            right: intent.right,
            kind: intent.kind,
            count: intent.count,
            claim: intent.key,
            authority,
            by_hand: case.is_by_hand(),
        };
        self.push_entry(body, now.time, Then::Light(scan));
        Stage::Recording { verdict, authority: Some(authority) }
    }

    /// Shows a verdict that admits nobody; its journal entry may follow.
    pub(super) fn refuse(
        &mut self,
        scan: ScanId,
        case: Case,
        verdict: Verdict,
        right: Option<RightRef>,
        effects: &mut Vec<Effect>,
    ) {
        let open = right.filter(|_| can_be_overruled(verdict.code));
        self.open = open.map(|right| Open { case, verdict, right });
        effects.push(Effect::Show { scan, verdict, authority: None });
        let body = JournalBody::Refused { code: verdict.code, right };
        self.push_entry(body, verdict.at, Then::Nothing);
    }

    /// The entry `number` is durable: its light may be shown, and the mark that it was follows.
    fn light(&mut self, scan: ScanId, number: u64, at: TimeInterval, effects: &mut Vec<Effect>) {
        let Some(pending) = self.pending.take_if(|pending| pending.scan == scan) else { return };
        self.open = None;
        let authority = match pending.stage {
            Stage::Recording { authority, .. } => authority,
            _ => None,
        };
        effects.push(Effect::Show { scan, verdict: pending.verdict(), authority });
        self.push_entry(JournalBody::Shown { number }, at, Then::MustFollow);
    }

    pub(super) fn push_entry(&mut self, body: JournalBody, at: TimeInterval, then: Then) {
        let operator = self.identity.operator;
        self.writing.push(Write::Journal { body, operator, at, then });
    }
}
