//! What comes back from the venue's hub, and what follows where nothing does.

use kaisatsu_gate::engine::Input;
use kaisatsu_shared::{
    journal::JournalEntry,
    sync::{HeardBatch, HeardPage},
};

use super::{Gate, lan::HubAsked};
use crate::{
    house::{self, EVENT, INSTALLATION},
    hub::HubReply,
    stage::Stage,
};

impl Gate {
    fn hear(&mut self, stage: &mut Stage, page: HeardPage) {
        if let Some(running) = &mut self.running {
            running.lan.heard = (page.run, page.next);
        }
        let hub = stage.plan.hub.as_ref().and_then(|hub| stage.devices.get(hub.gate).copied());
        for recall in page.recalls {
            let Some(hub) = hub else { break };
            self.handle(stage, Input::HubRecall { hub, recall });
        }
        for heard in page.batches {
            let device = heard.batch.head.device;
            let entries = entries_of(&heard);
            if let Some(entries) = entries.filter(|_| device != self.device) {
                self.handle(stage, Input::Heard { entries });
            }
        }
        self.listen_after(stage, 0);
    }

    /// The hub answers. What comes twice, or late, is the engine's to judge.
    pub(super) fn hub_says(&mut self, stage: &mut Stage, asked: Option<HubAsked>, reply: HubReply) {
        match (reply, asked) {
            (HubReply::Health(run), Some(HubAsked::Health)) => self.seen(stage, Some(run)),
            (HubReply::Heard(page), Some(HubAsked::Heard)) => self.hear(stage, *page),
            (HubReply::Claim(Some(answer)), Some(HubAsked::Claim(claim))) => {
                self.handle(stage, Input::HubAnswered { key: claim.used.claim, answer });
            }
            (HubReply::Claim(None), Some(asked)) => self.hub_silent(stage, asked),
            (HubReply::Revoked(word), Some(asked)) => {
                if matches!(asked, HubAsked::Health) {
                    self.heed(stage, &word);
                }
                self.hub_silent(stage, asked);
            }
            (HubReply::GivenUp, Some(HubAsked::GivenUp(claim))) => {
                self.handle(stage, Input::HubTold { claim, heard: true });
            }
            (HubReply::Kept(number), Some(HubAsked::Journal)) => {
                self.handle(stage, Input::HubKept { number: Some(number) });
            }
            _ => {}
        }
    }

    /// It doesn't, or can't say.
    pub(super) fn hub_silent(&mut self, stage: &mut Stage, asked: HubAsked) {
        match asked {
            HubAsked::Health => self.seen(stage, None),
            HubAsked::Heard => self.listen_later(stage),
            HubAsked::Claim(claim) => {
                self.handle(stage, Input::HubFailed { key: claim.used.claim });
                self.doubt_hub(stage);
            }
            HubAsked::GivenUp(claim) => {
                self.handle(stage, Input::HubTold { claim, heard: false });
            }
            HubAsked::Journal => self.handle(stage, Input::HubKept { number: None }),
            // It asks again where it still wants it.
            HubAsked::Transfer => {}
        }
    }
}

/// What a device signed, as [`HeardBatch::open`] gives it: a credential that is known isn't read anew each time.
fn entries_of(heard: &HeardBatch) -> Option<Vec<JournalEntry>> {
    let device = heard.batch.head.device;
    if house::credential(device) == Some(&heard.credential) {
        let (_, public) = house::device(device)?;
        return heard.batch.open(INSTALLATION, device, public);
    }
    heard.open(&house::root().public(), INSTALLATION, EVENT).map(|(_, entries)| entries)
}
