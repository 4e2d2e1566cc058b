//! From the root key's word that this device is revoked to the empty directory: what it knew of the event goes at
//! once, journal and key once the server has the whole journal, by the root key's word again.

use kaisatsu_shared::{bundle::Revocation, journal::JournalHead};

use crate::{
    engine::Input,
    link::Notice,
    store::{Directory, Wiped},
};

use super::gate::Gate;

/// The server is asked for what it has after so long, in milliseconds; each time in vain the wait doubles, up to the
/// longest.
const ASK_FIRST: u64 = 10_000;
const LONGEST: u64 = 600_000;
/// What couldn't be done on the disk is tried again so often, in milliseconds.
const TRY_EVERY: u64 = 2_000;

/// How far it is.
#[derive(Debug)]
pub(super) struct Revoking {
    directory: Directory,
    /// The root key's word, once it came.
    word: Option<Revocation>,
    /// What it knew is gone from the disk.
    dropped: bool,
    wiped: bool,
    /// Nothing of what was deleted is left in the file.
    clean: bool,
    /// When the server is to be asked, in monotonic milliseconds, and the wait after that.
    ask_at: u64,
    ask_pause: u64,
    /// When the disk is to be tried again.
    try_at: u64,
}

impl Revoking {
    /// As it is after a start: the word that was kept, if one was.
    pub(super) fn new(directory: Directory, word: Option<Revocation>) -> Self {
        let dropped = word.is_some();
        Self {
            directory,
            word,
            dropped,
            wiped: false,
            clean: !dropped,
            ask_at: 0,
            ask_pause: ASK_FIRST,
            try_at: 0,
        }
    }

    /// Whether the server is to be asked now for what it has: once what was known is gone and everything is
    /// acknowledged.
    fn asks(&mut self, delivered: bool, now: u64) -> bool {
        if !self.dropped || self.wiped || !delivered || now < self.ask_at {
            return false;
        }
        self.ask_at = now.saturating_add(self.ask_pause);
        self.ask_pause = self.ask_pause.saturating_mul(2).min(LONGEST);
        true
    }

    /// Whether journal and key may go: the server has the journal to its end, `own`, by the root key's word, which
    /// is more than that everything was acknowledged.
    fn may_wipe(&self, receipt: JournalHead, own: JournalHead, delivered: bool) -> bool {
        self.word.is_some() && self.dropped && !self.wiped && delivered && receipt == own
    }
}

impl Gate {
    /// The root key says that this device is revoked; that was checked.
    pub(super) fn was_revoked(&mut self, word: Revocation) {
        if self.revoking.word.is_none() {
            self.revoking.word = Some(word);
            self.stop_for_good();
        }
    }

    /// It admits nobody, asks no hub and is none any more.
    pub(super) fn stop_for_good(&mut self) {
        self.handle(Input::Revoked);
        self.hub.link.set(&[]);
        if let Some(door) = &self.hub.door {
            door.shut();
        }
        self.notice(Notice::revoked());
        self.keep_revoked();
    }

    /// Whether nothing is left of it.
    pub(super) const fn is_wiped(&self) -> bool {
        self.revoking.wiped
    }

    /// Does what is due.
    pub(super) fn keep_revoked(&mut self) {
        let Some(word) = self.revoking.word else { return };
        let now = self.clock.monotonic();
        if now >= self.revoking.try_at && !self.tidy(word) {
            self.revoking.try_at = now.saturating_add(TRY_EVERY);
        }
        let delivered = self.is_delivered();
        if self.revoking.asks(delivered, now) {
            self.link.ask_receipt();
        }
    }

    /// Whether nothing waits for the disk or for the server's acknowledgement.
    fn is_delivered(&self) -> bool {
        self.engine.is_idle() && self.engine.status().unsynced == 0
    }

    /// Brings the disk to where it should be; false if that is to be tried again.
    fn tidy(&mut self, word: Revocation) -> bool {
        if !self.revoking.dropped {
            if let Err(error) = self.store.revoke(&word) {
                self.disk_failed(&error);
                return false;
            }
            self.revoking.dropped = true;
            self.revoking.clean = false;
        }
        if self.revoking.clean {
            return true;
        }
        let cleaned = match self.revoking.wiped {
            true => self.store.finish_wipe(&self.revoking.directory),
            false => self.store.scrub(),
        };
        match cleaned {
            Ok(clean) => self.revoking.clean = clean,
            Err(error) => self.disk_failed(&error),
        }
        self.revoking.clean
    }

    /// A session began. If the server has the whole journal, by the root key's word, journal and key go.
    pub(super) fn receipted(&mut self, receipt: Option<JournalHead>) {
        let (Some(word), Some(receipt)) = (self.revoking.word, receipt) else { return };
        if !self.revoking.may_wipe(receipt, self.engine.journal_head(), self.is_delivered()) {
            return;
        }
        let identity = *self.engine.identity();
        let wiped = Wiped {
            installation: identity.installation,
            event: identity.event,
            gate: identity.gate,
            device: identity.device,
            revoked_at: word.revoked_at,
            delivered: receipt.number,
            delivered_at: self.clock.wall(),
        };
        if let Err(error) = self.store.wipe(&wiped) {
            return self.disk_failed(&error);
        }
        self.revoking.wiped = true;
        self.revoking.clean = false;
        self.link.close();
        self.notice(Notice::wiped());
        self.keep_revoked();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kaisatsu_shared::{
        id::{DeviceId, EventId, InstallationId},
        time::UnixMillis,
    };

    use super::*;

    fn revoking(dropped: bool) -> Revoking {
        let (installation, event) = (InstallationId([1; 16]), EventId(1));
        let word =
            Revocation { installation, event, device: DeviceId(1), revoked_at: UnixMillis(1) };
        let directory = Directory::new(Path::new("nowhere"));
        Revoking { dropped, ..Revoking::new(directory, Some(word)) }
    }

    fn head(number: u64, byte: u8) -> JournalHead {
        JournalHead { number, hash: [byte; 32] }
    }

    #[test]
    fn journal_and_key_go_only_with_the_receipt_of_the_whole() {
        let own = head(9, 1);
        assert!(revoking(true).may_wipe(own, own, true));
        for shorter_or_another in [head(8, 1), head(10, 1), head(9, 2), JournalHead::default()] {
            assert!(!revoking(true).may_wipe(shorter_or_another, own, true));
        }
        assert!(!revoking(true).may_wipe(own, own, false), "something waits");
        assert!(!revoking(false).may_wipe(own, own, true), "what it knew goes first");
        let wiped = Revoking { wiped: true, ..revoking(true) };
        assert!(!wiped.may_wipe(own, own, true));
        let nobody_said_so = Revoking { word: None, ..revoking(true) };
        assert!(!nobody_said_so.may_wipe(own, own, true));
    }

    #[test]
    fn the_server_is_asked_less_and_less_often() {
        let mut revoking = revoking(true);
        assert!(!revoking.asks(false, 0));
        let asked: Vec<_> =
            (0..3_600).filter(|second| revoking.asks(true, second * 1_000)).collect();
        assert_eq!(asked, [0, 10, 30, 70, 150, 310, 630, 1_230, 1_830, 2_430, 3_030]);
    }
}
