//! Trying an event's rules.

use actix_web::{post, web::Json};

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{HandlerResult, openapi::Failure},
    store::types::{Trial, TriedRules},
};

/// Try what a scan would end with, and why
///
/// The gates' own decision, and the server's on the claim that follows it, with every rule that was
/// asked. Nothing is scanned and nothing recorded. The uses recorded by now count, whatever time is
/// tried; every claim under way counts as somebody else's.
#[utoipa::path(
    tag = "events",
    security(("api_token" = ["ticket:read"])),
    params(EventPath),
    request_body = Trial,
    responses((status = 200, description = "Verdict and trail", body = TriedRules), Failure)
)]
#[post("/{event}/rules/try")]
pub(crate) async fn try_rules(
    mut auth: Authorized<need::TicketRead>,
) -> HandlerResult<Json<TriedRules>> {
    let trial: Trial = auth.json().await?;
    Ok(Json(auth.store().try_rules(auth.event(), trial).await?))
}
