//! A gate that the organiser revoked: by the root key's word it forgets the event and admits nobody, it delivers its
//! journal, and deletes that with its key once it has the root key's receipt of the whole, as the native gate does.

use kaisatsu_gate::engine::{Engine, Input, ScanId};
use kaisatsu_shared::{bundle::SignedRevocation, journal::JournalHead, reason::ReasonCode};

use super::Gate;
use crate::{
    check::Check,
    clock::Clocks,
    event::Event,
    house::{self, INSTALLATION},
    message::Words,
    plan::Moment,
    record::Wiped,
    stage::Stage,
};

impl Gate {
    /// Whether the root key said so.
    pub(super) fn is_told_revoked(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.revoking.word().is_some())
    }

    /// Somebody shows the root key's word, or what they call so.
    pub(super) fn heed(&mut self, stage: &mut Stage, word: &SignedRevocation) {
        let Some(running) = &mut self.running else { return };
        let opened = word.open(&house::root().public(), INSTALLATION, self.device);
        if opened.is_some_and(|word| running.revoking.learn(word)) {
            stage.tell(format_args!("gate {} learns that it is revoked", self.place));
            self.stop_for_good(stage);
        }
    }

    /// The same with a session's answer; gives how much of the journal the root key says is there.
    pub(super) fn heed_all(&mut self, stage: &mut Stage, words: &Words) -> Option<JournalHead> {
        self.heed(stage, &words.revocation);
        words.receipt?.open(&house::root().public(), INSTALLATION, self.device)
    }

    /// It admits nobody, asks no hub and is none any more.
    pub(super) fn stop_for_good(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        running.learnt.get_or_insert(running.engine.next_scan());
        self.handle(stage, Input::Revoked);
    }

    /// Does what is due. What was under way to the disk when the word came gets there first.
    pub(super) fn keep_revoked(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        let word = running.revoking.to_drop().filter(|_| running.writing.is_empty());
        if let Some(word) = word.filter(|_| !self.disk_full) {
            let dies = self.dies.take();
            if dies == Some(Moment::BeforeWrite) {
                return self.die(stage, "before it forgot what it knew");
            }
            running.revoking.dropped();
            self.disk.revoke(word);
            stage.tell(format_args!("gate {} forgets what it knew", self.place));
            if dies.is_some() {
                return self.die(stage, "after it forgot what it knew");
            }
        }
        let delivered = self.is_delivered();
        let monotonic = self.clocks.monotonic(stage.now());
        let Some(running) = &mut self.running else { return };
        if running.revoking.asks(delivered, monotonic) {
            running.follower.session = false;
            let pause = running.revoking.ask_at().saturating_sub(monotonic);
            stage.after(Clocks::until(pause), Event::Tick { gate: self.place, boot: self.boot });
            self.try_now(stage);
        }
    }

    /// Whether nothing waits for the disk or for the server's acknowledgement.
    fn is_delivered(&self) -> bool {
        self.engine().is_some_and(Engine::is_delivered)
    }

    /// A session began. If the server has the whole journal, by the root key's word, journal and key go.
    pub(super) fn receipted(&mut self, stage: &mut Stage, receipt: Option<JournalHead>) {
        let delivered = self.is_delivered();
        let Some(running) = &mut self.running else { return };
        let own = running.engine.journal_head();
        let may = running.revoking.to_wipe(receipt, own, delivered).is_some();
        if !may || self.disk_full {
            return;
        }
        let dies = self.dies.take();
        if dies == Some(Moment::BeforeWrite) {
            return self.die(stage, "before it deleted its journal");
        }
        running.revoking.wiped();
        let (gate, device) = (self.place, self.device);
        let at = stage.record.receipts.get(&device).copied().unwrap_or(stage.now());
        let journal = core::mem::take(&mut self.disk.journal);
        self.disk.wipe();
        let there = stage.record.delivered.get(&device).copied().unwrap_or_default();
        let wrote = journal.len();
        stage.tell(format_args!("gate {gate} deletes {wrote} entries of its journal and its key"));
        if u64::try_from(wrote).unwrap_or(u64::MAX) > there {
            let what = format!("the revoked gate {gate} deletes what it hasn't delivered");
            stage.wrong(Check::NothingLost, what);
        }
        stage.record.wiped.push(Wiped { gate, device, at, journal });
        if dies.is_some() {
            self.die(stage, "after it deleted its journal");
        }
    }

    /// Whoever comes after it learnt so is told so, and nothing else.
    pub(super) fn check_revoked(&self, stage: &mut Stage, (scan, code): (ScanId, ReasonCode)) {
        let learnt = self.running.as_ref().and_then(|running| running.learnt);
        if learnt.is_some_and(|learnt| scan >= learnt) && code != ReasonCode::GateRevoked {
            let what = format!("the revoked gate {} still decides: {code}", self.place);
            stage.wrong(Check::RevokedIsOver, what);
        }
    }
}
