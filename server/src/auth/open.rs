//! What may be asked without credentials: to enrol, to start a session, and how the server is.

use core::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web};
use kaisatsu_shared::{
    bundle::Credential,
    id::OrganisationId,
    sync::{Challenge, EnrolAnswer, EnrolRequest, SessionAnswer, SessionRequest},
    time::UnixMillis,
};

use super::{Door, SESSION_SECONDS, Session, door, heads, refusals::Refused};
use crate::{
    http::{ApiError, ApiResult},
    store::{
        StoreError,
        types::{Actor, ActorKind, EventInfo, EventStats, StatusPage},
    },
};

/// A device that isn't known yet.
#[derive(Debug)]
pub struct Entrance {
    door: web::Data<Door>,
    actor: Actor,
    request: HttpRequest,
}

impl Entrance {
    /// Trades a one-time code for a credential.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn enrol(self, request: EnrolRequest) -> ApiResult<EnrolAnswer> {
        let actor = self.actor.clone();
        match self.door.store.enrol(actor, request.code, request.public).await {
            Ok(made) => Ok(made.answer),
            Err(error) => {
                let unknown = error == StoreError::EnrolmentUnknown;
                let error = error.into();
                if unknown {
                    self.note("device.enrol", &error);
                }
                Err(error)
            }
        }
    }

    /// Something unpredictable to sign.
    ///
    /// # Errors
    /// If there is no randomness.
    pub fn challenge(&self) -> ApiResult<Challenge> {
        let nonce = self.door.world.random().map_err(StoreError::from)?;
        let now = self.door.world.clock.now();
        Ok(Challenge { challenge: self.door.sessions.challenge(nonce, now) })
    }

    /// Starts a session for a device that proves to hold its credential's key.
    ///
    /// # Errors
    /// `challenge_refused`, `challenge_unsigned`, and what the store refuses.
    pub async fn session(self, request: SessionRequest) -> ApiResult<SessionAnswer> {
        let store = self.door.store.as_ref();
        let now = self.door.world.clock.now();
        // The door stays open for strangers: their refusals are counted there.
        let credential = self.prove(&request, now).inspect_err(|error| {
            self.note("device.session", error);
        })?;
        let actor =
            Actor { kind: ActorKind::Device, id: credential.device.to_string(), ..self.actor };
        let opened = store.open_session(actor.clone(), request.credential).await?;
        if let Some(head) = heads::sent(&self.request, opened.device) {
            self.door.note_head(&actor, opened.event, head).await;
        }
        let session = Session {
            device: opened.device,
            event: opened.event,
            gate: opened.gate,
            expires_at: now.plus(SESSION_SECONDS * 1_000),
        };
        Ok(SessionAnswer {
            token: self.door.sessions.token(&session),
            expires_at: session.expires_at,
            server_time: self.door.world.clock.now(),
            revoked: opened.revoked,
            journal: opened.journal,
            revocation: opened.revocation,
            receipt: opened.receipt,
        })
    }

    /// The credential of a request whose challenge is signed with its key.
    fn prove(&self, request: &SessionRequest, now: UnixMillis) -> ApiResult<Credential> {
        let refuse = |code, title: String| ApiError::new(StatusCode::UNAUTHORIZED, code, title);
        self.door
            .sessions
            .check_challenge(&request.challenge, now)
            .map_err(|error| refuse("challenge_refused", error.to_string()))?;
        // The root key's signature first: a stranger's credential costs no look-up.
        let store = self.door.store.as_ref();
        let installation = store.installation();
        let credential = request
            .credential
            .open(&store.root_public(), installation)
            .ok_or(StoreError::CredentialForeign)?;
        if !request.verify(installation, credential.device, &credential.public) {
            let title = "the challenge is not signed with the device's key; enrol the device again";
            return Err(refuse("challenge_unsigned", title.to_owned()));
        }
        Ok(credential)
    }

    fn note(&self, action: &'static str, error: &ApiError) {
        self.door.refuse(Refused {
            actor: self.actor.clone(),
            organisation: OrganisationId(0),
            action,
            object: "device".to_owned(),
            code: error.code().to_owned(),
        });
    }
}

impl FromRequest for Entrance {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = Actor::new(ActorKind::Stranger, "")
            .at(door::peer(request), door::RequestId::of(request));
        let request = request.clone();
        ready(Door::of(&request).map(|door| Self { door, actor, request }))
    }
}

/// What everybody may see: whether the server works; each event's numbers only where the server
/// was started to show them.
#[derive(Debug)]
pub struct Overview {
    door: web::Data<Door>,
}

impl Overview {
    /// Whether the database can be read and written.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ready(&self) -> ApiResult<StatusPage> {
        Ok(self.door.store.ready().await?)
    }

    /// Every event with its numbers; none where they are for those with a permission only.
    ///
    /// # Errors
    /// What the store says.
    pub async fn events(&self) -> ApiResult<Option<Vec<(EventInfo, EventStats)>>> {
        if !self.door.open_overview {
            return Ok(None);
        }
        let store = self.door.store.as_ref();
        let mut events = Vec::new();
        for event in store.events(None).await? {
            let stats = store.stats(event.id).await?;
            events.push((event, stats));
        }
        Ok(Some(events))
    }
}

impl FromRequest for Overview {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Door::of(request).map(|door| Self { door }))
    }
}
