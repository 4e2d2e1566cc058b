//! What a restored server still waits for.

use actix_web::{get, post, web::Json};

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::types::{ConfirmRestore, RestoreInfo},
};

/// Show where a restore stands
///
/// Which devices have offered what they have, and what is missing.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:read"])),
    params(EventPath),
    responses((status = 200, description = "Where it stands", body = RestoreInfo), Failure)
)]
#[get("/{event}/restore")]
pub(crate) async fn show(auth: Authorized<need::DeviceRead>) -> ApiResult<Json<RestoreInfo>> {
    Ok(Json(auth.store().restore(auth.event()).await?))
}

/// Confirm the list of devices
///
/// An admin's word that no other device was ever used for the event. Once each of the list has offered what it has,
/// or was revoked or written off, the restore is over.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(EventPath),
    request_body = ConfirmRestore,
    responses((status = 200, description = "Where it stands", body = RestoreInfo), Failure)
)]
#[post("/{event}/restore/confirm")]
pub(crate) async fn confirm(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<Json<RestoreInfo>> {
    let request: ConfirmRestore = auth.json().await?;
    Ok(Json(auth.store().confirm_restore(auth.actor(), auth.event(), request).await?))
}
