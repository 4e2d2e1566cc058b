//! How a device becomes known and proves itself.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::{Challenge, EnrolAnswer, EnrolRequest, SessionAnswer, SessionRequest};

use crate::{
    auth::Entrance,
    http::{ApiResult, openapi::Failure},
};

/// Trade a one-time code for a credential
///
/// The same code with the same key may be sent again, for an answer that was lost.
#[utoipa::path(
    tag = "device",
    request_body = EnrolRequest,
    responses((status = 200, description = "The credential", body = EnrolAnswer), Failure)
)]
#[post("/enrol")]
pub(crate) async fn enrol(
    entrance: Entrance,
    request: Json<EnrolRequest>,
) -> ApiResult<Json<EnrolAnswer>> {
    entrance.enrol(request.into_inner()).await.map(Json)
}

/// Ask for something to sign
///
/// It can be answered for a minute.
#[utoipa::path(
    tag = "device",
    responses((status = 200, description = "A challenge", body = Challenge), Failure)
)]
#[post("/challenge")]
pub(crate) async fn challenge(entrance: Entrance) -> ApiResult<Json<Challenge>> {
    entrance.challenge().map(Json)
}

/// Start a session
///
/// Its token authenticates the requests that follow, for a day.
#[utoipa::path(
    tag = "device",
    request_body = SessionRequest,
    responses((status = 200, description = "The session", body = SessionAnswer), Failure)
)]
#[post("/session")]
pub(crate) async fn session(
    entrance: Entrance,
    request: Json<SessionRequest>,
) -> ApiResult<Json<SessionAnswer>> {
    entrance.session(request.into_inner()).await.map(Json)
}
