//! Journals that are carried to the server by hand.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::MAX_CARRIED_BYTES;

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{HandlerResult, openapi::Failure},
    store::types::CarriedAnswer,
};

/// Take in a journal that was carried by hand
///
/// The file that `kaisatsu-gate journal export --signed` wrote, of a device of this event, for where its gate
/// can't reach the server. It is judged like an upload, wholly or not at all; sent again it records nothing
/// twice. Leases that the device gave back are the server's again.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["journal:write"])),
    params(EventPath),
    request_body(content = String, content_type = "application/x-ndjson", description = "The file"),
    responses((status = 200, description = "What became of it", body = CarriedAnswer), Failure)
)]
#[post("/{event}/journals")]
pub(crate) async fn import(
    mut auth: Authorized<need::JournalWrite>,
) -> HandlerResult<Json<CarriedAnswer>> {
    let file = auth.bytes(MAX_CARRIED_BYTES).await?.to_vec();
    Ok(Json(auth.store().import_journal(auth.actor(), auth.event(), file).await?))
}
