//! Which devices other gates may ask while they can't reach the server.

use actix_web::{delete, get, put, web::Json};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{EventPath, devices::DevicePath};
use crate::{
    auth::{Authorized, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::types::HubInfo,
};

/// Where a hub is found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HubAddresses {
    /// In the venue's network, each `HOST:PORT`; 1 to 4, the first that answers is asked.
    addresses: Vec<String>,
}

/// Make a device a hub
///
/// Gates ask it while they can't reach the server; they know it with their next bundle, within a minute where
/// they are online. It has no more authority than it holds by leases.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(DevicePath),
    request_body = HubAddresses,
    responses((status = 200, description = "The hub", body = HubInfo), Failure)
)]
#[put("/{event}/hubs/{device}")]
pub(crate) async fn set(mut auth: Authorized<need::DeviceWrite>) -> HandlerResult<Json<HubInfo>> {
    let path: DevicePath = auth.path().await?;
    let HubAddresses { addresses } = auth.json().await?;
    Ok(Json(auth.store().set_hub(auth.actor(), auth.event(), path.device, addresses).await?))
}

/// List hubs
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:read"])),
    params(EventPath),
    responses((status = 200, description = "The hubs", body = Vec<HubInfo>), Failure)
)]
#[get("/{event}/hubs")]
pub(crate) async fn list(auth: Authorized<need::DeviceRead>) -> ApiResult<Json<Vec<HubInfo>>> {
    Ok(Json(auth.store().hubs(auth.event()).await?))
}

/// Make a device no hub any more
///
/// It keeps its leases; `Ask for leases back` returns them.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(DevicePath),
    responses((status = 200, description = "What it was", body = HubInfo), Failure)
)]
#[delete("/{event}/hubs/{device}")]
pub(crate) async fn remove(auth: Authorized<need::DeviceWrite>) -> HandlerResult<Json<HubInfo>> {
    let path: DevicePath = auth.path().await?;
    Ok(Json(auth.store().remove_hub(auth.actor(), auth.event(), path.device).await?))
}
