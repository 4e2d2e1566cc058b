//! Looking tickets up.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::SearchQuery;

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{HandlerResult, openapi::Failure},
    store::types::FoundTickets,
};

/// Look tickets up by number or by their holder's name
///
/// It is recorded who asked and how many were found, never what was looked for; that travels in the body,
/// because addresses are logged.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["holder:read"])),
    params(EventPath),
    request_body = SearchQuery,
    responses((status = 200, description = "What was found", body = FoundTickets), Failure)
)]
#[post("/{event}/tickets/search")]
pub(crate) async fn find(
    mut auth: Authorized<need::HolderRead>,
) -> HandlerResult<Json<FoundTickets>> {
    let query: SearchQuery = auth.json().await?;
    Ok(Json(auth.store().find_tickets(auth.actor(), auth.event(), query).await?))
}
