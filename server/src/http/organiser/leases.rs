//! Which device alone decides about which tickets.

use actix_web::{get, post, web::Json};
use kaisatsu_shared::id::DeviceId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::types::{GiveLeases, LeaseInfo},
};

/// Whom to ask.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recall {
    /// The device; absent is every holder.
    #[serde(default)]
    device: Option<DeviceId>,
}

/// Lease tickets to gates
///
/// Shares all tickets of types with the policy `strict` that nobody holds evenly among the devices. Each
/// device alone decides about its share, also while cut off. Free room in places of hard capacity is shared out
/// likewise. Answers with all leases.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(EventPath),
    request_body = GiveLeases,
    responses((status = 200, description = "All leases", body = Vec<LeaseInfo>), Failure)
)]
#[post("/{event}/leases")]
pub(crate) async fn lease(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<Json<Vec<LeaseInfo>>> {
    let wanted: GiveLeases = auth.json().await?;
    Ok(Json(auth.store().lease(auth.actor(), auth.event(), wanted).await?))
}

/// Ask for leases back
///
/// They are the server's again once the holder has said so in its journal, never before.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(EventPath),
    request_body = Recall,
    responses((status = 200, description = "All leases", body = Vec<LeaseInfo>), Failure)
)]
#[post("/{event}/leases/recall")]
pub(crate) async fn recall(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<Json<Vec<LeaseInfo>>> {
    let Recall { device } = auth.json().await?;
    Ok(Json(auth.store().recall(auth.actor(), auth.event(), device).await?))
}

/// List leases
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:read"])),
    params(EventPath),
    responses((status = 200, description = "All leases", body = Vec<LeaseInfo>), Failure)
)]
#[get("/{event}/leases")]
pub(crate) async fn list(auth: Authorized<need::DeviceRead>) -> ApiResult<Json<Vec<LeaseInfo>>> {
    Ok(Json(auth.store().leases(auth.event()).await?))
}
