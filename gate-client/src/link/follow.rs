//! Following the server: rules, then the ledger by long poll. This is also how the link knows
//! whether it stands: an answer means online, silence means alone, and it goes on trying.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::{id::Epoch, ledger::Cursor, sync::FeedPage};
use tokio::sync::oneshot;

use crate::{
    engine::LinkState,
    platform::{random, sleep},
};

use super::{Failure, Link, LinkEvent, Notice, bundle::Rules};

/// How long the server may hold a request for the feed, in milliseconds.
const HOLD: u64 = 5_000;
/// How long an answer may take beyond that.
const PATIENCE: Duration = Duration::from_secs(3);
/// The rules are looked after this often, in milliseconds.
const RULES_EVERY: u64 = 60_000;
/// The pause after a refusal.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);
/// An empty page that comes faster than this wasn't held, in milliseconds.
const HASTY: u64 = 100;
/// The pause after one.
const HASTY_PAUSE: Duration = Duration::from_millis(200);
/// Pauses between attempts while nobody answers, in milliseconds.
const PAUSES: [u64; 3] = [500, 1_000, 2_000];

/// What one round showed.
enum Round {
    /// A page with entries came; there may be more.
    More,
    /// Everything is known. `hasty` if the server didn't hold the request.
    CaughtUp { hasty: bool },
    /// The server refuses this gate, or its rules can't be used here.
    Refused,
    /// The server answers, but the ledger can't be followed.
    Stuck,
}

pub(super) struct Follower {
    link: Arc<Link>,
    cursor: Cursor,
    tag: Option<String>,
    /// When the rules are due, in monotonic milliseconds.
    rules_due: u64,
    /// Whether the event's rules can be used.
    rules: Rules,
    told: Option<LinkState>,
    revoked: bool,
    ready: bool,
    /// Whether everything was known since the link was last in doubt.
    caught_up: bool,
    failures: usize,
    /// The epoch in which the server knows that it got everything.
    pub(super) offered: Option<Epoch>,
}

/// Follows the server until the process ends.
pub(super) async fn follow(link: Arc<Link>, cursor: Cursor, revoked: bool, refused: bool) {
    let mut follower = Follower::new(link, cursor, revoked);
    if refused {
        // As it was told before the restart; silence doesn't change it.
        follower.told = Some(LinkState::Refused);
    }
    let link = Arc::clone(&follower.link);
    // Whoever was revoked has nothing to follow, and only delivers.
    while !follower.revoked {
        let pause = tokio::select! {
            pause = follower.step() => pause,
            () = link.doubt.notified() => {
                // Tried at once, and told again: the engine has stopped asking meanwhile.
                if follower.told == Some(LinkState::Online) {
                    follower.told = None;
                }
                follower.caught_up = false;
                continue;
            }
            () = link.refresh.notified() => {
                follower.rules_due = 0;
                continue;
            }
        };
        if !follower.revoked {
            sleep(pause).await;
        }
    }
    link.tell(LinkEvent::Ready).await;
}

// A round may be given up wherever it waits: what was told is recorded after it was told.
impl Follower {
    pub(super) const fn new(link: Arc<Link>, cursor: Cursor, revoked: bool) -> Self {
        Self {
            link,
            cursor,
            tag: None,
            rules_due: 0,
            rules: Rules::Usable,
            told: None,
            revoked,
            ready: false,
            caught_up: false,
            failures: 0,
            offered: None,
        }
    }

    /// One round; returns how long to pause after it.
    async fn step(&mut self) -> Duration {
        let pause = match self.round().await {
            Ok(round) => {
                self.failures = 0;
                self.arrived(round).await
            }
            Err(failure) if failure.is_silence() => self.silent(&failure).await,
            Err(failure) => self.refused(&failure).await,
        };
        self.say_ready().await;
        pause
    }

    async fn round(&mut self) -> Result<Round, Failure> {
        if self.link.clock.monotonic() >= self.rules_due {
            self.rules = self.link.fetch_bundle(&mut self.tag).await?;
            self.rules_due = self.link.clock.monotonic().saturating_add(RULES_EVERY);
        }
        if self.rules == Rules::Unusable {
            self.rules_due = 0;
            return Ok(Round::Refused);
        }
        let (held, asked) = (self.hold(), self.link.clock.monotonic());
        let page = match self.ask().await {
            Err(failure) if failure.code() == Some("cursor_unknown") => return self.part().await,
            page => page?,
        };
        let (enrolment, event) = (&self.link.enrolment, self.link.credential.event);
        let (installation, root) = (enrolment.installation, &enrolment.root);
        if let Err(error) = page.verify(self.cursor, installation, event, root) {
            self.link.tell(LinkEvent::Notice(Notice::history(&error.to_string()))).await;
            return Ok(Round::Stuck);
        }
        if page.entries.is_empty() {
            self.say_offered().await?;
            // A server that is going down answers at once: no busy loop with it.
            let hasty = held > 0 && self.link.clock.monotonic().saturating_sub(asked) < HASTY;
            return Ok(Round::CaughtUp { hasty });
        }
        let (done, answer) = oneshot::channel();
        self.link
            .tell(LinkEvent::Feed { entries: page.entries, end: page.end.clone(), done })
            .await;
        if let Ok(cursor) = answer.await {
            self.cursor = cursor;
        }
        let followed = self.cursor.hash == page.end.cursor.hash;
        Ok(if followed { Round::More } else { Round::Stuck })
    }

    /// The server doesn't know where this gate stands: it was restored.
    async fn part(&mut self) -> Result<Round, Failure> {
        match self.offer_and_follow().await? {
            Some(cursor) if cursor != self.cursor => {
                self.cursor = cursor;
                // It says what it has of the journal when a session begins, and rules may differ.
                self.link.end_session().await;
                self.rules_due = 0;
                Ok(Round::More)
            }
            _ => Ok(Round::Stuck),
        }
    }

    pub(super) const fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// While catching up or in doubt the answer is wanted at once.
    const fn hold(&self) -> u64 {
        if self.caught_up { HOLD } else { 0 }
    }

    async fn ask(&self) -> Result<FeedPage, Failure> {
        self.ask_from(self.cursor, self.hold()).await
    }

    pub(super) async fn ask_from(&self, from: Cursor, hold: u64) -> Result<FeedPage, Failure> {
        let Cursor { epoch, sequence, hash } = from;
        let mut path = format!("device/feed?epoch={epoch}&after={sequence}&wait_ms={hold}");
        if sequence > 0 {
            path.push_str("&hash=");
            path.push_str(&hex::encode(hash));
        }
        let limit = Duration::from_millis(hold).saturating_add(PATIENCE);
        let bytes =
            self.link.authorised(|token| self.link.client.bytes(&path, token, limit)).await?;
        FeedPage::decode(&bytes).map_err(|error| Failure::Unreadable(error.to_string()))
    }

    async fn arrived(&mut self, round: Round) -> Duration {
        let (state, pause) = match round {
            Round::CaughtUp { hasty: true } => (LinkState::Online, HASTY_PAUSE),
            Round::More | Round::CaughtUp { .. } => (LinkState::Online, Duration::ZERO),
            Round::Stuck => (LinkState::Online, REFUSED_PAUSE),
            Round::Refused => (LinkState::Refused, REFUSED_PAUSE),
        };
        self.caught_up = self.caught_up || !matches!(round, Round::More);
        self.say(state).await;
        pause
    }

    async fn silent(&mut self, failure: &Failure) -> Duration {
        tracing::debug!(%failure, "the server doesn't answer");
        if self.failures == 0 {
            self.link.client.reset();
        }
        self.caught_up = false;
        // A refused gate stays refused until the server takes it back.
        if self.told != Some(LinkState::Refused) {
            self.say(LinkState::Alone).await;
        }
        let pause = PAUSES.get(self.failures).or(PAUSES.last()).copied().unwrap_or_default();
        self.failures = self.failures.saturating_add(1);
        // Up to a quarter more, so that gates don't come back all at once.
        let jitter = random::<1>().map_or(0, |[byte]| pause * u64::from(byte) / 1_024);
        Duration::from_millis(pause.saturating_add(jitter))
    }

    pub(super) async fn refused(&mut self, failure: &Failure) -> Duration {
        self.failures = 0;
        self.caught_up = true;
        self.link.tell(LinkEvent::Notice(Notice::refused(failure))).await;
        if let Some(revocation) = self.link.proven(failure) {
            self.link.tell(LinkEvent::Revoked(revocation)).await;
            self.revoked = true;
        } else if failure.revokes() {
            // Anybody may say so; the next session's answer has the root key's word for it.
            self.link.end_session().await;
        }
        let state = if failure.refuses_gate() { LinkState::Refused } else { LinkState::Online };
        self.say(state).await;
        REFUSED_PAUSE
    }

    #[cfg(test)]
    pub(super) fn is_told(&self, state: LinkState) -> bool {
        self.told == Some(state)
    }

    /// The first attempt ended: well once everything is known.
    pub(super) async fn say_ready(&mut self) {
        if !self.ready && !matches!(self.told, Some(LinkState::Online) if !self.caught_up) {
            self.link.tell(LinkEvent::Ready).await;
            self.ready = true;
        }
    }

    pub(super) async fn say(&mut self, state: LinkState) {
        // Who was revoked stays so, whatever the link is.
        let state = if self.revoked { LinkState::Refused } else { state };
        if self.told != Some(state) {
            self.link.tell_link(state).await;
            self.told = Some(state);
        }
    }
}
