//! A gate client's request: its session token is good. One HMAC, no look-up.

use core::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web};
use kaisatsu_shared::{
    bundle::SignedBundle,
    id::{Epoch, EventId, OrganisationId},
    ledger::Cursor,
    sync::{
        BatchAnswer, Claim, ClaimAnswer, FeedPage, HeadsNoted, HeardHeads, JournalBatch, Locate,
        Located, OfferAnswer, Offered, SearchAnswer, SearchRequest, SignedTime, TimeRequest,
    },
};
use tokio::time::{Duration, timeout};

use super::{Door, Session, bearer, door, heads, refusals::Refused};
use crate::{
    http::{ApiError, ApiResult},
    store::{
        StoreError,
        types::{Actor, ActorKind, DeviceState, FeedFrom},
    },
};

/// The longest that a request for the feed waits. A gate that follows the feed is heard as often.
pub const MAX_WAIT: Duration = Duration::from_secs(8);

/// A device with a good session. What a revoked one may not do is behind `trusted` or
/// refused by the store.
#[derive(Debug)]
pub struct GateDevice {
    door: web::Data<Door>,
    session: Session,
    actor: Actor,
}

impl GateDevice {
    /// The event it serves.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.session.event
    }

    /// Asks to use a right.
    ///
    /// # Errors
    /// `claim_mismatch` if the use names another device, gate or event than the credential, and
    /// what the store refuses: above all a revoked device.
    pub async fn claim(self, claim: Claim) -> ApiResult<ClaimAnswer> {
        let used = &claim.used;
        let own = (self.session.device, self.session.gate, self.session.event);
        if (used.device, used.gate, used.right.event) != own {
            let error = ApiError::new(
                StatusCode::CONFLICT,
                "claim_mismatch",
                "the claim names another device, gate or event than the credential; enrol the device again for its gate",
            );
            self.note("ticket.claim", &error);
            return Err(error);
        }
        let heard = self.door.lanes().heard(self.session.event, self.door.world.clock.now());
        Ok(self.door.store.claim(self.actor, self.session.device, claim, heard).await?)
    }

    /// Looks tickets up.
    ///
    /// # Errors
    /// `search_too_often`, and what the store refuses: a revoked device, an event without search,
    /// nobody signed in.
    pub async fn search(self, request: SearchRequest) -> ApiResult<SearchAnswer> {
        let now = self.door.world.clock.now();
        if let Err(wait) = self.door.searches().take(self.session.device, now) {
            let error = ApiError::too_often(
                "search_too_often",
                "this gate looked up too much in a short time; wait, then look again",
                wait,
            );
            self.note("ticket.search", &error);
            return Err(error);
        }
        Ok(self.door.store.search(self.actor, self.session.device, request).await?)
    }

    /// Delivers journal entries; a revoked device may its own. Another device's, which that has signed, the
    /// venue's hub passes on.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn upload(self, batch: JournalBatch) -> ApiResult<BatchAnswer> {
        let (own, device) = (self.session.device, batch.head.device);
        if device != own {
            if self.door.store.device(own).await?.revoked_at.is_some() {
                return Err(StoreError::DeviceRevoked(own).into());
            }
            // A device of another event is none of this hub's.
            if self.door.store.device(device).await?.event != self.session.event {
                return Err(StoreError::DeviceUnknown(device).into());
            }
        }
        Ok(self.door.store.upload(self.actor, device, batch).await?)
    }

    /// Takes in where journals of other devices of the event end.
    ///
    /// # Errors
    /// `device_revoked`, and what the store refuses: above all an end that isn't that device's own.
    pub async fn pass_on_heads(self, heads: HeardHeads) -> ApiResult<HeadsNoted> {
        self.trusted().await?;
        match self.door.store.note_heads(self.actor.clone(), self.session.device, heads).await {
            Ok(noted) => Ok(noted),
            Err(error) => {
                let error = error.into();
                self.note("journal.heads", &error);
                Err(error)
            }
        }
    }

    /// Where the device's ledger and the server's part.
    ///
    /// # Errors
    /// `device_revoked`, and what the store refuses.
    pub async fn locate(self, asked: Locate) -> ApiResult<Located> {
        self.trusted().await?;
        Ok(self.door.store.locate(self.actor, self.session.device, asked).await?)
    }

    /// Takes in a page of the ledger that the server lost.
    ///
    /// # Errors
    /// What the store refuses: above all a page that this installation didn't sign.
    pub async fn offer(self, after: Cursor, page: FeedPage) -> ApiResult<OfferAnswer> {
        Ok(self.door.store.offer(self.actor, self.session.device, after, page).await?)
    }

    /// Notes that the device has delivered everything; gives the epoch.
    ///
    /// # Errors
    /// What the store refuses: above all `offer_incomplete`.
    pub async fn offered(self, offered: Offered) -> ApiResult<Epoch> {
        self.door.store.offered(self.actor, self.session.device, offered).await?;
        Ok(self.door.store.epoch())
    }

    /// The time, signed as the answer to this question.
    ///
    /// # Errors
    /// `time_mismatch` if the question names another device than the credential, `device_revoked`,
    /// and what the store refuses.
    pub async fn time(&self, request: TimeRequest) -> ApiResult<SignedTime> {
        if request.device != self.session.device {
            let error = ApiError::new(
                StatusCode::CONFLICT,
                "time_mismatch",
                "the question names another device than the credential; enrol the device again",
            );
            self.note("device.time", &error);
            return Err(error);
        }
        self.trusted().await?;
        Ok(self.door.store.signed_time(self.session.event, request).await?)
    }

    /// What the event's gates decide with.
    ///
    /// # Errors
    /// `device_revoked`, and what the store refuses.
    pub async fn bundle(&self) -> ApiResult<SignedBundle> {
        self.trusted().await?;
        Ok(self.door.store.bundle(self.session.event).await?)
    }

    /// The next page of the ledger; waits up to `wait` for one with entries.
    ///
    /// # Errors
    /// `device_revoked`, and what the store refuses.
    pub async fn feed(&self, from: FeedFrom, wait: Duration) -> ApiResult<FeedPage> {
        let store = self.door.store.as_ref();
        self.trusted().await?;
        // Before the first look, so that nothing falls between.
        let mut head = store.subscribe(self.session.event);
        let page = store.feed(self.session.event, from).await?;
        if !page.entries.is_empty() || wait.is_zero() {
            return Ok(page);
        }
        let mut stopping = self.door.stopping.clone();
        let grown = async {
            tokio::select! {
                _ = head.wait_for(|sequence| *sequence > from.after) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        };
        if timeout(wait, grown).await.is_err() {
            return Ok(page);
        }
        self.trusted().await?;
        Ok(store.feed(self.session.event, from).await?)
    }

    /// Refuses a revoked device. Read each time, because another process may revoke it.
    async fn trusted(&self) -> ApiResult<()> {
        let device = self.door.store.device(self.session.device).await?;
        if device.state == DeviceState::Revoked {
            let word = self.door.store.revocation(device.device).await?;
            let error = ApiError::from(StoreError::DeviceRevoked(device.device)).revoked(word);
            self.note("device.request", &error);
            return Err(error);
        }
        Ok(())
    }

    /// Leaves a trace of what is refused before the store hears of it.
    fn note(&self, action: &'static str, error: &ApiError) {
        self.door.refuse(Refused {
            actor: self.actor.clone(),
            organisation: OrganisationId(0),
            action,
            object: format!("event/{}/device/{}", self.session.event, self.session.device),
            code: error.code().to_owned(),
        });
    }
}

impl FromRequest for GateDevice {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refuse =
            |title: String| ApiError::new(StatusCode::UNAUTHORIZED, "session_invalid", title);
        let door = match Door::of(request) {
            Ok(door) => door,
            Err(error) => return ready(Err(error)),
        };
        let opened = bearer(request.headers())
            .ok_or_else(|| refuse("send `Authorization: Bearer` with a session token".to_owned()))
            .and_then(|token| {
                let now = door.world.clock.now();
                door.sessions.open(token, now).map_err(|error| refuse(error.to_string()))
            });
        let at = |actor: Actor| actor.at(door::peer(request), door::RequestId::of(request));
        ready(match opened {
            Ok(session) => {
                let now = door.world.clock.now();
                door.lanes().hear(session.event, session.gate, now);
                let actor = at(Actor::new(ActorKind::Device, session.device));
                if let Some(head) = heads::sent(request, session.device) {
                    let (door, actor) = (door.clone(), actor.clone());
                    tokio::spawn(async move {
                        door.note_head(&actor, session.event, head).await;
                    });
                }
                Ok(Self { door, session, actor })
            }
            Err(error) => {
                door.refuse(Refused {
                    actor: at(Actor::new(ActorKind::Stranger, "")),
                    organisation: OrganisationId(0),
                    action: "device.request",
                    object: "device".to_owned(),
                    code: error.code().to_owned(),
                });
                Err(error)
            }
        })
    }
}
