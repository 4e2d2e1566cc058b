//! The time of day, signed for the device that asks.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::{SignedTime, TimeRequest};

use crate::{
    auth::GateDevice,
    http::{ApiResult, openapi::Failure},
};

/// Ask for the time
///
/// The answer holds the nonce of the question and is signed by the root key: the true time at its
/// receipt lies between the time it names and that plus the round trip.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = TimeRequest,
    responses((status = 200, description = "The time", body = SignedTime), Failure)
)]
#[post("/time")]
pub(crate) async fn time(
    device: GateDevice,
    request: Json<TimeRequest>,
) -> ApiResult<Json<SignedTime>> {
    device.time(request.into_inner()).await.map(Json)
}
