//! What a device with a session does: it fetches rules and ledger, claims, and delivers.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    post,
    web::{Json, Query},
};
use kaisatsu_shared::{
    bundle::SignedBundle,
    id::Epoch,
    sync::{BatchAnswer, Claim, ClaimAnswer, JournalBatch},
};
use serde::Deserialize;
use tokio::time::Duration;
use utoipa::IntoParams;

use crate::{
    auth::{GateDevice, MAX_WAIT},
    http::{ApiError, ApiResult, openapi::Failure, problem::position},
    store::types::FeedFrom,
};

/// Fetch the rules and keys to decide with
///
/// Send the last answer's `ETag` as `If-None-Match`: an unchanged bundle isn't sent again.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the bundle known")),
    responses(
        (status = 200, description = "The signed bundle", body = SignedBundle),
        (status = 304, description = "The bundle known is the newest"),
        Failure,
    )
)]
#[get("/bundle")]
pub(crate) async fn bundle(device: GateDevice, request: HttpRequest) -> ApiResult<HttpResponse> {
    let bundle = device.bundle().await?;
    let tag = entity_tag(&bundle);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let mut response = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
    Ok(if same { response.finish() } else { response.json(bundle) })
}

/// A strong validator (RFC 9110 §8.8.3). Signatures are deterministic, so equal ones mean the same
/// document, of the same version.
fn entity_tag(signed: &SignedBundle) -> String {
    let signature = signed.signature.to_string();
    format!("\"{}\"", signature.get(..32).unwrap_or(&signature))
}

/// Where the feed goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// The epoch of the last entry known.
    #[serde(default)]
    epoch: u32,
    /// The number of the last entry known; 0 at the start.
    #[serde(default)]
    after: u64,
    /// The hash of the last entry known, in hexadecimal: a server that doesn't have it says so.
    hash: Option<String>,
    /// How long to wait for a new entry where there is none, in milliseconds; at most 8,000.
    #[serde(default)]
    wait_ms: u64,
}

/// Follow the ledger
///
/// One page of entries in their canonical bytes, signed at its end. With `wait_ms` the answer
/// comes as soon as there is a new entry; an empty page means that nothing is new.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    params(FeedQuery),
    responses(
        (status = 200, description = "A feed page", content_type = "application/octet-stream"),
        Failure,
    )
)]
#[get("/feed")]
pub(crate) async fn feed(device: GateDevice, query: Query<FeedQuery>) -> ApiResult<HttpResponse> {
    let hash = query.hash.as_deref().map(read_hash).transpose()?;
    let from = FeedFrom { epoch: Epoch(query.epoch), after: position(query.after)?, hash };
    let page = device.feed(from, Duration::from_millis(query.wait_ms).min(MAX_WAIT)).await?;
    Ok(HttpResponse::Ok().content_type("application/octet-stream").body(page.encode()))
}

pub(super) fn read_hash(text: &str) -> ApiResult<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| {
        ApiError::bad_request("invalid_query", "`hash` must be 64 hexadecimal digits")
    })?;
    Ok(hash)
}

/// Claim a right
///
/// Of any number of claims for a single use, one is granted, durably, before the answer. Repeat a
/// claim with the same key if its answer was lost.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = Claim,
    responses((status = 200, description = "Granted or refused", body = ClaimAnswer), Failure)
)]
#[post("/claims")]
pub(crate) async fn claim(device: GateDevice, claim: Json<Claim>) -> ApiResult<Json<ClaimAnswer>> {
    device.claim(claim.into_inner()).await.map(Json)
}

/// Deliver journal entries
///
/// In order, at most 256 at once. What was delivered before may be sent again. A revoked device
/// may deliver; its entries are set apart. The venue's hub passes on what other devices of the event signed.
#[utoipa::path(
    tag = "device",
    security(("device_session" = [])),
    request_body = JournalBatch,
    responses((status = 200, description = "What became of each entry", body = BatchAnswer), Failure)
)]
#[post("/journal")]
pub(crate) async fn upload(
    device: GateDevice,
    batch: Json<JournalBatch>,
) -> ApiResult<Json<BatchAnswer>> {
    device.upload(batch.into_inner()).await.map(Json)
}
