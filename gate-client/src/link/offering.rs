//! After the server was restored: what this gate has of the ledger goes back to it, and then it follows the
//! server's new line.

use core::time::Duration;
use kaisatsu_shared::{
    id::Epoch,
    journal::SignedJournalHead,
    ledger::{Cursor, SignedCursor},
    sync::{Located, OfferAnswer, Offered},
};
use tokio::sync::oneshot;

use crate::engine::KeptPage;

use super::{Failure, LinkEvent, Notice, follow::Follower};

/// How long the server may take to take a page in.
const OFFER_LIMIT: Duration = Duration::from_secs(30);
/// How long the other questions may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The server's line after the last entry that both have.
#[derive(Debug)]
pub(crate) struct NewLine {
    pub(crate) common: u64,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) end: SignedCursor,
}

impl Follower {
    /// The server doesn't have the position that this gate follows from. Gives the cursor to go on from, if the
    /// gate has changed over to the server's line.
    pub(super) async fn offer_and_follow(&mut self) -> Result<Option<Cursor>, Failure> {
        let Some(Some(kept)) = self.ask_gate(LinkEvent::KeptLedger).await else { return Ok(None) };
        let asked = kept.locate();
        let located: Located = self.post("device/locate", &asked).await?;
        let newest = asked.newest.map(|newest| newest.cursor.epoch).unwrap_or_default();
        if located.epoch <= newest.max(self.cursor().epoch) {
            return Ok(self.rolled_back().await);
        }
        for page in kept.to_offer(&located) {
            self.offer(page).await?;
        }
        let line = self.new_line(located.common).await?;
        if line.end.cursor.epoch < located.epoch {
            // It was put back again meanwhile.
            return Ok(self.rolled_back().await);
        }
        self.link().tell(LinkEvent::Notice(Notice::restored(located.epoch))).await;
        Ok(self.ask_gate(|done| LinkEvent::Replaced { line, done }).await)
    }

    /// The gate stays with what it has.
    async fn rolled_back(&self) -> Option<Cursor> {
        self.link().tell(LinkEvent::Notice(Notice::rolled_back())).await;
        None
    }

    async fn offer(&self, kept: KeptPage) -> Result<OfferAnswer, Failure> {
        let Cursor { epoch, sequence, hash } = kept.after;
        let path =
            format!("device/ledger?epoch={epoch}&after={sequence}&hash={}", hex::encode(hash));
        let bytes = kept.page.encode();
        let link = self.link();
        link.authorised(|token| link.client.post_bytes(&path, token, bytes.clone(), OFFER_LIMIT))
            .await
    }

    /// Everything that the server has after `common`.
    async fn new_line(&self, common: Cursor) -> Result<NewLine, Failure> {
        let (enrolment, event) = (&self.link().enrolment, self.link().credential.event);
        let mut entries = Vec::new();
        let mut at = common;
        loop {
            let page = self.ask_from(at, 0).await?;
            page.verify(at, enrolment.installation, event, &enrolment.root)
                .map_err(|error| Failure::Unreadable(error.to_string()))?;
            if page.entries.is_empty() {
                return Ok(NewLine { common: common.sequence, entries, end: page.end });
            }
            at = page.end.cursor;
            entries.extend(page.entries);
        }
    }

    /// Tells the server, after a restore, once everything was delivered.
    pub(super) async fn say_offered(&mut self) -> Result<(), Failure> {
        let epoch = self.cursor().epoch;
        if epoch <= Epoch(1) || self.offered == Some(epoch) {
            return Ok(());
        }
        let Some(Some((head, cursor))) = self.ask_gate(LinkEvent::Delivered).await else {
            return Ok(());
        };
        let link = self.link();
        let (installation, device) = (link.enrolment.installation, link.credential.device);
        let head = SignedJournalHead::sign(installation, device, head, &link.key);
        let _: Epoch = self.post("device/offered", &Offered { head, cursor }).await?;
        self.offered = Some(epoch);
        Ok(())
    }

    async fn post<B: serde::Serialize + Sync, T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Failure> {
        let link = self.link();
        link.authorised(|token| link.client.post(path, Some(token), body, LIMIT)).await
    }

    /// Asks the gate's loop; nothing where it has ended.
    async fn ask_gate<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> LinkEvent) -> Option<T> {
        let (done, answer) = oneshot::channel();
        self.link().tell(ask(done)).await;
        answer.await.ok()
    }
}
