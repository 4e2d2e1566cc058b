//! Events, their gates, types and rules.

use actix_web::{HttpResponse, get, post, put, web::Json};
use kaisatsu_shared::{
    bundle::{Gate, Policy, SignedBundle},
    id::GateId,
    reason::LocalText,
    time::UnixSeconds,
    token::Mode,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::EventPath;
use crate::{
    auth::{AllEvents, Authorized, SomeEvents, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::types::{
        AddGate, AddType, CreateEvent, EventInfo, EventKeyInfo, EventStats, RuleSet, TypeInfo,
    },
};

/// A new event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvent {
    /// Its name.
    name: LocalText,
    /// Its time zone: an IANA name such as `Asia/Tokyo`.
    zone: String,
    /// Who has the last word where the server can't be asked: `available` or `online-only`.
    policy: Policy,
    /// The names of its gates; they get the numbers 1, 2, 3 …
    #[serde(default)]
    gates: Vec<LocalText>,
}

/// A new gate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGate {
    /// Its name.
    name: LocalText,
}

/// A new type of ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewType {
    /// Its name.
    name: LocalText,
    /// Admissions that one ticket allows; 0 is without limit.
    #[serde(default = "once")]
    #[schema(default = 1)]
    entries: u8,
    /// How a phone shows it: `static` or `clock`.
    display: Mode,
    /// Gates it may use; empty is every gate.
    #[serde(default)]
    gates: Vec<GateId>,
    /// The first second of its tickets' validity.
    valid_from: UnixSeconds,
    /// The first second after it.
    valid_until: UnixSeconds,
    /// Whether its tickets renew: they stay, and each is valid for as long as it was last renewed. This
    /// can't be changed once tickets were issued.
    #[serde(default)]
    renewing: bool,
}

const fn once() -> u8 {
    1
}

/// Create an event
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:write"])),
    request_body = NewEvent,
    responses((status = 201, description = "The event", body = EventInfo), Failure)
)]
#[post("")]
pub(crate) async fn create(
    mut auth: Authorized<need::EventWrite, AllEvents>,
) -> HandlerResult<HttpResponse> {
    let NewEvent { name, zone, policy, gates } = auth.json().await?;
    let request =
        CreateEvent { organisation: auth.token().organisation, name, zone, policy, gates };
    let event = auth.store().create_event(auth.actor(), request).await?;
    Ok(HttpResponse::Created().json(event))
}

/// List the events that the token is for
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:read"])),
    responses((status = 200, description = "The events", body = Vec<EventInfo>), Failure)
)]
#[get("")]
pub(crate) async fn list_events(
    auth: Authorized<need::EventRead, SomeEvents>,
) -> ApiResult<Json<Vec<EventInfo>>> {
    let mut events = auth.store().events(Some(auth.token().organisation)).await?;
    events.retain(|event| auth.sees(event));
    Ok(Json(events))
}

/// See an event
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:read"])),
    params(EventPath),
    responses((status = 200, description = "The event", body = EventInfo), Failure)
)]
#[get("/{event}")]
pub(crate) async fn get_event(auth: Authorized<need::EventRead>) -> Json<EventInfo> {
    Json(auth.event_info().clone())
}

/// See an event's numbers
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:read"])),
    params(EventPath),
    responses((status = 200, description = "The numbers", body = EventStats), Failure)
)]
#[get("/{event}/stats")]
pub(crate) async fn stats(auth: Authorized<need::EventRead>) -> ApiResult<Json<EventStats>> {
    Ok(Json(auth.store().stats(auth.event()).await?))
}

/// See an event's rules as its gates have them
///
/// The exact document that gates decide with, and the installation's signature over it.
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:read"])),
    params(EventPath),
    responses((status = 200, description = "The signed bundle", body = SignedBundle), Failure)
)]
#[get("/{event}/rules")]
pub(crate) async fn rules(auth: Authorized<need::EventRead>) -> ApiResult<Json<SignedBundle>> {
    Ok(Json(auth.store().bundle(auth.event()).await?))
}

/// Set an event's rules
///
/// Calendar and zones are replaced, and the rules of each gate and type that is named. Gates get them
/// with their next bundle, within a minute where they are online.
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:write"])),
    params(EventPath),
    request_body = RuleSet,
    responses((status = 200, description = "The event", body = EventInfo), Failure)
)]
#[put("/{event}/rules")]
pub(crate) async fn set_rules(
    mut auth: Authorized<need::EventWrite>,
) -> HandlerResult<Json<EventInfo>> {
    let edited: RuleSet = auth.json().await?;
    Ok(Json(auth.store().set_rules(auth.actor(), auth.event(), edited).await?))
}

/// Add a gate
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:write"])),
    params(EventPath),
    request_body = NewGate,
    responses((status = 201, description = "The gate", body = Gate), Failure)
)]
#[post("/{event}/gates")]
pub(crate) async fn add_gate(
    mut auth: Authorized<need::EventWrite>,
) -> HandlerResult<HttpResponse> {
    let NewGate { name } = auth.json().await?;
    let request = AddGate { event: auth.event(), name };
    let gate = auth.store().add_gate(auth.actor(), request).await?;
    Ok(HttpResponse::Created().json(gate))
}

/// Add a type of ticket
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:write"])),
    params(EventPath),
    request_body = NewType,
    responses((status = 201, description = "The type", body = TypeInfo), Failure)
)]
#[post("/{event}/types")]
pub(crate) async fn add_type(
    mut auth: Authorized<need::EventWrite>,
) -> HandlerResult<HttpResponse> {
    let NewType { name, entries, display, gates, valid_from, valid_until, renewing } =
        auth.json().await?;
    let event = auth.event();
    let request =
        AddType { event, name, entries, display, gates, valid_from, valid_until, renewing };
    let made = auth.store().add_type(auth.actor(), request).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Sign new tickets with a new key
///
/// Tickets of the older keys stay good.
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["event:write"])),
    params(EventPath),
    responses((status = 201, description = "The new key", body = EventKeyInfo), Failure)
)]
#[post("/{event}/keys")]
pub(crate) async fn rotate_key(auth: Authorized<need::EventWrite>) -> ApiResult<HttpResponse> {
    let key = auth.store().rotate_key(auth.actor(), auth.event()).await?;
    Ok(HttpResponse::Created().json(key))
}
