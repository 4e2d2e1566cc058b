//! What staff do against the rules' answer, and who they are. Everything is a journal entry; nothing
//! is ever deleted.

use kaisatsu_shared::{
    id::{DeviceId, OperatorId},
    journal::JournalBody,
    ledger::AskedAt,
    operator::Role,
    reason::ReasonCode,
    right::{OverrideReason, RightRef, Use},
    rules::{Interventions, Verdict},
    time::UnixMillis,
};

use super::{
    Declined, Done, Effect, Engine, LinkState, Now, Then,
    case::{Open, Pending, Stage},
};

impl Engine {
    /// Lets the guest of the verdict shown last in all the same. It is no use of the right.
    pub(super) fn overrule(&mut self, reason: OverrideReason, now: Now, effects: &mut Vec<Effect>) {
        if self.pending.is_some() {
            return;
        }
        let declined = if self.open.is_none() {
            Some(Declined::NothingToOverrule)
        } else if self.link == LinkState::Refused {
            Some(Declined::GateRefused)
        } else if self.interventions().allow_override(self.role()) {
            None
        } else {
            Some(Declined::NeedsLead)
        };
        if let Some(declined) = declined {
            // The verdict stays: a lead may sign in now.
            effects.push(Effect::Declined(declined));
            return;
        }
        let Some(Open { case, verdict, right }) = self.open.take() else { return };
        let scan = self.number_scan();
        let count = case.answers.count();
        let body = JournalBody::Overridden { right, count, code: verdict.code, reason };
        self.push_entry(body, now.time, Then::Light(scan));
        let code = ReasonCode::AdmittedByOverride;
        let verdict = Verdict { code, at: now.time, ..verdict };
        let stage = Stage::Recording { verdict, authority: None };
        self.pending = Some(Pending { scan, case, stage });
    }

    /// Takes back the use that the verdict shown last tells of, or else the own last one. It counts
    /// no more once the server has recorded that.
    pub(super) fn annul(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.pending.is_some() {
            return;
        }
        match self.may_annul(now) {
            Ok((device, number, right)) => {
                self.newest = None;
                self.overlay.annul((device, number));
                let body = JournalBody::Annulled { device, number, right };
                self.push_entry(body, now.time, Then::Tell(Done::Annulled));
            }
            Err(declined) => effects.push(Effect::Declined(declined)),
        }
    }

    fn may_annul(&self, now: Now) -> Result<(DeviceId, u64, RightRef), Declined> {
        let shown = self.open.as_ref().filter(|open| open.verdict.facts.last_use.is_some());
        let found = match shown {
            Some(open) => self.overlay.newest_use(&self.state, open.right.serial),
            None => self.newest,
        };
        let (number, used) = found.ok_or(Declined::NothingToAnnul)?;
        if self.overlay.is_annulled((used.device, number)) {
            return Err(Declined::AlreadyAnnulled);
        }
        // Of staff's own scans only the very last one.
        let role = self.role();
        let last =
            self.newest.is_some_and(|(last, own)| (last, own.device) == (number, used.device));
        if !(last || role == Some(Role::Lead)) || !self.allows_annul(role, now, &used) {
            return Err(Declined::NeedsLead);
        }
        Ok((used.device, number, used.right))
    }

    fn allows_annul(&self, role: Option<Role>, now: Now, used: &Use) -> bool {
        let super::Identity { device, gate, operator, .. } = self.identity;
        let by = AskedAt { device, gate, operator, at: now.time };
        self.interventions().allow_annul(role, &by, used)
    }

    fn interventions(&self) -> Interventions {
        self.bundle.as_ref().map(|bundle| bundle.rules.interventions).unwrap_or_default()
    }

    /// From now on entries are this operator's.
    pub(super) fn sign_in(&mut self, operator: OperatorId, now: Now) {
        if self.identity.operator != OperatorId(0) {
            self.push_entry(JournalBody::SignedOut, now.time, Then::MustFollow);
        }
        self.identity.operator = operator;
        self.push_entry(JournalBody::SignedIn, now.time, Then::Tell(Done::SignedIn));
    }

    /// From now on entries are nobody's.
    pub(super) fn sign_out(&mut self, now: Now) {
        if self.identity.operator != OperatorId(0) {
            self.push_entry(JournalBody::SignedOut, now.time, Then::Tell(Done::SignedOut));
            self.identity.operator = OperatorId(0);
        }
    }

    /// A lead has set the gate's clock.
    pub(super) fn time_set(&mut self, at: UnixMillis, now: Now, effects: &mut Vec<Effect>) {
        if self.role() == Some(Role::Lead) {
            self.push_entry(JournalBody::TimeSet { at }, now.time, Then::Tell(Done::TimeSet));
        } else {
            effects.push(Effect::Declined(Declined::NeedsLead));
        }
    }
}
