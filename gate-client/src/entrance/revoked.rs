//! From the root key's word that this device is revoked to the empty directory: what it knew of the event goes at
//! once, journal and key once the server has the whole journal, by the root key's word again. Which step may be
//! taken when is [`engine::Revoking`]'s.

use kaisatsu_shared::{bundle::Revocation, journal::JournalHead};

use crate::{
    engine::{self, Input},
    link::Notice,
    store::{Store as _, Wiped},
};

use super::gate::Gate;

/// What couldn't be done on the disk is tried again so often, in milliseconds.
const TRY_EVERY: u64 = 2_000;

/// How far it is.
#[derive(Debug)]
pub(super) struct Revoking {
    steps: engine::Revoking,
    /// Nothing of what was deleted is left in the file.
    clean: bool,
    /// When the disk is to be tried again.
    try_at: u64,
}

impl Revoking {
    /// As it is after a start: the word that was kept, if one was.
    pub(super) const fn new(word: Option<Revocation>) -> Self {
        let clean = word.is_none();
        Self { steps: engine::Revoking::new(word), clean, try_at: 0 }
    }
}

impl Gate {
    /// The root key says that this device is revoked; that was checked.
    pub(super) async fn was_revoked(&mut self, word: Revocation) {
        if self.revoking.steps.learn(word) {
            self.stop_for_good().await;
        }
    }

    /// It admits nobody, asks no hub and is none any more.
    pub(super) async fn stop_for_good(&mut self) {
        self.handle(Input::Revoked).await;
        self.hub.shut();
        self.notice(Notice::revoked());
        self.keep_revoked().await;
    }

    /// Whether nothing is left of it.
    pub(super) const fn is_wiped(&self) -> bool {
        self.revoking.steps.is_wiped()
    }

    /// Does what is due.
    pub(super) async fn keep_revoked(&mut self) {
        if self.revoking.steps.word().is_none() {
            return;
        }
        let now = self.clock.monotonic();
        if now >= self.revoking.try_at && !self.tidy().await {
            self.revoking.try_at = now.saturating_add(TRY_EVERY);
        }
        let delivered = self.engine.is_delivered();
        if self.revoking.steps.asks(delivered, now) {
            self.link.ask_receipt();
        }
    }

    /// Brings the disk to where it should be; false if that is to be tried again.
    async fn tidy(&mut self) -> bool {
        if let Some(word) = self.revoking.steps.to_drop() {
            if let Err(error) = self.store.revoke(&word).await {
                self.disk_failed(&error);
                return false;
            }
            self.revoking.steps.dropped();
            self.revoking.clean = false;
        }
        if self.revoking.clean {
            return true;
        }
        let cleaned = match self.is_wiped() {
            true => self.store.finish_wipe().await,
            false => self.store.scrub().await,
        };
        match cleaned {
            Ok(clean) => self.revoking.clean = clean,
            Err(error) => self.disk_failed(&error),
        }
        self.revoking.clean
    }

    /// A session began. If the server has the whole journal, by the root key's word, journal and key go.
    pub(super) async fn receipted(&mut self, receipt: Option<JournalHead>) {
        let own = self.engine.journal_head();
        let delivered = self.engine.is_delivered();
        let Some(word) = self.revoking.steps.to_wipe(receipt, own, delivered) else {
            return;
        };
        let identity = *self.engine.identity();
        let wiped = Wiped {
            installation: identity.installation,
            event: identity.event,
            gate: identity.gate,
            device: identity.device,
            revoked_at: word.revoked_at,
            delivered: own.number,
            delivered_at: self.clock.wall(),
        };
        if let Err(error) = self.store.wipe(&wiped).await {
            return self.disk_failed(&error);
        }
        self.revoking.steps.wiped();
        self.revoking.clean = false;
        self.link.close();
        self.notice(Notice::wiped());
        self.keep_revoked().await;
    }
}
