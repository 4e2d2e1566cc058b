//! What the attendee's page asks. A link's secret comes in the body: addresses stand in logs on the way.

use actix_web::{post, web::Json};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::OpenApiFactory;

use super::{HandlerResult, openapi::Failure};
use crate::{auth::Attendee, store::types::OpenedTicket};

/// A personal link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    /// What stands behind the `#` of its address, for one ticket.
    secret: String,
}

/// Open a ticket by its personal link
///
/// A clock display's code is that of the chain's last step: the page computes the others. Whoever has it can enter.
#[utoipa::path(
    tag = "attendee",
    request_body = Secret,
    responses((status = 200, description = "The ticket", body = OpenedTicket), Failure)
)]
#[post("/open")]
pub(crate) async fn open(
    attendee: Attendee,
    body: Json<Secret>,
) -> HandlerResult<Json<OpenedTicket>> {
    Ok(Json(attendee.open(&body.secret).await?))
}

/// See how a ticket stands, by its personal link
///
/// Without its code.
#[utoipa::path(
    tag = "attendee",
    request_body = Secret,
    responses((status = 200, description = "The ticket", body = OpenedTicket), Failure)
)]
#[post("/look")]
pub(crate) async fn look(
    attendee: Attendee,
    body: Json<Secret>,
) -> HandlerResult<Json<OpenedTicket>> {
    Ok(Json(attendee.look(&body.secret).await?))
}

/// Everything under `/api/v1/tickets`.
pub(crate) fn scope() -> impl actix_web::dev::HttpServiceFactory + OpenApiFactory {
    utoipa_actix_web::scope("/api/v1/tickets").service(open).service(look)
}
