//! The link to the server: claims, searches, the journal's way up, ledger and bundle on their way down, and
//! the knowledge whether anyone answers. Nothing here needs to be switched by hand.

mod bundle;
mod client;
mod enrol;
mod failure;
mod follow;
#[cfg(feature = "native")]
mod hub;
mod notice;
mod offering;
mod own_head;
#[cfg(feature = "native")]
mod pass_on;
#[cfg(feature = "native")]
mod relay;
mod revoked;
mod search;
mod session;
#[cfg(test)]
#[cfg(feature = "native")]
mod tests;
mod time;
mod transport;

use core::time::Duration;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use kaisatsu_shared::{
    bundle::{Credential, OpenBundle, Revocation, SignedBundle},
    id::ClaimKey,
    journal::{JournalHead, SignedJournalHead},
    key::DeviceKey,
    ledger::{Cursor, SignedCursor},
    sync::{BatchAnswer, Claim, ClaimAnswer, EntryFate, JournalBatch, SearchAnswer, SignedTime},
};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    engine::{Input, KeptLedger, LinkState},
    platform::{self, Clock, timeout},
    store::Enrolment,
};

#[cfg(feature = "native")]
use crate::hub::HubAsk;
use client::Client;
pub(crate) use client::{AddressError, base_url};
pub(crate) use enrol::enrol;
pub(crate) use failure::Failure;
#[cfg(feature = "native")]
pub(crate) use hub::HubLink;
pub(crate) use notice::Notice;
pub(crate) use offering::NewLine;
pub(crate) use own_head::OwnHead;
use session::Sessions;

/// How long a claim is worth sending: a little over the engine's budget.
const CLAIM_LIMIT: Duration = Duration::from_millis(400);
/// How long the server may take to answer a journal batch.
const UPLOAD_LIMIT: Duration = Duration::from_secs(4);
/// Rules are asked for out of turn at most this often, in milliseconds.
const REFRESH_PAUSE: u64 = 5_000;

/// What the link tells the gate's loop.
#[derive(Debug)]
pub(crate) enum LinkEvent {
    /// For the engine.
    Input(Input),
    /// Verified entries of the ledger, and their end as it is signed; the engine's cursor after them is to be
    /// sent back.
    Feed { entries: Vec<Vec<u8>>, end: SignedCursor, done: oneshot::Sender<Cursor> },
    /// The server lacks this gate's position: the ledger as it is kept here is wanted; none if it can't be read.
    KeptLedger(oneshot::Sender<Option<KeptLedger>>),
    /// The server's ledger goes on so; the engine's cursor after it is to be sent back.
    Replaced { line: NewLine, done: oneshot::Sender<Cursor> },
    /// The ends of journal and ledger are wanted, once everything is delivered and the server waits for it.
    Delivered(oneshot::Sender<Option<(JournalHead, Cursor)>>),
    /// A session began; the server has this device's journal up to there. By the root key's word, where this device
    /// was revoked.
    Session { journal: JournalHead, receipt: Option<JournalHead> },
    /// The server's time, as it arrived at this monotonic time; not checked yet.
    Time { signed: SignedTime, received: u64 },
    /// What the server found for staff.
    Found(Result<SearchAnswer, Failure>),
    /// The first attempt to get everything ended, well or not.
    Ready,
    /// The root key says that this device is revoked.
    Revoked(Revocation),
    /// The event's newest rules can't be used by this program; the code says why.
    RulesRefused(&'static str),
    /// Another gate asks this one, the venue's hub.
    #[cfg(feature = "native")]
    Hub(HubAsk),
    /// Something that staff or the log should know.
    Notice(Notice),
}

/// The link, shared by the tasks that use it.
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
    sessions: Sessions,
    enrolment: Enrolment,
    credential: Credential,
    key: Arc<DeviceKey>,
    clock: Clock,
    events: mpsc::Sender<LinkEvent>,
    /// A request went unanswered: the link is to be tried.
    doubt: Notify,
    /// New rules are wanted.
    refresh: Notify,
    refreshed: AtomicU64,
    /// This device was wiped: nothing is asked any more.
    closed: AtomicBool,
}

/// What a link starts from.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) enrolment: Enrolment,
    pub(crate) credential: Credential,
    pub(crate) key: Arc<DeviceKey>,
    /// Where the journal ends.
    pub(crate) own_head: Arc<OwnHead>,
    pub(crate) clock: Clock,
    /// How far the ledger is known.
    pub(crate) cursor: Cursor,
    /// This device was revoked: the server isn't followed.
    pub(crate) revoked: bool,
    /// The server refused this gate before, or the event's rules couldn't be used.
    pub(crate) refused: bool,
}

impl Link {
    /// Starts to follow the server.
    ///
    /// # Errors
    /// [`AddressError`] if the stored address isn't one.
    pub(crate) fn start(
        start: Start,
        events: mpsc::Sender<LinkEvent>,
    ) -> Result<Arc<Self>, AddressError> {
        let Start { enrolment, credential, key, own_head, clock, cursor, revoked, refused } = start;
        let link = Arc::new(Self {
            client: Client::telling(&enrolment.server, own_head)?,
            sessions: Sessions::default(),
            enrolment,
            credential,
            key,
            clock,
            events,
            doubt: Notify::new(),
            refresh: Notify::new(),
            refreshed: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        platform::spawn(follow::follow(Arc::clone(&link), cursor, revoked, refused));
        Ok(link)
    }

    /// Asks the server for a right; the answer comes as an event.
    pub(crate) fn claim(self: &Arc<Self>, claim: Claim) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let asked = timeout(CLAIM_LIMIT, link.ask_twice(&claim));
            let answer = asked.await.unwrap_or_else(|_| Err(Failure::silence()));
            let input = link.judge_claim(claim.used.claim, answer).await;
            link.tell(LinkEvent::Input(input)).await;
        });
    }

    /// A connection that stood idle may be dead without knowing: the second attempt takes another.
    /// A claim under the same key is the same claim.
    async fn ask_twice(&self, claim: &Claim) -> Result<ClaimAnswer, Failure> {
        let ask = || {
            self.authorised(|token| {
                self.client.post::<_, ClaimAnswer>("device/claims", Some(token), claim, CLAIM_LIMIT)
            })
        };
        match ask().await {
            Err(failure) if failure.is_silence() => ask().await,
            answer => answer,
        }
    }

    async fn judge_claim(&self, key: ClaimKey, answer: Result<ClaimAnswer, Failure>) -> Input {
        match answer {
            Ok(answer) => Input::Claimed { key, answer },
            Err(failure) if failure.is_silence() => {
                tracing::info!(%failure, "a claim went unanswered");
                self.doubt.notify_one();
                Input::ClaimFailed { key }
            }
            Err(failure) => {
                self.tell(LinkEvent::Notice(Notice::refused(&failure))).await;
                // The server may have revoked this gate or want another version.
                self.doubt.notify_one();
                Input::ClaimRejected { key }
            }
        }
    }

    /// Delivers journal entries; the answer comes as an event.
    pub(crate) fn upload(self: &Arc<Self>, entries: Vec<Vec<u8>>, head: JournalHead) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let input = match link.deliver(entries, head).await {
                Ok(answer) => Input::Uploaded(answer),
                Err(failure) => {
                    tracing::info!(%failure, "journal entries were not delivered");
                    link.undelivered(&failure).await
                }
            };
            link.tell(LinkEvent::Input(input)).await;
        });
    }

    async fn deliver(
        &self,
        entries: Vec<Vec<u8>>,
        head: JournalHead,
    ) -> Result<BatchAnswer, Failure> {
        let installation = self.enrolment.installation;
        let device = self.credential.device;
        let head = SignedJournalHead::sign(installation, device, head, &self.key);
        let batch = JournalBatch { entries, head };
        let sent = self.authorised(|token| {
            self.client.post("device/journal", Some(token), &batch, UPLOAD_LIMIT)
        });
        let answer: BatchAnswer =
            timeout(UPLOAD_LIMIT, sent).await.unwrap_or_else(|_| Err(Failure::silence()))?;
        if answer.entries.iter().all(|entry| entry.fate == EntryFate::AlreadyKnown) {
            // It may have all of it, carried by hand. It says what it has when a session begins.
            self.end_session().await;
        }
        Ok(answer)
    }

    async fn undelivered(&self, failure: &Failure) -> Input {
        if failure.is_silence() {
            self.doubt.notify_one();
            return Input::UploadFailed;
        }
        if failure.code() == Some("journal_gap") {
            // The server lost entries that it had acknowledged (it was restored). It says what it
            // has when a session begins.
            self.end_session().await;
        }
        self.tell(LinkEvent::Notice(Notice::refused(failure))).await;
        Input::UploadRefused
    }

    /// Asks for the rules soon, because something unknown was met.
    pub(crate) fn refresh(&self) {
        let now = self.clock.monotonic();
        let last = self.refreshed.load(Ordering::Relaxed);
        if last == 0 || now.saturating_sub(last) >= REFRESH_PAUSE {
            self.refreshed.store(now.max(1), Ordering::Relaxed);
            self.refresh.notify_one();
        }
    }

    /// Tells the loop; when it has ended there is nobody to tell.
    async fn tell(&self, event: LinkEvent) {
        let _ = self.events.send(event).await;
    }

    async fn tell_link(&self, state: LinkState) {
        self.tell(LinkEvent::Input(Input::Link(state))).await;
    }

    async fn tell_bundle(&self, signed: SignedBundle, open: OpenBundle) {
        self.tell(LinkEvent::Input(Input::Bundle { signed, open: Box::new(open) })).await;
    }
}
