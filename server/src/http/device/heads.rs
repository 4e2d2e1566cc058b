//! Where other gates' journals end, as a gate heard it.

use actix_web::{post, web::Json};
use kaisatsu_shared::sync::{HeadsNoted, HeardHeads};

use crate::{
    auth::GateDevice,
    http::{ApiResult, openapi::Failure},
};

/// Pass on where others' journals end
///
/// At most 64 ends of journals of the event, each signed by its device, as a hub or another gate heard them. Entries
/// up to there that nobody delivered are then known to be missing. A gate sends its own end with each request, in the
/// header `kaisatsu-journal-head`: number, hash and signature, with a `:` between each.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = HeardHeads,
    responses((status = 200, description = "How many say something new", body = HeadsNoted), Failure)
)]
#[post("/heads")]
pub(crate) async fn heads(
    device: GateDevice,
    heads: Json<HeardHeads>,
) -> ApiResult<Json<HeadsNoted>> {
    device.pass_on_heads(heads.into_inner()).await.map(Json)
}
