//! An organiser's request: the token was found, it has the permission, and the event is one of
//! its own.

use core::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, ResponseError, dev::Payload, http::StatusCode, web};
use futures_util::future::LocalBoxFuture;
use kaisatsu_shared::id::{EventId, OrganisationId};
use serde::de::DeserializeOwned;

use super::{Door, Need, bearer, door, refusals::Refused};
use crate::{
    http::{ApiError, ApiResult, HandlerResult, too_large, unreadable},
    store::{
        Store, StoreError,
        types::{Actor, ActorKind, ApiToken, EventInfo},
    },
};

/// What a request is about, and thus what its token must be for.
pub trait Scope: Sized + 'static {
    /// Checks that a token with the needed permission may use it here.
    fn check<'a>(
        token: &'a ApiToken,
        request: &'a HttpRequest,
        store: &'a dyn Store,
    ) -> LocalBoxFuture<'a, ApiResult<Self>>;
}

/// The event in the address.
#[derive(Debug)]
pub struct OneEvent {
    info: EventInfo,
}

/// The organisation as a whole: only a token for all events may.
#[derive(Debug)]
pub struct AllEvents;

/// Whatever events the token is for.
#[derive(Debug)]
pub struct SomeEvents;

/// The right to do `N` within `S`, with the store to do it to. Address, parameters and body are
/// read through it: only once the request is known to be allowed.
pub struct Authorized<N, S = OneEvent> {
    door: web::Data<Door>,
    request: HttpRequest,
    payload: Payload,
    token: ApiToken,
    scope: S,
    need: PhantomData<N>,
}

impl<N, S> core::fmt::Debug for Authorized<N, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Authorized(token {})", self.token.id)
    }
}

impl<N, S> Authorized<N, S> {
    /// The store.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.door.store.as_ref()
    }

    /// The store, to be kept for longer than the request's handler runs.
    #[must_use]
    pub fn shared_store(&self) -> crate::store::SharedStore {
        self.door.store.clone()
    }

    /// Who asks, for the audit trail.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(ActorKind::Token, self.token.id)
            .at(door::peer(&self.request), door::RequestId::of(&self.request))
    }

    /// The token that the request bears.
    #[must_use]
    pub const fn token(&self) -> &ApiToken {
        &self.token
    }

    /// The request's body.
    ///
    /// # Errors
    /// The problem, if it isn't the JSON of a `T`.
    pub async fn json<T: DeserializeOwned>(&mut self) -> HandlerResult<T> {
        let body = web::Json::<T>::from_request(&self.request, &mut self.payload).await?;
        Ok(body.into_inner())
    }

    /// The request's body as it is, of at most `limit` bytes.
    ///
    /// # Errors
    /// The problem, if it is larger or doesn't arrive whole.
    pub async fn bytes(&mut self, limit: usize) -> HandlerResult<web::Bytes> {
        let body = web::Payload::from_request(&self.request, &mut self.payload).await?;
        match body.to_bytes_limited(limit).await {
            Ok(whole) => Ok(whole.map_err(|_| unreadable())?),
            Err(_) => Err(too_large(limit).into()),
        }
    }

    /// The numbers in the address.
    ///
    /// # Errors
    /// The problem, if they aren't those of a `T`.
    pub async fn path<T: DeserializeOwned + 'static>(&self) -> HandlerResult<T> {
        Ok(web::Path::<T>::extract(&self.request).await?.into_inner())
    }

    /// The parameters after `?`.
    ///
    /// # Errors
    /// The problem, if they aren't those of a `T`.
    pub async fn query<T: DeserializeOwned + 'static>(&self) -> HandlerResult<T> {
        Ok(web::Query::<T>::extract(&self.request).await?.into_inner())
    }

    /// A header, where it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }
}

impl<N> Authorized<N, OneEvent> {
    /// The event in the address.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.scope.info.id
    }

    /// The event as it stands.
    #[must_use]
    pub const fn event_info(&self) -> &EventInfo {
        &self.scope.info
    }
}

impl<N: Need> Authorized<N, SomeEvents> {
    /// Whether the token is for this event.
    #[must_use]
    pub fn sees(&self, event: &EventInfo) -> bool {
        self.token.allows(N::PERMISSION, event.organisation, event.id)
    }
}

fn forbidden(what: impl core::fmt::Display) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        format!("this API token {what}; make one that does with `kaisatsu-server token create`"),
    )
}

impl Scope for OneEvent {
    fn check<'a>(
        token: &'a ApiToken,
        request: &'a HttpRequest,
        store: &'a dyn Store,
    ) -> LocalBoxFuture<'a, ApiResult<Self>> {
        Box::pin(async move {
            let event: EventId = request
                .match_info()
                .get("event")
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| ApiError::not_found("the address names no event"))?;
            if token.events.as_ref().is_some_and(|events| !events.contains(&event)) {
                return Err(forbidden(format_args!("is not for event {event}")));
            }
            let info = store.event(event).await?;
            if info.organisation != token.organisation {
                return Err(StoreError::EventUnknown(event).into());
            }
            Ok(Self { info })
        })
    }
}

impl Scope for AllEvents {
    fn check<'a>(
        token: &'a ApiToken,
        _: &'a HttpRequest,
        _: &'a dyn Store,
    ) -> LocalBoxFuture<'a, ApiResult<Self>> {
        let all = token.events.is_none();
        Box::pin(
            async move { if all { Ok(Self) } else { Err(forbidden("is not for all events")) } },
        )
    }
}

impl Scope for SomeEvents {
    fn check<'a>(
        _: &'a ApiToken,
        _: &'a HttpRequest,
        _: &'a dyn Store,
    ) -> LocalBoxFuture<'a, ApiResult<Self>> {
        Box::pin(async { Ok(Self) })
    }
}

impl<N: Need, S: Scope> FromRequest for Authorized<N, S> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let door = Door::of(request);
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let door = door?;
            let found = authenticate(&door, &request).await;
            let token = found.inspect_err(|error| note(&door, &request, None, error))?;
            let allowed = allow::<N, S>(&token, &request, door.store.as_ref()).await;
            let scope = allowed.inspect_err(|error| note(&door, &request, Some(&token), error))?;
            Ok(Self { door, request, payload, token, scope, need: PhantomData })
        })
    }
}

async fn authenticate(door: &Door, request: &HttpRequest) -> ApiResult<ApiToken> {
    let secret = bearer(request.headers()).ok_or_else(ApiError::unauthenticated)?;
    Ok(door.store.authenticate(secret.to_owned()).await?)
}

async fn allow<N: Need, S: Scope>(
    token: &ApiToken,
    request: &HttpRequest,
    store: &dyn Store,
) -> ApiResult<S> {
    if !token.permissions.contains(&N::PERMISSION) {
        let needed = N::PERMISSION.name();
        return Err(forbidden(format_args!("has no permission `{needed}`")));
    }
    S::check(token, request, store).await
}

/// Leaves a trace of a request whose token isn't good, or not good for this.
fn note(door: &Door, request: &HttpRequest, token: Option<&ApiToken>, error: &ApiError) {
    if !matches!(error.status_code(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return;
    }
    let event = request.match_info().get("event").and_then(|text| text.parse::<EventId>().ok());
    let actor = match token {
        Some(token) => Actor::new(ActorKind::Token, token.id),
        None => Actor::new(ActorKind::Stranger, ""),
    };
    door.refuse(Refused {
        actor: actor.at(door::peer(request), door::RequestId::of(request)),
        organisation: token.map_or(OrganisationId(0), |token| token.organisation),
        action: "api.request",
        object: event.map_or_else(|| "api".to_owned(), |event| format!("event/{event}")),
        code: error.code().to_owned(),
    });
}
