//! Rights that the venue's hub fetches from lanes while the server can't be asked: the question travels with what the
//! hub heard, the lane's own signed entries back.

use kaisatsu_gate::engine::Input;
use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalHead, SignedJournalHead},
    sync::{HeardPage, JournalBatch, Recall},
};

use super::{Gate, hub::answer, lan::HubAsked};
use crate::{
    check::Check,
    house::{self, INSTALLATION},
    hub::{HubAsk, HubReply},
    message::Message,
    schedule::SECOND,
    stage::Stage,
};

/// So long the guest waits for whom a right is wanted.
const WORTH: u64 = 2 * SECOND;
/// How long the hub may take to hear of a transfer.
const LIMIT: u64 = SECOND;

impl Gate {
    /// The hub's engine wants a right of a lane.
    pub(super) fn recall(&mut self, stage: &mut Stage, device: DeviceId, recall: Recall) {
        let serial = recall.serial;
        stage.tell(format_args!("hub: asks device {device} for ticket {serial}"));
        let now = stage.now();
        if let Some(hub) = self.running.as_mut().and_then(|running| running.hub.as_mut()) {
            hub.wanted.push((device, recall, now));
        }
        self.want(stage, device);
    }

    /// Tells a lane what is wanted of it, if it waits for news.
    pub(super) fn want(&mut self, stage: &mut Stage, device: DeviceId) {
        let now = stage.now();
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some(hub) = hub else { return };
        hub.wanted.retain(|(_, _, since)| now.saturating_sub(*since) < WORTH);
        let waits =
            hub.holds.iter().position(|hold| stage.device(hold.message.from) == Some(device));
        let Some(place) = waits.filter(|_| hub.wanted.iter().any(|it| it.0 == device)) else {
            return;
        };
        let hold = hub.holds.swap_remove(place);
        let wanted = hub.wanted.extract_if(.., |it| it.0 == device).map(|(_, recall, _)| recall);
        let page = HeardPage { recalls: wanted.collect(), ..hub.told.page(hold.after) };
        stage.send(answer(&hold.message, HubReply::Heard(Box::new(page))));
    }

    /// A lane tells the hub that a right is its own.
    pub(super) fn hand_over(
        &mut self,
        stage: &mut Stage,
        entries: Vec<Vec<u8>>,
        head: JournalHead,
    ) {
        let Some((key, _)) = house::device(self.device) else { return };
        if !entries.iter().all(|entry| self.disk.journal.contains(entry)) {
            let what = format!("gate {} gives what isn't on its disk", self.place);
            stage.wrong(Check::GivenAfterRecord, what);
        }
        let head = SignedJournalHead::sign(INSTALLATION, self.device, head, key);
        let ask = HubAsk::Transfer(Box::new(JournalBatch { entries, head }));
        self.ask_hub(stage, HubAsked::Transfer, self.way(), ask, LIMIT);
    }

    /// The hub hears it.
    pub(super) fn take_transfer(
        &mut self,
        stage: &mut Stage,
        message: &Message,
        device: DeviceId,
        batch: JournalBatch,
    ) {
        let public = house::device(device).map(|(_, public)| public);
        let entries = public.and_then(|public| batch.open(INSTALLATION, device, public));
        let Some(entries) = entries else { return };
        self.handle(stage, Input::HubTransfer { device, entries });
        stage.send(answer(message, HubReply::Taken));
    }
}
