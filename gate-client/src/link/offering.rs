//! After the server was restored: what this gate has of the ledger goes back to it, and then it follows the
//! server's new line.

use kaisatsu_shared::{
    id::Epoch,
    journal::SignedJournalHead,
    ledger::{Cursor, SignedCursor},
    sync::{FeedPage, Locate, Located, OfferAnswer, Offered},
};
use tokio::{sync::oneshot, time::Duration};

use super::{Failure, LinkEvent, Notice, follow::Follower};

/// How long the server may take to take a page in.
const OFFER_LIMIT: Duration = Duration::from_secs(30);
/// How long the other questions may take.
const LIMIT: Duration = Duration::from_secs(5);

/// What the gate keeps of the ledger, as asked for by the link.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Positions to name.
    pub(crate) positions: Vec<Cursor>,
    /// The newest signed one.
    pub(crate) newest: Option<SignedCursor>,
}

/// A page as the server once sent it, and what it follows.
#[derive(Clone, Debug)]
pub(crate) struct KeptPage {
    pub(crate) after: Cursor,
    pub(crate) page: FeedPage,
}

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
        let Some(kept) = self.ask_gate(LinkEvent::Kept).await else { return Ok(None) };
        let newest_epoch = kept.newest.as_ref().map(|newest| newest.cursor.epoch);
        let asked = Locate { positions: kept.positions, newest: kept.newest };
        let located: Located = self.post("device/locate", &asked).await?;
        let known = newest_epoch.unwrap_or_default().max(self.cursor().epoch);
        if located.epoch <= known {
            self.link().tell(LinkEvent::Notice(Notice::rolled_back())).await;
            return Ok(None);
        }
        let from = self.first_to_offer(&located).await;
        let Some(pages) = self.ask_gate(|done| LinkEvent::Pages { after: from, done }).await else {
            return Ok(None);
        };
        for page in pages {
            self.offer(page).await?;
        }
        let line = self.new_line(located.common).await?;
        self.link().tell(LinkEvent::Notice(Notice::restored(located.epoch))).await;
        Ok(self.ask_gate(|done| LinkEvent::Replaced { line, done }).await)
    }

    /// What another gate has offered before needn't be offered again.
    async fn first_to_offer(&self, located: &Located) -> Cursor {
        let recovered = located.recovered.clone();
        let both = self.ask_gate(|done| LinkEvent::Holds { positions: recovered, done }).await;
        both.flatten()
            .filter(|both| both.sequence > located.common.sequence)
            .unwrap_or(located.common)
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
