//! From the root key's word that this device is revoked to the empty directory: what it knew of the event goes at
//! once, journal and key once the server has the whole journal, by the root key's word again.

use kaisatsu_shared::{bundle::Revocation, journal::JournalHead};

use crate::{
    engine::Input,
    link::Notice,
    store::{Directory, Wiped},
};

use super::gate::Gate;

/// The server is asked for what it has so often, in milliseconds.
const ASK_EVERY: u64 = 10_000;
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
    /// When the server is to be asked, in monotonic milliseconds.
    ask_at: u64,
    /// When the disk is to be tried again.
    try_at: u64,
}

impl Revoking {
    /// As it is after a start: the word that was kept, if one was.
    pub(super) fn new(directory: Directory, word: Option<Revocation>) -> Self {
        let dropped = word.is_some();
        let (ask_at, try_at) = (0, 0);
        Self { directory, word, dropped, wiped: false, clean: !dropped, ask_at, try_at }
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
        let delivered = self.engine.is_idle() && self.engine.status().unsynced == 0;
        if self.revoking.dropped && !self.revoking.wiped && delivered && now >= self.revoking.ask_at
        {
            self.revoking.ask_at = now.saturating_add(ASK_EVERY);
            self.link.ask_receipt();
        }
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
        let whole = receipt == self.engine.journal_head();
        let settled = self.engine.is_idle() && self.engine.status().unsynced == 0;
        if self.revoking.wiped || !self.revoking.dropped || !whole || !settled {
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
