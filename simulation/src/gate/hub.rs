//! This gate as the venue's hub: it hands others' questions to its engine and the engine's words back, and keeps
//! what they tell for the others.

use kaisatsu_gate::{
    engine::{Input, Record},
    lan::written,
};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, GateId, Serial},
    journal::{JournalBody, JournalEntry},
    sync::{ClaimAnswer, ClaimRefusal, GivenUp, JournalBatch},
};

use super::Gate;
use crate::{
    check::Check,
    event::Event,
    house::{self, INSTALLATION},
    hub::{Hold, Hub, HubAsk, HubReply},
    message::{Ask, Body, Message, Reply},
    schedule::MILLI,
    stage::Stage,
};

/// So long a page waits for what comes right after.
const GATHER: u64 = 60 * MILLI;

impl Gate {
    /// From now on others may ask this one. It tells them what the server doesn't have of its own, once what the
    /// start found is written, too.
    pub(super) fn be_hub(&mut self, stage: &mut Stage) {
        let run = stage.draw.bits();
        let Some(running) = &mut self.running else { return };
        running.hub = Some(Hub::new(run));
        if running.writing.is_empty() {
            self.tell_gates(stage, &[]);
        }
    }

    /// Own entries that the server doesn't have.
    fn unsent(&self) -> Vec<Record> {
        let unsent = self.disk.journal.iter().zip(1..);
        let unsent = unsent.filter(|(_, number)| *number > self.disk.acknowledged);
        unsent.map(|(bytes, number)| Record::Journal { number, bytes: bytes.clone() }).collect()
    }

    /// Tells the other gates of entries that are durable now.
    pub(super) fn tell_gates(&mut self, stage: &mut Stage, records: &[Record]) {
        let told = self.running.as_ref().and_then(|running| Some(running.hub.as_ref()?.told_own));
        let Some(told) = told else { return };
        let all = if told { Vec::new() } else { self.unsent() };
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let (Some(hub), Some((key, _))) = (hub, house::device(self.device)) else { return };
        let Some(credential) = house::credential(self.device) else { return };
        hub.told_own = true;
        let records = if told { records } else { &all };
        for batch in written((INSTALLATION, self.device, key), records) {
            hub.told.post_own(credential, batch);
        }
        self.gather(stage);
    }

    /// Something new is there: a page follows soon.
    fn gather(&mut self, stage: &mut Stage) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some(hub) = hub.filter(|hub| !hub.gathers) else { return };
        let count = hub.told.count();
        if hub.relay.after < count || hub.holds.iter().any(|hold| hold.after < count) {
            hub.gathers = true;
            stage.after(GATHER, Event::HubPage { gate: self.place, boot: self.boot, hold: None });
        }
    }

    /// A page is sent to those for whom there is one, or to one who waited long enough.
    pub fn hub_page(&mut self, stage: &mut Stage, boot: u32, hold: Option<u64>) {
        let running = self.running.as_mut().filter(|_| boot == self.boot);
        let Some(hub) = running.and_then(|running| running.hub.as_mut()) else { return };
        let count = hub.told.count();
        let ready = |it: &Hold| hold.map_or(it.after < count, |number| it.number == number);
        let (ready, rest): (Vec<_>, _) =
            std::mem::take(&mut hub.holds).into_iter().partition(ready);
        hub.holds = rest;
        hub.gathers &= hold.is_some();
        let pages = ready.into_iter().map(|hold| (hold.message, hub.told.page(hold.after)));
        for (message, page) in pages.collect::<Vec<_>>() {
            stage.send(answer(&message, HubReply::Heard(Box::new(page))));
        }
        if hold.is_none() {
            self.relay(stage);
        }
    }

    /// Another gate asks.
    pub(super) fn asked_as_hub(&mut self, stage: &mut Stage, message: Message, ask: HubAsk) {
        // A revoked hub answers nobody.
        let Some(device) = stage.device(message.from).filter(|_| !self.is_told_revoked()) else {
            return;
        };
        if let Some((_, word)) = self.disk.outcasts.iter().find(|it| it.0 == device) {
            let word = Box::new(word.clone());
            return stage.send(answer(&message, HubReply::Revoked(word)));
        }
        self.hear_end(stage, device, message.end.clone());
        let Some(hub) = self.running.as_mut().and_then(|running| running.hub.as_mut()) else {
            return;
        };
        match ask {
            HubAsk::Health => {
                stage.send(answer(&message, HubReply::Health(hub.told.run())));
                self.handle(stage, Input::HubSees { device });
            }
            HubAsk::Heard(run, after, hold) => {
                let (number, after) = (hub.next_hold, hub.told.place(run, after));
                hub.next_hold = hub.next_hold.saturating_add(1);
                hub.holds.push(Hold { number, after, message });
                let (gate, boot) = (self.place, self.boot);
                stage.after(hold, Event::HubPage { gate, boot, hold: Some(number) });
                self.gather(stage);
                self.handle(stage, Input::HubSees { device });
                self.want(stage, device);
            }
            HubAsk::Transfer(batch) => self.take_transfer(stage, &message, device, *batch),
            HubAsk::Journal(batch) => self.take_told(stage, &message, device, *batch),
            HubAsk::Claim(claim) => {
                hub.claims.entry((device, claim.used.claim)).or_default().push(message);
                let gate = GateId(u16::try_from(device.0).unwrap_or_default());
                self.handle(stage, Input::HubClaim { device, gate, claim: *claim });
            }
            HubAsk::GivenUp(GivenUp { claim, right }) => {
                hub.given_up.entry((device, claim)).or_default().push(message);
                self.handle(stage, Input::HubGiveUp { device, claim, right });
            }
        }
    }

    fn take_told(
        &mut self,
        stage: &mut Stage,
        message: &Message,
        device: DeviceId,
        batch: JournalBatch,
    ) {
        let public = house::device(device).map(|(_, public)| public);
        let entries = public.and_then(|public| batch.open(INSTALLATION, device, public));
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let (Some(entries), Some(hub)) = (entries, hub) else { return };
        let Some(credential) = house::credential(device) else { return };
        let (kept, fresh) = hub.told.post(credential, batch, entries);
        self.gather(stage);
        if !fresh.is_empty() {
            self.handle(stage, Input::Heard { entries: fresh });
        }
        stage.send(answer(message, HubReply::Kept(kept.number)));
    }

    /// The engine's word on a claim: it goes to everybody who asked.
    pub(super) fn hub_answers(
        &mut self,
        stage: &mut Stage,
        (device, key): (DeviceId, ClaimKey),
        said: Option<ClaimAnswer>,
    ) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let waiting = hub.and_then(|hub| hub.claims.remove(&(device, key))).unwrap_or_default();
        let what = match said {
            Some(ClaimAnswer::Granted { .. }) => "granted",
            Some(ClaimAnswer::Refused { refusal, .. }) => refusal.name(),
            None => "can't say",
        };
        let serial = waiting.iter().find_map(claimed);
        let ticket = serial.map_or_else(|| "?".to_owned(), |serial| serial.to_string());
        stage.tell(format_args!("hub: device {device} claims ticket {ticket}: {what}"));
        self.check_answer(stage, key, serial, said);
        for message in waiting {
            stage.send(answer(&message, HubReply::Claim(said)));
        }
    }

    /// What it grants is durable, and not under a key of which it said that it heard it was given up; nor does such a
    /// claim keep anybody out.
    fn check_answer(
        &self,
        stage: &mut Stage,
        key: ClaimKey,
        serial: Option<Serial>,
        said: Option<ClaimAnswer>,
    ) {
        // A copy has what the other wrote, a disk that was set back not what it wrote itself.
        let honest = self.strange.is_none();
        let Some(state) = self.engine().map(|engine| engine.state()).filter(|_| honest) else {
            return;
        };
        let hub = &stage.record.hub;
        let here = (self.place, key);
        let wrong = match (said, serial) {
            (Some(ClaimAnswer::Granted { .. }), _) => {
                if state.claim(&key).is_none() && !hub.granted.contains_key(&here) {
                    (Check::HubWritesFirst, format!("key {key} is granted in no record"))
                } else if hub.heard.contains(&here) {
                    (Check::GivenUpStaysSo, format!("the hub grants key {key}"))
                } else {
                    return;
                }
            }
            (Some(ClaimAnswer::Refused { refusal, facts }), Some(serial)) => {
                let by = facts.last_use.map(|used| used.device);
                let Some(by) = by.filter(|_| refusal == ClaimRefusal::BeingAdmitted) else {
                    return;
                };
                // Another claim of theirs may be on its way to the disk.
                let waits = self.running.as_ref().and_then(|running| running.hub.as_ref());
                let waits = waits.is_some_and(|hub| hub.claims.keys().any(|it| it.0 == by));
                let open = state.right(serial).is_some_and(|right| !right.grants.is_empty());
                if waits || open || !hub.is_over(self.place, (serial, by)) {
                    return;
                }
                let what = format!("ticket {serial} is kept out by what device {by} gave up");
                (Check::NobodyStranded, what)
            }
            _ => return,
        };
        stage.wrong(wrong.0, wrong.1);
    }

    /// It is kept that a claim was given up.
    pub(super) fn hub_heard(&mut self, stage: &mut Stage, device: DeviceId, key: ClaimKey) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let waiting = hub.and_then(|hub| hub.given_up.remove(&(device, key))).unwrap_or_default();
        let known = self.engine().and_then(|engine| engine.state().claim(&key)).is_some();
        let written = known || self.strange.is_some();
        if !written && !stage.record.hub.given_up.contains(&(self.place, key)) {
            stage.wrong(Check::HubWritesFirst, format!("key {key} is given up in no record"));
        }
        if stage.record.hub.given_up.contains(&(self.place, key)) {
            stage.record.hub.heard.insert((self.place, key));
        }
        for message in waiting {
            stage.send(answer(&message, HubReply::GivenUp));
        }
    }

    /// What it granted and heard is durable.
    pub(super) fn note_hub(&self, stage: &mut Stage, entry: &JournalEntry) {
        match entry.body {
            JournalBody::Granted { claim, count, device, right, .. } => {
                let of = (right.serial, device);
                let known = stage.record.hub.granted.insert((self.place, claim), of);
                let persons = if known.is_none() { u32::from(count) } else { 0 };
                stage.record.granted = stage.record.granted.saturating_add(persons);
            }
            JournalBody::GaveUp { claim, .. } => {
                stage.record.hub.given_up.insert((self.place, claim));
            }
            _ => {}
        }
    }
}

fn claimed(message: &Message) -> Option<Serial> {
    match &message.body {
        Body::Ask(Ask::Hub(HubAsk::Claim(claim))) => Some(claim.used.right.serial),
        _ => None,
    }
}

/// The hub's answer to a message.
pub(super) fn answer(message: &Message, reply: HubReply) -> Message {
    Message {
        from: message.to,
        to: message.from,
        boot: message.boot,
        request: message.request,
        end: None,
        body: Body::Reply(Reply::Hub(Box::new(reply))),
    }
}
