//! After the server was restored, as the native link does it: where do the two ledgers part, the pages that the server
//! lacks, its new line, and the word that everything was offered.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{Input, KeptLedger, KeptPage, Replacement};
use kaisatsu_shared::{
    id::Epoch,
    journal::{JournalHead, SignedJournalHead},
    ledger::{Cursor, SignedCursor},
    planted::{Fault, is_planted},
    sync::{FeedPage, Located, Offered},
};

use super::{Gate, following::PATIENCE};
use crate::{
    check::Check,
    house::{self, EVENT, INSTALLATION},
    message::{Ask, Page},
    stage::Stage,
};

/// How far the way to the server's new line was gone.
#[derive(Debug, Default)]
pub(super) struct Parting {
    common: Option<Cursor>,
    /// The epoch in which the server said so.
    epoch: Epoch,
    pages: VecDeque<KeptPage>,
    /// The new line after the last entry that both have, and how far it was read.
    entries: Vec<Vec<u8>>,
    at: Cursor,
}

impl Gate {
    /// The next request on that way.
    pub(super) fn next_of_parting(&self) -> Option<Ask> {
        let parting = self.running.as_ref()?.follower.parting.as_ref()?;
        Some(match (parting.common, parting.pages.front()) {
            (None, _) => Ask::Locate(Box::new(self.kept_ledger().locate())),
            (_, Some(kept)) => Ask::Offer(kept.after, Box::new(kept.page.clone())),
            _ => Ask::Feed(parting.at, 0),
        })
    }

    fn kept_ledger(&self) -> KeptLedger {
        let (entries, ends) = (self.disk.ledger.clone(), self.disk.page_ends.clone());
        KeptLedger { installation: INSTALLATION, entries, ends }
    }

    /// The server doesn't have the position that this gate follows from.
    pub(super) fn part(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        if running.follower.parting.is_some() {
            return self.refused(stage, false);
        }
        running.follower.parting = Some(Parting::default());
        self.answered(stage, 0);
    }

    /// The server says where they part.
    pub(super) fn located(&mut self, stage: &mut Stage, located: &Located) {
        let kept = self.kept_ledger();
        let newest = kept.ends.last().map(|end| end.cursor.epoch).unwrap_or_default();
        let Some(running) = &mut self.running else { return };
        let known = newest.max(running.engine.state().cursor().epoch);
        if located.epoch <= known && !is_planted(Fault::EpochIgnored) {
            return self.rolled_back(stage);
        }
        if let Some(parting) = &mut running.follower.parting {
            parting.common = Some(located.common);
            parting.epoch = located.epoch;
            parting.at = located.common;
            parting.pages = kept.to_offer(located).into();
        }
        self.answered(stage, 0);
    }

    /// The gate stays with what it has.
    fn rolled_back(&mut self, stage: &mut Stage) {
        stage.tell(format_args!("gate {}: the server was rolled back", self.place));
        self.refused(stage, false);
    }

    /// A page was taken back.
    pub(super) fn page_offered(&mut self, stage: &mut Stage) {
        if let Some(parting) = self.running.as_mut().and_then(|it| it.follower.parting.as_mut()) {
            parting.pages.pop_front();
        }
        self.answered(stage, 0);
    }

    /// A page of the new line.
    pub(super) fn new_line(&mut self, stage: &mut Stage, (entries, end): Page) {
        let Some(parting) = self.running.as_mut().and_then(|it| it.follower.parting.as_mut())
        else {
            return;
        };
        let Some(end) = end else { return self.refused(stage, false) };
        let page = FeedPage { entries, end };
        if page.verify(parting.at, INSTALLATION, EVENT, &house::root().public()).is_err() {
            return self.refused(stage, false);
        }
        if page.entries.is_empty() {
            return self.change_over(stage, page.end);
        }
        parting.at = page.end.cursor;
        parting.entries.extend(page.entries);
        self.answered(stage, 0);
    }

    fn change_over(&mut self, stage: &mut Stage, end: SignedCursor) {
        let Some(running) = &mut self.running else { return };
        let Some(parting) = running.follower.parting.take() else { return };
        if end.cursor.epoch < parting.epoch && !is_planted(Fault::EpochIgnored) {
            // It was put back again meanwhile.
            return self.rolled_back(stage);
        }
        let common = parting.common.unwrap_or_default().sequence;
        let journal = JournalHead::default()
            .follow(INSTALLATION, self.device, self.disk.journal.iter().map(Vec::as_slice))
            .map(|(_, entries)| entries)
            .unwrap_or_default();
        let (kept, entries) = (self.disk.ledger.clone(), parting.entries);
        let before = running.engine.state().cursor();
        let replacement = Replacement { kept, common, entries, end, journal };
        self.handle(stage, Input::Replaced(Box::new(replacement)));
        let Some(running) = &mut self.running else { return };
        let after = running.engine.state().cursor();
        if after.epoch <= before.epoch && after != before {
            let (from, to) = (before.epoch, after.epoch);
            let what = format!("gate {}: from a ledger of epoch {from} to one of {to}", self.place);
            stage.wrong(Check::EpochsRise, what);
        }
        if after == before {
            return self.refused(stage, false);
        }
        stage.tell(format_args!("gate {} follows the restored server", self.place));
        running.follower.session = false;
        running.follower.rules_due = 0;
        self.answered(stage, 0);
    }

    /// Tells the server, after a restore, once everything was delivered. False if there is nothing to tell.
    pub(super) fn say_offered(&mut self, stage: &mut Stage) -> bool {
        let Some(running) = &self.running else { return false };
        let (engine, follower) = (&running.engine, &running.follower);
        let (status, cursor) = (engine.status(), engine.state().cursor());
        let told = cursor.epoch <= Epoch(1) || follower.offered == Some(cursor.epoch);
        let open = engine.state().restores().is_open();
        if told || !open || status.unsynced > 0 || !engine.is_idle() {
            return false;
        }
        let Some((key, _)) = house::device(self.device) else { return false };
        let head = engine.journal_head();
        let head = SignedJournalHead::sign(INSTALLATION, self.device, head, key);
        self.ask_to_follow(stage, Ask::Offered(Box::new(Offered { head, cursor })), PATIENCE);
        true
    }
}
