//! The venue's hub as seen from another gate: who is asked when the server can't be, and who must hear of
//! claims that were given up. The hub answers the server's own claims; a claim goes to it under the same key.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::ClaimKey,
    journal::{JournalBody, JournalEntry},
    right::{Authority, RightRef},
    rules::{Decision, Facts, Reach, Verdict},
    sync::{ClaimAnswer, ClaimRefusal},
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, Intent, Now,
    case::{Pending, Whom},
    outbox::Outbox,
};

/// How long to wait before the hub is told again, in milliseconds.
const RETRY_AFTER: u64 = 1_000;

/// What is known of the hub.
#[derive(Debug, Default)]
pub(super) struct HubLink {
    /// It answers.
    up: bool,
    /// Claims that it may know.
    asked: BTreeSet<ClaimKey>,
    /// Claims given up that it may know, until it has said that it heard so.
    owed: BTreeMap<ClaimKey, RightRef>,
    under_way: Option<ClaimKey>,
    not_before: u64,
    /// How much of this journal it has, by its own word.
    kept: u64,
    offering: bool,
    offer_not_before: u64,
}

impl HubLink {
    /// After a restart the gate doesn't know whom it had asked: the hub hears of all that the server hasn't.
    pub(super) fn restored(journal: &[JournalEntry], acknowledged: u64, open: &[Intent]) -> Self {
        let unsent = journal.iter().filter(|entry| entry.number > acknowledged);
        let owed = unsent.filter_map(|entry| match entry.body {
            JournalBody::Abandoned { claim, right } => Some((claim, right)),
            _ => None,
        });
        let asked = open.iter().map(|intent| intent.key).collect();
        Self { asked, owed: owed.collect(), ..Self::default() }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.up
    }

    pub(super) fn ask(&mut self, key: ClaimKey) {
        self.asked.insert(key);
    }

    /// A claim ended with a use: what the hub granted is confirmed by the ledger.
    pub(super) fn used(&mut self, key: &ClaimKey) {
        self.asked.remove(key);
    }

    /// A claim was given up.
    pub(super) fn gave_up(&mut self, intent: &Intent) {
        if self.asked.remove(&intent.key) {
            self.owed.insert(intent.key, intent.right);
        }
    }

    pub(super) const fn set(&mut self, up: bool) {
        if self.up != up {
            // It may have started anew, and have nothing.
            self.kept = 0;
            self.offering = false;
            self.offer_not_before = 0;
        }
        self.up = up;
        self.under_way = None;
        self.not_before = 0;
    }

    /// How much of this journal the hub has now.
    pub(super) const fn kept(&mut self, number: Option<u64>, monotonic: u64) {
        self.offering = false;
        match number {
            Some(number) if number != self.kept => self.kept = number,
            // Not at once again: it has no room, or other entries than these.
            _ => self.offer_not_before = monotonic.saturating_add(RETRY_AFTER),
        }
    }

    /// What the hub is to pass on next, of what the server doesn't have.
    pub(super) fn offer(&mut self, outbox: &Outbox, monotonic: u64) -> Option<Effect> {
        if !self.up || self.offering || monotonic < self.offer_not_before {
            return None;
        }
        let (entries, head) = outbox.after(self.kept)?;
        self.offering = true;
        Some(Effect::OfferHub { entries, head })
    }

    pub(super) fn told(&mut self, key: ClaimKey, heard: bool, monotonic: u64) {
        if self.under_way == Some(key) {
            self.under_way = None;
        }
        if heard {
            self.owed.remove(&key);
        } else {
            self.not_before = monotonic.saturating_add(RETRY_AFTER);
        }
    }

    /// What the hub is to be told next.
    pub(super) fn start(&mut self, monotonic: u64) -> Option<Effect> {
        if !self.up || self.under_way.is_some() || monotonic < self.not_before {
            return None;
        }
        let (&claim, &right) = self.owed.first_key_value()?;
        self.under_way = Some(claim);
        Some(Effect::TellHub { claim, right })
    }

    /// When it is to be told again, if it is.
    pub(super) fn retry_at(&self) -> Option<u64> {
        let waits = self.up && self.under_way.is_none() && !self.owed.is_empty();
        waits.then_some(self.not_before)
    }
}

impl Engine {
    /// The hub answered a claim.
    pub(super) fn hub_answered(
        &mut self,
        key: ClaimKey,
        answer: ClaimAnswer,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        // It has followed the ledger less far than this gate: it can't say.
        if matches!(answer, ClaimAnswer::Refused { refusal: ClaimRefusal::NotIssued, .. }) {
            return self.go_on_alone(key, now, effects);
        }
        let Some((scan, case, intent, verdict)) = self.take_claiming(key, Whom::Hub) else {
            return;
        };
        match answer {
            ClaimAnswer::Granted { .. } => {
                let stage = self.record((scan, &case), &intent, Authority::Hub, verdict, now);
                self.pending = Some(Pending { scan, case, stage });
            }
            ClaimAnswer::Refused { refusal: refusal @ ClaimRefusal::Recalling, facts } => {
                let facts = Facts { left: None, ..verdict.facts }.with(facts);
                let verdict = Verdict { code: refusal.code(), facts, at: now.time };
                self.wait_for_lane((scan, case), intent, (verdict, Whom::Hub), now, effects);
            }
            ClaimAnswer::Refused { refusal, facts } => {
                self.abandon(&intent, now.time);
                let facts = Facts { left: None, ..verdict.facts }.with(facts);
                let verdict = Verdict { code: refusal.code(), facts, at: now.time };
                self.refuse(scan, case, verdict, Some(intent.right), effects);
            }
        }
    }

    /// The hub didn't answer in time, or can't say: until it is heard again it isn't asked.
    pub(super) fn hub_failed(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        if self.pending.as_ref().and_then(Pending::asked) == Some((key, Whom::Hub)) {
            self.hub.set(false);
            self.go_on_alone(key, now, effects);
        }
    }

    fn go_on_alone(&mut self, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let Some((scan, case, intent, _)) = self.take_claiming(key, Whom::Hub) else { return };
        let Decision { verdict, right, authority } = self.decide(&case, Reach::Nobody);
        if verdict.outcome().passes() && right == Some(intent.right) {
            let stage = self.record((scan, &case), &intent, authority, verdict, now);
            self.pending = Some(Pending { scan, case, stage });
        } else {
            if !is_planted(Fault::HubLateGrantKept) {
                self.abandon(&intent, now.time);
            }
            self.refuse(scan, case, verdict, Some(intent.right), effects);
        }
    }
}
