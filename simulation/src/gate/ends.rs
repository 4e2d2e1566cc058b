//! Where journals end: a gate says so of its own with all that it asks, the hub passes on what it heard.

use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalEntry, SignedJournalHead},
    sync::HeardHead,
};

use super::{Asked, Gate};
use crate::{
    event::Event,
    house::{self, INSTALLATION},
    message::{Address, Ask},
    schedule::SECOND,
    stage::Stage,
};

/// What gates tell of their journals' ends goes to the server together after so long.
const HEARD: u64 = SECOND;
/// The pause after a delivery that went unanswered.
pub(super) const AGAIN: u64 = 2 * SECOND;
/// How long the server may take.
const LIMIT: u64 = 4 * SECOND;

impl Gate {
    /// Where its own journal ends; signed once each time that it grew.
    pub(super) fn own_end(&mut self, stage: &Stage) -> Option<SignedJournalHead> {
        let running = self.running.as_mut().filter(|_| stage.plan.ends)?;
        let number = u64::try_from(self.disk.journal.len()).ok()?;
        let last = self.disk.journal.last()?;
        if running.own_end.as_ref().is_none_or(|end| end.head.number != number) {
            let (key, _) = house::device(self.device)?;
            let head = JournalEntry::head_of(INSTALLATION, number, last);
            let end = SignedJournalHead::sign(INSTALLATION, self.device, head, key);
            running.own_end = Some(end);
        }
        running.own_end.clone()
    }

    /// As the hub: a gate says where its journal ends.
    pub(super) fn hear_end(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        end: Option<SignedJournalHead>,
    ) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some((hub, head)) = hub.zip(end.filter(|end| end.device == device)) else { return };
        let keys = house::device(device).zip(house::credential(device));
        let Some(((_, public), credential)) = keys.filter(|_| hub.ends.is_news(&head)) else {
            return;
        };
        if head.verify(INSTALLATION, public).is_ok() {
            hub.ends.keep(HeardHead { credential: credential.clone(), head });
            self.pass_ends_on_soon(stage);
        }
    }

    fn pass_ends_on_soon(&mut self, stage: &mut Stage) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        if let Some(hub) = hub.filter(|hub| !hub.passes_on) {
            hub.passes_on = true;
            self.pass_ends_on_after(stage, HEARD);
        }
    }

    pub(super) fn pass_ends_on_after(&self, stage: &mut Stage, pause: u64) {
        let pace = if stage.healed { 1 } else { stage.plan.pace };
        let event = Event::PassesEndsOn { gate: self.place, boot: self.boot };
        stage.after(pause.saturating_mul(pace), event);
    }

    /// The hub passes on what became known.
    pub fn pass_ends_on(&mut self, stage: &mut Stage, boot: u32) {
        let running = self.running.as_mut().filter(|_| boot == self.boot);
        let Some(hub) = running.and_then(|running| running.hub.as_mut()) else { return };
        let (heard, count) = hub.ends.after(hub.ends_passed_on);
        let to = Some(Address::Server);
        self.ask_of(stage, to, Asked::Ends(count), Ask::Ends(heard), LIMIT);
    }

    /// The server has noted those up to this count.
    pub(super) fn ends_passed_on(&mut self, stage: &mut Stage, count: u64) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some(hub) = hub else { return };
        hub.ends_passed_on = count;
        hub.passes_on = false;
        if !hub.ends.after(count).0.is_empty() {
            self.pass_ends_on_soon(stage);
        }
    }
}
