//! The way to the venue's hub, as the native link keeps it: it is looked after all the time, asked for rights
//! while the server can't be, told what was given up and written, and listened to.

use kaisatsu_gate::{engine::Input, lan::Sight};
use kaisatsu_shared::{
    id::ClaimKey,
    journal::{JournalHead, SignedJournalHead},
    right::RightRef,
    sync::{Claim, GivenUp, JournalBatch},
};

use super::{
    Asked, Gate,
    asking::{CLAIM_AGAIN, CLAIM_LIMIT},
};
use crate::{
    event::Event,
    house::{self, INSTALLATION},
    hub::HubAsk,
    message::{Address, Ask},
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// How long the hub may take for anything but a claim.
const LIMIT: u64 = 1_500 * MILLI;
/// A hub that answers is looked after this often.
const PAUSE: u64 = 4 * SECOND;
/// One that doesn't is tried again after this.
const RETRY: u64 = SECOND;
/// How long the hub may hold a question for what it heard.
const HOLD: u64 = 4 * SECOND;
/// How long an answer may take beyond that.
const BEYOND: u64 = 2 * SECOND;

/// What a question to the hub was for.
#[derive(Clone, Debug)]
pub(super) enum HubAsked {
    Health,
    Heard,
    Claim(Box<Claim>),
    GivenUp(ClaimKey),
    Journal,
    Transfer,
}

/// How far the way to the hub has got.
#[derive(Debug, Default)]
pub(super) struct Lan {
    sight: Sight,
    /// The place of the hub that answered last.
    way: Option<usize>,
    /// Where it is being looked for.
    looks_at: Option<usize>,
    /// Numbers the pauses: an older one means nothing.
    round: u64,
    /// The hub's run, and how many batches of it were heard.
    pub(super) heard: (u64, u64),
}

impl Gate {
    /// Whether this is the venue's hub, or a copy of it.
    pub(super) fn is_hub(&self, stage: &Stage) -> bool {
        let hub = stage.plan.hub.as_ref().and_then(|hub| stage.devices.get(hub.gate).copied());
        hub == Some(self.device)
    }

    /// From now on the hub is looked for, or others may ask this one.
    pub(super) fn open_lan(&mut self, stage: &mut Stage) {
        if stage.plan.hub.is_none() || self.is_told_revoked() {
            return;
        }
        if self.is_hub(stage) {
            return self.be_hub(stage);
        }
        self.look_after(stage, 0);
        self.listen_after(stage, SECOND / 10);
    }

    fn pace(stage: &Stage) -> u64 {
        if stage.healed { 1 } else { stage.plan.pace }
    }

    fn look_after(&mut self, stage: &mut Stage, pause: u64) {
        let Some(running) = &mut self.running else { return };
        running.lan.round = running.lan.round.saturating_add(1);
        let (gate, boot, round) = (self.place, self.boot, running.lan.round);
        stage.after(pause, Event::LooksForHub { gate, boot, round });
    }

    /// Listens again after a pause: nobody told anything.
    pub(super) fn listen_later(&self, stage: &mut Stage) {
        self.listen_after(stage, RETRY.saturating_mul(Self::pace(stage)));
    }

    pub(super) fn listen_after(&self, stage: &mut Stage, pause: u64) {
        stage.after(pause, Event::ListensToHub { gate: self.place, boot: self.boot });
    }

    /// Whether the hub answers is asked at once.
    pub(super) fn doubt_hub(&mut self, stage: &mut Stage) {
        let looks = self.running.as_ref().is_some_and(|it| it.lan.looks_at.is_some());
        if stage.plan.hub.is_some() && !looks && !self.is_hub(stage) && !self.is_told_revoked() {
            self.look_after(stage, 0);
        }
    }

    /// A pause is over: is the hub there? Where two devices have its key, either may be met.
    pub fn look_for_hub(&mut self, stage: &mut Stage, boot: u32, round: u64) {
        let this = self.running.as_ref().filter(|_| boot == self.boot && !self.is_told_revoked());
        let Some(lan) = this.map(|it| &it.lan).filter(|lan| lan.round == round) else { return };
        let (known, looks) = (lan.way, lan.looks_at.is_some());
        let Some(hub) = stage.plan.hub.as_ref().map(|hub| hub.gate).filter(|_| !looks) else {
            return;
        };
        let device = stage.devices.get(hub).copied();
        let places = stage.devices.iter().enumerate().filter(|(_, it)| Some(**it) == device);
        let places: Vec<_> = places.map(|(place, _)| place).collect();
        let place = known.unwrap_or_else(|| match *places {
            [one] => one,
            _ => stage.draw.pick(&places, hub),
        });
        if let Some(running) = &mut self.running {
            running.lan.looks_at = Some(place);
        }
        self.ask_hub(stage, HubAsked::Health, Some(place), HubAsk::Health, LIMIT);
    }

    pub(super) fn seen(&mut self, stage: &mut Stage, run: Option<u64>) {
        let Some(running) = &mut self.running else { return };
        let lan = &mut running.lan;
        let place = lan.looks_at.take();
        let before = lan.way;
        lan.way = place.filter(|_| run.is_some());
        if lan.way != before {
            let what = if run.is_some() { "sees" } else { "doesn't see" };
            stage.tell(format_args!("gate {} {what} the hub", self.place));
        }
        let news = lan.sight.see(run);
        for up in news {
            self.handle(stage, Input::HubLink { up });
        }
        let pause = if run.is_some() { PAUSE } else { RETRY };
        self.look_after(stage, pause.saturating_mul(Self::pace(stage)));
    }

    /// Asks the hub at a place; where none is known nobody answers.
    pub(super) fn ask_hub(
        &mut self,
        stage: &mut Stage,
        asked: HubAsked,
        place: Option<usize>,
        ask: HubAsk,
        limit: u64,
    ) -> u64 {
        let (to, limit) = match place {
            Some(place) => (Some(Address::Gate(place)), limit),
            None => (None, 0),
        };
        self.ask_of(stage, to, Asked::Hub(asked), Ask::Hub(ask), limit)
    }

    pub(super) fn way(&self) -> Option<usize> {
        self.running.as_ref().and_then(|running| running.lan.way)
    }

    pub(super) fn claim_at_hub(&mut self, stage: &mut Stage, claim: Claim) {
        stage.tell(format_args!(
            "gate {} asks the hub for ticket {}",
            self.place, claim.used.right.serial
        ));
        if let Some(scan) = self.first_try(stage) {
            scan.by_hub = true;
        }
        let (asked, way) = (HubAsked::Claim(Box::new(claim.clone())), self.way());
        let request = self.ask_hub(stage, asked, way, HubAsk::Claim(Box::new(claim)), CLAIM_LIMIT);
        if way.is_some() {
            let again = Event::AskAgain { gate: self.place, boot: self.boot, request };
            stage.after(CLAIM_AGAIN, again);
        }
    }

    /// The same claim once more.
    pub(super) fn claim_at_hub_again(
        &mut self,
        stage: &mut Stage,
        request: u64,
        claim: Box<Claim>,
    ) {
        if let Some(way) = self.way() {
            let ask = Ask::Hub(HubAsk::Claim(claim));
            self.send(stage, Address::Gate(way), request, ask);
        }
    }

    pub(super) fn tell_hub(&mut self, stage: &mut Stage, claim: ClaimKey, right: RightRef) {
        let ask = HubAsk::GivenUp(GivenUp { claim, right });
        self.ask_hub(stage, HubAsked::GivenUp(claim), self.way(), ask, LIMIT);
    }

    pub(super) fn offer_hub(
        &mut self,
        stage: &mut Stage,
        entries: Vec<Vec<u8>>,
        head: JournalHead,
    ) {
        let Some((key, _)) = house::device(self.device) else { return };
        let head = SignedJournalHead::sign(INSTALLATION, self.device, head, key);
        let ask = HubAsk::Journal(Box::new(JournalBatch { entries, head }));
        self.ask_hub(stage, HubAsked::Journal, self.way(), ask, LIMIT);
    }

    /// Asks for what the other gates tell.
    pub fn listen_to_hub(&mut self, stage: &mut Stage, boot: u32) {
        let this = self.running.as_ref().filter(|_| boot == self.boot && !self.is_told_revoked());
        let Some((run, after)) = this.map(|running| running.lan.heard) else { return };
        let pace = Self::pace(stage);
        let Some(way) = self.way() else {
            return self.listen_later(stage);
        };
        let hold = HOLD.saturating_mul(pace);
        let ask = HubAsk::Heard(run, after, hold);
        self.ask_hub(stage, HubAsked::Heard, Some(way), ask, hold.saturating_add(BEYOND));
    }
}
