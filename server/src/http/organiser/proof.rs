//! What happened: conflicts, what staff did beyond scanning, what was set apart, and the ledger.

use actix_web::{
    HttpResponse, get,
    web::{Bytes, Json},
};
use futures_util::stream;
use kaisatsu_shared::id::EventId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    export::{self, ConflictShown},
    http::{ApiResult, HandlerResult, openapi::Failure, problem::position},
    store::{
        SharedStore, StoreError,
        types::{Export, InterventionRow, LedgerRow, QuarantineRow},
    },
};

/// Ledger entries read at a time.
const PAGE: u32 = 512;

/// List conflicts with all sides
#[utoipa::path(
    tag = "proof",
    security(("api_token" = ["ledger:read"])),
    params(EventPath),
    responses((status = 200, description = "The conflicts", body = Vec<ConflictShown>), Failure)
)]
#[get("/{event}/conflicts")]
pub(crate) async fn conflicts(
    auth: Authorized<need::LedgerRead>,
) -> ApiResult<Json<Vec<ConflictShown>>> {
    auth.store().note_export(auth.actor(), Export::Conflicts(auth.event())).await?;
    let conflicts = auth.store().conflicts(auth.event()).await?;
    Ok(Json(conflicts.into_iter().map(ConflictShown::from).collect()))
}

/// List what staff did at gates beyond scanning
///
/// Guests let in by hand, guests let in against the rules, and uses taken back, in the order recorded.
#[utoipa::path(
    tag = "proof",
    security(("api_token" = ["ledger:read"])),
    params(EventPath),
    responses((status = 200, description = "What they did", body = Vec<InterventionRow>), Failure)
)]
#[get("/{event}/interventions")]
pub(crate) async fn interventions(
    auth: Authorized<need::LedgerRead>,
) -> ApiResult<Json<Vec<InterventionRow>>> {
    auth.store().note_export(auth.actor(), Export::Interventions(auth.event())).await?;
    Ok(Json(auth.store().interventions(auth.event()).await?))
}

/// List journal entries that were set apart
///
/// Those of revoked devices, those that don't fit the event, and those of a device that wrote two
/// different entries under one number.
#[utoipa::path(
    tag = "proof",
    security(("api_token" = ["ledger:read"])),
    params(EventPath),
    responses((status = 200, description = "The entries", body = Vec<QuarantineRow>), Failure)
)]
#[get("/{event}/quarantine")]
pub(crate) async fn quarantine(
    auth: Authorized<need::LedgerRead>,
) -> ApiResult<Json<Vec<QuarantineRow>>> {
    auth.store().note_export(auth.actor(), Export::Quarantine(auth.event())).await?;
    Ok(Json(auth.store().quarantine(auth.event()).await?))
}

/// How the ledger is exported.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LedgerFormat {
    /// One JSON object a line, each with the entry's canonical bytes in hexadecimal.
    #[default]
    Lines,
    /// Each entry's canonical bytes after their length (4 bytes, big-endian).
    Binary,
}

/// Which part of the ledger.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerQuery {
    /// Only entries after this number.
    #[serde(default)]
    after: u64,
    /// `lines` (JSON) or `binary`.
    #[serde(default)]
    #[param(inline)]
    format: LedgerFormat,
}

/// Export the ledger
#[utoipa::path(
    tag = "proof",
    security(("api_token" = ["ledger:read"])),
    params(EventPath, LedgerQuery),
    responses(
        (status = 200, description = "The entries", content(
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/octet-stream"),
        )),
        Failure,
    )
)]
#[get("/{event}/ledger")]
pub(crate) async fn ledger(auth: Authorized<need::LedgerRead>) -> HandlerResult<HttpResponse> {
    let LedgerQuery { after, format } = auth.query().await?;
    let after = position(after)?;
    let kind = match format {
        LedgerFormat::Lines => "application/x-ndjson",
        LedgerFormat::Binary => "application/octet-stream",
    };
    auth.store().note_export(auth.actor(), Export::Ledger(auth.event())).await?;
    // Before the status is sent: a ledger that can't be read is a problem, not a broken stream.
    let (store, event) = (auth.shared_store(), auth.event());
    let first = page(&store, event, after, format).await?;
    Ok(HttpResponse::Ok().content_type(kind).streaming(pages(store, event, first, format)))
}

/// Some entries as they are sent.
struct Page {
    bytes: Bytes,
    /// The last one's number.
    last: u64,
}

async fn page(
    store: &SharedStore,
    event: EventId,
    after: u64,
    format: LedgerFormat,
) -> Result<Option<Page>, StoreError> {
    let page = store.ledger(event, after, PAGE).await?;
    let Some(last) = page.rows.last() else { return Ok(None) };
    let mut out = Vec::new();
    for row in &page.rows {
        write(row, store, format, &mut out)?;
    }
    Ok(Some(Page { bytes: out.into(), last: last.sequence }))
}

/// The ledger page by page, so that a long one never lies in memory whole.
fn pages(
    store: SharedStore,
    event: EventId,
    first: Option<Page>,
    format: LedgerFormat,
) -> impl futures_util::Stream<Item = Result<Bytes, StoreError>> {
    stream::try_unfold(first, move |known| {
        let store = store.clone();
        async move {
            let Some(Page { bytes, last }) = known else { return Ok(None) };
            let next = page(&store, event, last, format).await?;
            Ok(Some((bytes, next)))
        }
    })
}

fn write(
    row: &LedgerRow,
    store: &SharedStore,
    format: LedgerFormat,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    match format {
        LedgerFormat::Lines => export::ledger_line(&row.bytes, store.installation(), out)?,
        LedgerFormat::Binary => {
            // An entry is at most some 8 kB.
            let length = u32::try_from(row.bytes.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&row.bytes);
        }
    }
    Ok(())
}
