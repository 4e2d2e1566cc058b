//! The device's session: a challenge signed once, then a bearer token until it ends.

use core::time::Duration;
use kaisatsu_shared::{
    hash::{Domain, Kind},
    sync::{Challenge, SessionAnswer, SessionRequest, challenge_message},
};
use tokio::sync::Mutex;

use super::{Failure, Link, LinkEvent, Notice};

/// How long each of the two requests may take.
const LIMIT: Duration = Duration::from_secs(3);
/// The clock may be off by so many milliseconds before staff is told.
const CLOCK_TOLERANCE: u64 = 2_000;

/// The session in use.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<Option<Session>>);

#[derive(Clone, Debug)]
struct Session {
    token: String,
    /// Monotonic time from which a new one is begun.
    until: u64,
}

impl Link {
    /// Makes a request with the session's token; once more with a new session if the server
    /// doesn't take the token.
    pub(super) async fn authorised<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        request: impl Fn(String) -> F,
    ) -> Result<T, Failure> {
        let token = self.token().await?;
        match request(token.clone()).await {
            Err(failure) if failure.wants_session() => {
                self.forget(&token).await;
                let token = self.token().await?;
                request(token).await
            }
            answer => answer,
        }
    }

    async fn token(&self) -> Result<String, Failure> {
        if self.is_closed() {
            return Err(Failure::Silence("this device was wiped".to_owned()));
        }
        // Held while a session is begun: whoever else needs one waits for it.
        let mut session = self.sessions.0.lock().await;
        if let Some(session) = session.as_ref().filter(|now| self.clock.monotonic() < now.until) {
            return Ok(session.token.clone());
        }
        let begun = self.begin().await?;
        let token = begun.token.clone();
        *session = Some(begun);
        Ok(token)
    }

    async fn forget(&self, token: &str) {
        let mut session = self.sessions.0.lock().await;
        session.take_if(|session| session.token == token);
    }

    /// The next request begins a new session, and so learns what the server has.
    pub(super) async fn end_session(&self) {
        self.sessions.0.lock().await.take();
    }

    async fn begin(&self) -> Result<Session, Failure> {
        let Challenge { challenge } =
            self.client.post("device/challenge", None, &(), LIMIT).await?;
        let device = self.credential.device;
        let domain = Domain::new(Kind::Device, self.enrolment.installation);
        let signature = self.key.sign(domain, &challenge_message(device, &challenge));
        let credential = self.enrolment.credential.clone();
        let request = SessionRequest { credential, challenge, signature };
        let before = self.clock.wall();
        let started = self.clock.monotonic();
        let answer: SessionAnswer =
            self.client.post("device/session", None, &request, LIMIT).await?;
        let took = self.clock.monotonic().saturating_sub(started);
        self.compare_clocks(before.plus(took / 2).0, answer.server_time.0, took).await;
        let receipt = self.heed(&answer).await;
        self.tell(LinkEvent::Session { journal: answer.journal, receipt }).await;
        // Nine tenths of its life, by a clock that doesn't jump.
        let life = answer.expires_at.0.saturating_sub(answer.server_time.0);
        let until = started.saturating_add(life / 10 * 9);
        Ok(Session { token: answer.token, until })
    }

    async fn compare_clocks(&self, here: u64, there: u64, took: u64) {
        let off = here.abs_diff(there);
        if off > CLOCK_TOLERANCE.saturating_add(took / 2) {
            let millis = i64::try_from(off).unwrap_or(i64::MAX);
            let signed = if here > there { millis } else { -millis };
            self.tell(LinkEvent::Notice(Notice::clock(signed))).await;
        }
    }
}
