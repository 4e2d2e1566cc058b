//! Staff's answer to "was this guest let in?". It lights green without a second use, so whatever
//! may have changed since the question was asked is judged again.

use kaisatsu_shared::{
    bundle::Policy,
    journal::JournalBody,
    reason::ReasonCode,
    rules::{Reach, RightView, Verdict},
};

use super::{
    Effect, Engine, LinkState, Now, ScanId, Then,
    scanning::{Pending, Stage},
};

impl Engine {
    /// Staff's word on the interrupted admission shown last.
    pub(super) fn answer(&mut self, let_in: bool, now: Now, effects: &mut Vec<Effect>) {
        if self.pending.is_some() {
            return;
        }
        let Some((verdict, right)) = self.last.take() else { return };
        let view = self.overlay.view(&self.state, right.serial);
        let Some((device, number)) = view.interrupted else { return };
        if verdict.code != ReasonCode::Interrupted {
            return;
        }
        let body = JournalBody::Answered { device, number, right, let_in };
        if let_in {
            // At once: until the entry is durable, another scan would ask, and answer, once more.
            self.overlay.answer(right.serial, (device, number));
            self.push_entry(body, now.time, Then::MustFollow);
            return;
        }
        let scan = ScanId(self.next_scan);
        self.next_scan = self.next_scan.saturating_add(1);
        // Unanswered in the journal, so that the question is asked again once the way is free.
        if let Some(code) = self.bars_answer(&view) {
            let verdict = Verdict { code, at: now.time, ..verdict };
            return self.refuse(scan, verdict, Some(right), effects);
        }
        let code = ReasonCode::AdmittedAfterInterruption;
        let verdict = Verdict { code, at: now.time, ..verdict };
        self.push_entry(body, now.time, Then::Light(scan));
        self.pending = Some(Pending {
            scan,
            text: String::new(),
            stage: Stage::Recording { verdict, authority: None },
        });
    }

    /// Why a guest who wasn't let in before may not enter now either, if they may not.
    fn bars_answer(&self, view: &RightView) -> Option<ReasonCode> {
        let online_only = |rules: &kaisatsu_shared::bundle::OpenBundle| {
            rules.rules.policy == Policy::OnlineOnly && self.reach() == Reach::Nobody
        };
        if view.voided {
            Some(ReasonCode::Voided)
        } else if self.link == LinkState::Refused {
            Some(ReasonCode::ClaimRefused)
        } else if self.bundle.as_ref().is_some_and(online_only) {
            Some(ReasonCode::ServerNeeded)
        } else {
            None
        }
    }
}
