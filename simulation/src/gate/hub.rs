//! This gate as the venue's hub: it hands others' questions to its engine and the engine's words back, and keeps
//! what they tell for the others.

use kaisatsu_gate::{
    engine::{Input, Record},
    lan::written,
};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, GateId, Serial},
    sync::{ClaimAnswer, GivenUp, JournalBatch},
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
