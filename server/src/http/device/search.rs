//! Looking up the ticket of a guest who can't show it.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::{SearchAnswer, SearchRequest};

use crate::{
    auth::GateDevice,
    http::{ApiResult, openapi::Failure},
};

/// Look tickets up
///
/// By number, or by name where the event's rules let gates do so; at most ten. Names are in the answer
/// only where the rules say that gates see them. A gate may ask ten times at once and 30 times a
/// minute; the answer `search_too_often` says when again (`Retry-After`).
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = SearchRequest,
    responses((status = 200, description = "What was found", body = SearchAnswer), Failure)
)]
#[post("/search")]
pub(crate) async fn search(
    device: GateDevice,
    request: Json<SearchRequest>,
) -> ApiResult<Json<SearchAnswer>> {
    device.search(request.into_inner()).await.map(Json)
}
