//! Carrying out what the engine says. Writes take their time, and may fail or never end.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{Declined, Done, Effect, Input, Record, StoreFailed, StoreId};
use kaisatsu_shared::{
    journal::{JournalBody, JournalEntry},
    right::UseKind,
};

use super::{
    Gate, Unlit,
    records::{admits, interruptions, matters},
};
use crate::{
    bugs::Adapter,
    check::Check,
    event::Event,
    plan::{Moment, Visit},
    record::{Entry, Light, LightKind, Passage},
    schedule::SECOND,
    stage::Stage,
};

impl Gate {
    pub(super) fn carry_out(&mut self, stage: &mut Stage, effects: Vec<Effect>) {
        let mut todo: VecDeque<_> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Store { id, records } => {
                    self.store(stage, id, records);
                    if self.running.is_none() {
                        return;
                    }
                    if stage.is_planted(Adapter::GreenBeforeFsync) {
                        let now = self.moment(stage);
                        let stored = Input::Stored { id, result: Ok(()) };
                        let (Some(running), Some(now)) = (&mut self.running, now) else { return };
                        todo.extend(running.engine.handle(stored, now));
                    }
                }
                Effect::Claim(claim) => self.ask_claim(stage, claim),
                Effect::Show { scan, verdict, authority } => {
                    self.show(stage, scan, &verdict, authority);
                }
                Effect::Wait { verdict, .. } => self.wait(stage, &verdict),
                Effect::Upload { entries, head } => self.ask_upload(stage, entries, head),
                Effect::Done(done) => self.done(stage, done),
                Effect::Declined(declined) => {
                    self.declined(stage, declined);
                }
                Effect::Conflict { .. } | Effect::TimesDoubted(_) => {}
                Effect::AskHub(claim) => self.claim_at_hub(stage, claim),
                Effect::TellHub { claim, right } => self.tell_hub(stage, claim, right),
                Effect::OfferHub { entries, head } => self.offer_hub(stage, entries, head),
                Effect::HubAnswer { device, claim, answer } => {
                    self.hub_answers(stage, (device, claim), answer);
                }
                Effect::HubHeard { device, claim } => self.hub_heard(stage, device, claim),
                Effect::Recall { device, recall } => self.recall(stage, device, recall),
                Effect::HandOver { entries, head, .. } => self.hand_over(stage, entries, head),
                Effect::FeedBroken(why) => {
                    let what = format!("gate {} can't follow: {why}", self.place);
                    stage.wrong(Check::FollowersAgree, what);
                }
            }
        }
    }

    fn moment(&self, stage: &Stage) -> Option<kaisatsu_gate::engine::Now> {
        let reading = self.clocks.read(stage.now());
        let time = self.running.as_ref()?.time.now(reading);
        Some(kaisatsu_gate::engine::Now { monotonic: reading.monotonic, time })
    }

    fn store(&mut self, stage: &mut Stage, id: StoreId, records: Vec<Record>) {
        let armed = self.dies == Some(Moment::BeforeWrite);
        if armed && (matters(&records) || stage.draw.chance(150)) {
            self.dies = None;
            return self.die(stage, "before a write");
        }
        let (fast, slow) = self.plan.write;
        let takes = stage.draw.between(fast, slow);
        stage.after(takes, Event::Stored { gate: self.place, boot: self.boot, id });
        if let Some(running) = &mut self.running {
            running.writing.push_back((id, records));
        }
    }

    /// The disk is done with a write.
    pub fn stored(&mut self, stage: &mut Stage, boot: u32, id: StoreId) {
        let Some(running) = self.running.as_mut().filter(|_| boot == self.boot) else { return };
        let Some(place) = running.writing.iter().position(|(waits, _)| *waits == id) else {
            return;
        };
        let Some((_, records)) = running.writing.remove(place) else { return };
        if std::mem::take(&mut self.sync_fails) {
            if stage.draw.chance(500) {
                self.reach_disk(stage, &records);
            }
            return self.die(stage, "fsync failed");
        }
        if self.fills && records.iter().any(admits) {
            (self.fills, self.disk_full) = (false, true);
        }
        let result = if self.disk_full {
            stage.tell(format_args!("gate {} can't write", self.place));
            self.write_failed = true;
            interruptions(&records).for_each(|it| stage.record.say(self.device, it, true));
            stage.after(SECOND, Event::Tick { gate: self.place, boot });
            Err(StoreFailed)
        } else {
            self.reach_disk(stage, &records);
            Ok(())
        };
        let armed = self.dies.filter(|_| matters(&records) || stage.draw.chance(150));
        if armed == Some(Moment::BeforeReport) {
            self.dies = None;
            return self.die(stage, "after a write, before its report");
        }
        if armed == Some(Moment::BeforeEffect) {
            self.dies = None;
            // What the engine says to the report is never carried out.
            return self.die(stage, "after a write's report, before its effect");
        }
        if !stage.is_planted(Adapter::GreenBeforeFsync) {
            self.handle(stage, Input::Stored { id, result });
        }
    }

    /// Records are durable.
    pub(super) fn reach_disk(&mut self, stage: &mut Stage, records: &[Record]) {
        let kept: Vec<_>;
        let mut records = records;
        if stage.is_planted(Adapter::IntentNotKept) {
            let others = records.iter().filter(|it| !matches!(it, Record::Intent(_)));
            kept = others.cloned().collect();
            records = &kept;
        }
        if let Err(what) = self.disk.apply(records) {
            let what = format!("gate {}: {what}", self.place);
            return stage.wrong(Check::JournalsHaveNoHoles, what);
        }
        let there = stage.record.delivered.get(&self.device).copied().unwrap_or_default();
        if self.disk.acknowledged > there && !self.misled {
            let known = self.disk.acknowledged;
            let what =
                format!("gate {} takes {known} entries for delivered of {there}", self.place);
            stage.wrong(Check::AcknowledgedIsThere, what);
        }
        for record in records {
            if let Record::Journal { bytes, .. } = record
                && let Ok(entry) = JournalEntry::decode(bytes)
            {
                self.note(stage, &entry);
                self.note_hub(stage, &entry);
            }
        }
        self.tell_gates(stage, records);
    }

    fn note(&mut self, stage: &mut Stage, entry: &JournalEntry) {
        let number = entry.number;
        let (serial, kind, count) = match entry.body {
            JournalBody::Redeemed { right, kind, count, .. } => {
                (right.serial, LightKind::Use(kind), count)
            }
            JournalBody::Answered { device, number, right, let_in: false } => {
                stage.record.answered.insert((device, number));
                let before = stage.record.entries.iter().find(|it| {
                    (it.device, it.number) == (device, number) && it.serial == right.serial
                });
                let count = before.map_or(1, |it| it.count);
                (right.serial, LightKind::Answer(device, number), count)
            }
            JournalBody::Answered { device, number, .. } => {
                stage.record.answered.insert((device, number));
                return;
            }
            JournalBody::Overridden { right, count, .. } => {
                (right.serial, LightKind::Override, count)
            }
            JournalBody::Annulled { device, number, right } => {
                let said = self.taken_back.take().unwrap_or_else(|| stage.now());
                // A disk that was set back writes a number again.
                let is_it = |it: &&mut Light| {
                    (it.device, it.number, it.serial) == (device, number, right.serial)
                };
                if let Some(light) = stage.record.lights.iter_mut().rfind(is_it) {
                    light.taken_back = Some(said);
                }
                return;
            }
            JournalBody::Shown { number } => return self.marked(stage, number),
            JournalBody::Interrupted { number, .. } => {
                return stage.record.say(self.device, number, false);
            }
            _ => return,
        };
        self.unlit.push(Unlit { number, serial, kind, count });
        let (interrupted, unsaid) = (false, false);
        let (device, at) = (self.device, stage.now());
        stage.record.entries.push(Entry {
            device,
            number,
            serial,
            kind,
            count,
            at,
            interrupted,
            unsaid,
        });
    }

    /// The mark of a light is durable.
    fn marked(&self, stage: &mut Stage, number: u64) {
        for light in &mut stage.record.lights {
            if (light.gate, light.number) == (self.place, number) {
                light.marked = true;
                if light.passage == Passage::Shown {
                    light.passage = Passage::Passed;
                }
            }
        }
    }

    /// The process died: nobody will see the lights that weren't on, and those whose mark isn't durable may
    /// have been seen or not.
    pub(super) fn dark(&mut self, stage: &mut Stage) {
        self.unlit.clear();
        for entry in &mut stage.record.entries {
            let theirs = entry.device == self.device && entry.kind != LightKind::Override;
            if !theirs || entry.kind == LightKind::Use(UseKind::Exit) {
                continue;
            }
            let mut lights = stage.record.lights.iter();
            let marked = lights.any(|light| {
                (light.gate, light.number) == (self.place, entry.number) && light.marked
            });
            entry.interrupted |= !marked;
        }
        let place = self.place;
        let unmarked = stage.record.lights.iter_mut().filter(|light| light.gate == place);
        for light in unmarked.filter(|light| light.passage == Passage::Shown) {
            let passed = stage.draw.chance(500);
            light.passage = if passed { Passage::Passed } else { Passage::NotPassed };
        }
    }

    /// What staff wanted isn't done. A lead must be able to let the guest of a genuine ticket in.
    fn declined(&mut self, stage: &mut Stage, declined: Declined) {
        stage.tell(format_args!("gate {}: declined: {declined:?}", self.place));
        let visitor = self.running.as_ref().and_then(|running| running.visitor);
        let Some(visitor) = visitor.filter(|visitor| visitor.overrules) else { return };
        let genuine = stage.plan.visits.get(visitor.visit).is_some_and(Visit::is_genuine);
        if genuine && declined != Declined::GateRefused {
            let what = format!("a lead at gate {} can't overrule: {declined:?}", self.place);
            stage.wrong(Check::NobodyStranded, what);
        }
        self.leave(stage);
    }

    fn done(&mut self, stage: &mut Stage, done: Done) {
        stage.tell(format_args!("gate {}: done: {done:?}", self.place));
        let visitor = self.running.as_ref().and_then(|running| running.visitor);
        // What was taken back on a full disk is written when somebody else may stand there.
        let other = done == Done::Annulled && visitor.is_some_and(|visitor| visitor.waits);
        if matches!(done, Done::Annulled | Done::Answered) && !other {
            self.leave(stage);
        }
    }
}
