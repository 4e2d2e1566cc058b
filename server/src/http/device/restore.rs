//! What a device offers a server that was restored.

use actix_web::{
    post,
    web::{Bytes, Json, Query},
};
use kaisatsu_shared::{
    id::Epoch,
    ledger::Cursor,
    sync::{FeedPage, Locate, Located, OfferAnswer, Offered},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::traffic::read_hash;
use crate::{
    auth::GateDevice,
    http::{ApiError, ApiResult, openapi::Failure, problem::position},
};

/// Largest offer: a page of the feed, whose last entry may lie beyond its limit.
pub(super) const MAX_OFFER: usize = 2 << 20;

/// Ask where two ledgers part
///
/// A device that holds a ledger position which the server doesn't have names some of its positions; the answer
/// has the newest one that both have.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = Locate,
    responses((status = 200, description = "Where they part", body = Located), Failure)
)]
#[post("/locate")]
pub(crate) async fn locate(device: GateDevice, asked: Json<Locate>) -> ApiResult<Json<Located>> {
    device.locate(asked.into_inner()).await.map(Json)
}

/// The position that an offered page follows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfferQuery {
    /// Its epoch.
    #[serde(default)]
    epoch: u32,
    /// Its number; 0 at the start.
    #[serde(default)]
    after: u64,
    /// Its hash, in hexadecimal; zeros at the start.
    hash: String,
}

/// Offer what the server lost
///
/// A page of the ledger as this server once sent it, with its signed end. What the ledger doesn't say is recorded
/// anew.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    params(OfferQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "What became of it", body = OfferAnswer), Failure)
)]
#[post("/ledger")]
pub(crate) async fn offer(
    device: GateDevice,
    query: Query<OfferQuery>,
    page: Bytes,
) -> ApiResult<Json<OfferAnswer>> {
    let OfferQuery { epoch, after, hash } = query.into_inner();
    let (sequence, hash) = (position(after)?, read_hash(&hash)?);
    let page = FeedPage::decode(&page)
        .map_err(|error| ApiError::bad_request("offer_broken", error.to_string()))?;
    device.offer(Cursor { epoch: Epoch(epoch), sequence, hash }, page).await.map(Json)
}

/// Say that everything was delivered
///
/// After a restore the server waits for each device to say so.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = Offered,
    responses((status = 200, description = "It has everything; the epoch", body = u32), Failure)
)]
#[post("/offered")]
pub(crate) async fn offered(device: GateDevice, offered: Json<Offered>) -> ApiResult<Json<Epoch>> {
    device.offered(offered.into_inner()).await.map(Json)
}
