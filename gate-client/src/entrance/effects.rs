//! Carrying out what the engine says.

use std::collections::VecDeque;

use kaisatsu_shared::{reason::ReasonCode, right::Authority, rules::Verdict};

use crate::{
    engine::{Effect, Input, Record, ScanId, StoreFailed},
    face::Shown,
    link::Notice,
    platform,
    store::{Store as _, StoreError},
};

use super::gate::Gate;

impl Gate {
    pub(super) async fn handle(&mut self, input: Input) {
        let now = self.now();
        let effects = self.engine.handle(input, now);
        self.carry_out(effects).await;
    }

    /// Carries effects out in order: writes first and to the disk before anything after them.
    pub(super) async fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo: VecDeque<_> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Store { id, records } => {
                    let result = self.write(&records).await;
                    let now = self.now();
                    todo.extend(self.engine.handle(Input::Stored { id, result }, now));
                }
                Effect::Claim(claim) => self.link.claim(claim),
                Effect::AskHub(claim) => self.hub.claim(claim),
                Effect::TellHub { claim, right } => self.hub.give_up(claim, right),
                Effect::OfferHub { entries, head } => self.hub.offer(entries, head),
                Effect::HubAnswer { device, claim, answer } => {
                    self.hub.answer(device, claim, answer);
                }
                Effect::HubHeard { device, claim } => self.hub.heard(device, claim),
                Effect::Recall { device, recall } => self.hub.recall(device, recall),
                Effect::HandOver { hub, entries, head } => {
                    self.hub.hand_over(hub, entries, head);
                }
                Effect::Show { scan, verdict, authority } => self.show(scan, verdict, authority),
                Effect::Wait { scan, verdict } => self.show_wait(scan, verdict),
                Effect::Upload { entries, head } => self.link.upload(entries, head),
                Effect::Conflict { right, number } => {
                    self.notice(Notice::conflict(right.serial, number));
                }
                Effect::Done(done) => self.done(done),
                Effect::Declined(declined) => self.declined(declined),
                Effect::TimesDoubted(entries) => self.notice(Notice::times_doubted(&entries)),
                Effect::FeedBroken(why) => self.notice(Notice::history(&why)),
            }
        }
    }

    async fn write(&mut self, records: &[Record]) -> Result<(), StoreFailed> {
        match self.store.apply(records).await {
            Ok(()) => {
                self.disk_fault = None;
                self.note_head(records);
                self.hub.wrote(records);
                Ok(())
            }
            Err(error) => {
                self.disk_failed(&error);
                Err(StoreFailed)
            }
        }
    }

    pub(super) fn disk_failed(&mut self, error: &StoreError) {
        if matches!(error, StoreError::Fsync) {
            tracing::error!(%error, "the gate ends");
            let (ja, en) = error.for_staff();
            self.notice(Notice::new(error.code(), ja, en));
            self.front.borrow_mut().face.close();
            // At once: an orderly end would write again.
            platform::halt(&error.to_string());
        }
        if self.disk_fault.replace(error.code()) != Some(error.code()) {
            tracing::error!(%error, code = error.code(), "the gate can't write");
            let (ja, en) = error.for_staff();
            self.notice(Notice::new(error.code(), ja, en));
        }
    }

    /// The scan goes on: its origin is still needed.
    fn show_wait(&mut self, scan: ScanId, verdict: Verdict) {
        let now = self.clock.monotonic();
        let source = self.origins.get(&scan).map(|origin| origin.source.clone());
        let (source, bundle) = (source.as_deref(), self.engine.bundle());
        let shown = Shown { scan, verdict: &verdict, authority: None, source, bundle };
        self.front.borrow_mut().face.verdict(&shown, now);
    }

    fn show(&mut self, scan: ScanId, verdict: Verdict, authority: Option<Authority>) {
        let now = self.clock.monotonic();
        let origin = self.origins.remove(&scan);
        let source = origin.as_ref().map(|origin| origin.source.as_str());
        if let Some(text) = origin.as_ref().and_then(|origin| origin.text.text()) {
            self.hear_crowd(text, &verdict);
        }
        match origin.as_ref().and_then(|origin| origin.text.doubt(verdict.code)) {
            Some(problem) => {
                let source = source.unwrap_or_default();
                self.front.borrow_mut().face.problem(problem, source, now);
            }
            None => {
                let bundle = self.engine.bundle();
                let shown = Shown { scan, verdict: &verdict, authority, source, bundle };
                self.front.borrow_mut().face.verdict(&shown, now);
            }
        }
        if verdict.outcome().passes()
            && let Some(turnstile) = &mut self.front.borrow_mut().turnstile
        {
            turnstile(self.engine.identity().gate, scan, &verdict);
        }
        let wants_rules =
            [ReasonCode::UnknownKey, ReasonCode::UnknownType, ReasonCode::BundleExpired];
        if wants_rules.contains(&verdict.code) {
            self.link.refresh();
        }
    }
}
