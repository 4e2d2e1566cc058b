//! Gate devices, from the organiser's side.

use actix_web::{HttpResponse, get, post, web::Json};
use kaisatsu_shared::id::{DeviceId, EventId, GateId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::{
        StoreError,
        types::{AnnounceDevice, AnnouncedDevice, DeviceInfo, DeviceRole, WriteOffReason},
    },
};

/// A device that will enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDevice {
    /// The gate it will stand at.
    gate: GateId,
    /// What people call it.
    name: String,
    /// What it is for; `staffed` if absent.
    #[serde(default)]
    role: DeviceRole,
    /// How long the code works, in milliseconds, from a minute to 30 days; 15 minutes where it is
    /// absent.
    #[serde(default)]
    code_lasts: Option<u64>,
}

/// What a device is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// The role.
    role: DeviceRole,
}

/// That a device is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteOff {
    /// Why; `lost` if absent.
    #[serde(default)]
    reason: WriteOffReason,
}

/// A device's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DevicePath {
    /// The event.
    #[param(value_type = u32)]
    #[expect(dead_code, reason = "describes the address; the permission's extractor reads it")]
    event: EventId,
    /// The device.
    #[param(value_type = u32)]
    pub(super) device: DeviceId,
}

/// Announce a device
///
/// The code in the answer enrols one device, once. Show it as text or as a QR code.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(EventPath),
    request_body = NewDevice,
    responses((status = 201, description = "The code", body = AnnouncedDevice), Failure)
)]
#[post("/{event}/devices")]
pub(crate) async fn announce(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<HttpResponse> {
    let NewDevice { gate, name, role, code_lasts } = auth.json().await?;
    let request = AnnounceDevice { event: auth.event(), gate, name, role, code_lasts };
    let made = auth.store().announce_device(auth.actor(), request).await?;
    Ok(HttpResponse::Created().json(made))
}

/// List devices
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:read"])),
    params(EventPath),
    responses((status = 200, description = "The devices", body = Vec<DeviceInfo>), Failure)
)]
#[get("/{event}/devices")]
pub(crate) async fn list_devices(
    auth: Authorized<need::DeviceRead>,
) -> ApiResult<Json<Vec<DeviceInfo>>> {
    Ok(Json(auth.store().devices(auth.event()).await?))
}

/// Say what a device is for
///
/// At a `scanner` nobody looks tickets up or lets guests in by hand, whatever the event's rules allow.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(DevicePath),
    request_body = NewRole,
    responses((status = 200, description = "The device", body = DeviceInfo), Failure)
)]
#[post("/{event}/devices/{device}/role")]
pub(crate) async fn set_role(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<Json<DeviceInfo>> {
    let path: DevicePath = auth.path().await?;
    let NewRole { role } = auth.json().await?;
    own_device(&auth, path.device).await?;
    Ok(Json(auth.store().set_device_role(auth.actor(), path.device, role).await?))
}

/// A device of another event is none of this token's.
async fn own_device(auth: &Authorized<need::DeviceWrite>, device: DeviceId) -> ApiResult<()> {
    if auth.store().device(device).await?.event != auth.event() {
        return Err(StoreError::DeviceUnknown(device).into());
    }
    Ok(())
}

/// Revoke a device
///
/// It may still deliver its journal.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(DevicePath),
    responses((status = 200, description = "The device", body = DeviceInfo), Failure)
)]
#[post("/{event}/devices/{device}/revoke")]
pub(crate) async fn revoke(auth: Authorized<need::DeviceWrite>) -> HandlerResult<Json<DeviceInfo>> {
    let path: DevicePath = auth.path().await?;
    own_device(&auth, path.device).await?;
    Ok(Json(auth.store().revoke_device(auth.actor(), path.device).await?))
}

/// Write a device off
///
/// It is lost for good, with what it may have written and not delivered. Its leases stay its own; a restore doesn't
/// wait for it any more. What it delivers after all is taken in.
#[utoipa::path(
    tag = "devices",
    security(("api_token" = ["device:write"])),
    params(DevicePath),
    request_body = WriteOff,
    responses((status = 200, description = "The device", body = DeviceInfo), Failure)
)]
#[post("/{event}/devices/{device}/write-off")]
pub(crate) async fn write_off(
    mut auth: Authorized<need::DeviceWrite>,
) -> HandlerResult<Json<DeviceInfo>> {
    let path: DevicePath = auth.path().await?;
    let WriteOff { reason } = auth.json().await?;
    own_device(&auth, path.device).await?;
    Ok(Json(auth.store().write_off_device(auth.actor(), path.device, reason).await?))
}
