//! The venue's hub: this gate answers other gates' claims while they can't ask the server. It has no more
//! authority than any gate: of `strict` rights it grants what is leased to it or what a lane gave it, of `available`
//! ones what it doesn't know as used. What it grants is in its journal before anybody hears of it.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    bundle::Policy,
    claims::{Asked, Book, ClaimOutcome, LaneState, Lanes, check_claim, judge_claim, may_abandon},
    id::{ClaimKey, DeviceId, GateId, Serial},
    journal::JournalBody,
    lease::Serials,
    ledger::{ClaimState, Crowd, EventState, LedgerBody},
    reason::ReasonCode,
    right::{Authority, RightRef, Use},
    rules::{Reach, RightView, judge_last_word},
    sync::{Claim, ClaimAnswer, ClaimRefusal},
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, LinkState, Now, Then,
    case::Stage,
    overlay::{Known, Whose},
};

/// Answers that wait for the disk.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) claims: BTreeMap<(DeviceId, ClaimKey), ClaimOutcome>,
    given_up: BTreeSet<(DeviceId, ClaimKey)>,
}

/// What a claim is judged by here.
struct HubBook<'a> {
    known: Known<'a>,
    /// Own uses and claims that are on their way.
    under_way: Vec<Use>,
}

impl Book for HubBook<'_> {
    fn ledger(&self) -> &EventState {
        self.known.state
    }

    fn authority(&self) -> Authority {
        Authority::Hub
    }

    fn reach(&self) -> Reach {
        Reach::Nobody
    }

    fn claim(&self, key: &ClaimKey) -> Option<ClaimState> {
        self.known.granted.claim(key, self.known.state)
    }

    fn first_use(&self, serial: Serial, key: ClaimKey) -> Option<Use> {
        let mut here = self.known.granted.open(serial).iter().copied();
        let there = || self.known.state.right(serial)?.first_use(key);
        here.find(|used| used.claim == key).or_else(there)
    }

    fn view(&self, serial: Serial, gone: &[ClaimKey]) -> RightView {
        let mut view = self.known.view_of(serial, Whose::Anyones(gone));
        let here = self.under_way.iter().filter(|used| used.right.serial == serial);
        here.for_each(|used| view.admitting(used));
        view
    }

    fn crowd(&self, serial: Serial, gone: &[ClaimKey]) -> Crowd<'_> {
        self.known.crowd_of(serial, Whose::Anyones(gone))
    }

    /// What another lane holds that was heard a moment ago, a hub asks it for.
    fn held_elsewhere(
        &self,
        (policy, _): (Policy, Option<DeviceId>),
        serial: Serial,
        lanes: Lanes<'_>,
    ) -> Option<Asked> {
        let refusal = judge_last_word(policy, Reach::Nobody, self.known.holds(serial))
            .filter(|_| !is_planted(Fault::HubUnleasedGranted))?;
        let silent = refusal.code == ReasonCode::LaneSilent;
        let holder = self.known.state.leases().holder(serial).filter(|_| silent);
        let (refusal, facts) = (ClaimRefusal::of(refusal.code), refusal.facts);
        Some(match holder.map(|lease| (lease, lanes(lease))) {
            Some((lease, LaneState::Heard)) => {
                let serials = Serials::one(serial);
                let asked = LedgerBody::Recalled { lease: lease.id, serials };
                (ClaimRefusal::Recalling, facts, vec![asked])
            }
            Some((_, LaneState::Lost)) => (ClaimRefusal::LaneLost, facts, Vec::new()),
            Some((_, LaneState::Silent)) | None => (refusal, facts, Vec::new()),
        })
    }
}

impl Engine {
    /// Another gate's claim. The adapter has checked who it is, and its gate.
    pub(super) fn hub_claim(
        &mut self,
        (device, gate): (DeviceId, GateId),
        claim: Claim,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let key = claim.used.claim;
        if self.waiting.claims.contains_key(&(device, key)) {
            return;
        }
        let used = Use { device, gate, ..claim.used };
        let claim = Claim { used, ..claim };
        self.saw(device, now);
        let answer = self.grant(&claim, now, effects);
        if let Some(answer) = answer {
            effects.push(Effect::HubAnswer { device, claim: key, answer });
        }
    }

    /// Judges a claim and writes what follows. The answer, unless it waits for the disk; nothing in it where
    /// this gate can't say.
    fn grant(
        &mut self,
        claim: &Claim,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Option<Option<ClaimAnswer>> {
        let Some(outcome) = self.judge_for(claim, now) else { return Some(None) };
        let Use { claim: key, device, right, .. } = claim.used;
        let mut granted = false;
        for body in &outcome.append {
            match *body {
                LedgerBody::Abandoned { claim, .. } => {
                    self.note_given_up(device, claim, right, now)
                }
                LedgerBody::Granted(used) => {
                    granted = true;
                    self.granted.grant(used, 0);
                    let Use { device, gate, right, kind, count, claim, .. } = used;
                    let body = JournalBody::Granted { device, gate, right, kind, count, claim };
                    self.push_entry(body, now.time, Then::Grant(device, claim));
                }
                LedgerBody::Recalled { lease, serials } => {
                    self.ask_holder(lease, serials.first(), now, effects);
                }
                _ => {}
            }
        }
        if granted && !is_planted(Fault::HubGrantUnwritten) {
            self.waiting.claims.insert((device, key), outcome);
            return None;
        }
        Some(Some(outcome.answer_at(0)))
    }

    /// Nothing where this gate can't say: its rules are too old, the server refused it, the claim is none
    /// that a hub answers.
    fn judge_for(&self, claim: &Claim, now: Now) -> Option<ClaimOutcome> {
        let bundle = self.bundle.as_ref().filter(|bundle| now.time.latest < bundle.not_after)?;
        let Use { device, right, .. } = claim.used;
        if self.link == LinkState::Refused
            || right.event != self.identity.event
            || device == self.identity.device
            || bundle.revoked.contains(&device)
            || claim.by_hand.is_some()
            || check_claim(claim).is_err()
        {
            return None;
        }
        let lanes: Lanes<'_> = &|lease| match self.lane(lease, now) {
            // What this device gave away itself it doesn't ask itself for.
            _ if lease.device == self.identity.device => LaneState::Silent,
            state => state,
        };
        Some(judge_claim(&self.book(now), bundle.event_rules(), claim, now.time, lanes))
    }

    /// Another gate gave a claim up; it is told once that is durable.
    pub(super) fn hub_give_up(
        &mut self,
        device: DeviceId,
        claim: ClaimKey,
        right: RightRef,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        // It asks again: this gate may not have followed the ledger to that ticket yet.
        if right.event != self.identity.event || right.serial.0 >= self.state.roster().len() {
            return;
        }
        if may_abandon(&self.book(now), claim, right.serial, device) {
            self.note_given_up(device, claim, right, now);
            if is_planted(Fault::HubHeardUnwritten) {
                effects.push(Effect::HubHeard { device, claim });
            }
        } else if !self.waiting.given_up.contains(&(device, claim)) {
            effects.push(Effect::HubHeard { device, claim });
        }
    }

    fn note_given_up(&mut self, device: DeviceId, claim: ClaimKey, right: RightRef, now: Now) {
        self.granted.give_up(right.serial, claim, device);
        self.waiting.given_up.insert((device, claim));
        let body = JournalBody::GaveUp { device, claim, right };
        self.push_entry(body, now.time, Then::Heard(device, claim));
    }

    /// The grant is durable: the gate may hear of it.
    pub(super) fn granted_by(
        &mut self,
        (device, claim): (DeviceId, ClaimKey),
        number: u64,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(outcome) = self.waiting.claims.remove(&(device, claim)) {
            let answer = Some(outcome.answer_at(number));
            effects.push(Effect::HubAnswer { device, claim, answer });
        }
    }

    /// The grant couldn't be written: it is none, and the gate is told that this one can't say.
    pub(super) fn not_granted(
        &mut self,
        (device, claim): (DeviceId, ClaimKey),
        effects: &mut Vec<Effect>,
    ) {
        if self.waiting.claims.remove(&(device, claim)).is_some() {
            if !self.granted.is_gone(&claim) {
                self.granted.undo(&claim);
            }
            effects.push(Effect::HubAnswer { device, claim, answer: None });
        }
    }

    /// It is durable that a claim was given up.
    pub(super) fn heard(
        &mut self,
        (device, claim): (DeviceId, ClaimKey),
        effects: &mut Vec<Effect>,
    ) {
        if self.waiting.given_up.remove(&(device, claim)) {
            effects.push(Effect::HubHeard { device, claim });
        }
    }

    fn book(&self, now: Now) -> HubBook<'_> {
        let mut under_way: Vec<Use> = self.writing.uses(&self.identity, self.epoch()).collect();
        let pending = self.pending.as_ref().map(|pending| &pending.stage);
        if let Some(Stage::Claiming { intent, .. } | Stage::Recalling { intent, .. }) = pending {
            let at = self.pending.as_ref().map_or(now.time, |pending| pending.case.read.time);
            under_way.push(intent.by(&self.identity, self.epoch(), at));
        }
        under_way.retain(|_| !is_planted(Fault::HubOwnNotCounted));
        HubBook { known: self.known(), under_way }
    }
}
