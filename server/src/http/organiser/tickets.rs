//! Issuing, showing and withdrawing tickets.

use actix_web::{HttpResponse, get, post, web::Json};
use kaisatsu_shared::{
    id::{EventId, Serial, TypeId},
    ledger::{MAX_ISSUED, ReissueReason, VoidReason},
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::{EventPath, TicketPath};
use crate::{
    auth::{Authorized, need},
    http::{ApiError, ApiResult, HandlerResult, openapi::Failure},
    issuing::{self, Content},
    store::{
        StoreError,
        types::{
            EventInfo, Holder, IssueChunk, IssuedChunk, JobId, NewTicket, TicketInfo, TicketShown,
            Voiding,
        },
    },
};

/// Most tickets in one request.
const MAX_TICKETS: usize = 10_000;
/// The header that names a job.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Tickets to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssueRequest {
    /// Their type.
    ticket_type: TypeId,
    /// One row a ticket, at most 10,000.
    tickets: Vec<NewTicket>,
}

/// What was issued.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Issued {
    /// Runs of consecutive serials, in the order of the rows.
    chunks: Vec<IssuedChunk>,
}

/// Issue tickets
///
/// `Idempotency-Key` names the job: sent again with the same type and rows, it issues what is
/// missing and answers with the same serials; with anything else it is refused (`job_content`).
/// All rows are checked before any ticket is issued.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:issue"])),
    params(
        EventPath,
        ("Idempotency-Key" = String, Header, description = "Names the job; any text up to 255 characters"),
    ),
    request_body = IssueRequest,
    responses((status = 201, description = "The serials", body = Issued), Failure)
)]
#[post("/{event}/tickets")]
pub(crate) async fn issue(mut auth: Authorized<need::TicketIssue>) -> HandlerResult<HttpResponse> {
    let event = auth.event();
    let job = job_id(auth.header(IDEMPOTENCY_KEY), event)?;
    let IssueRequest { ticket_type, tickets } = auth.json().await?;
    if tickets.is_empty() || tickets.len() > MAX_TICKETS {
        let title = "issue between 1 and 10,000 tickets in one request";
        return Err(ApiError::bad_request("ticket_count", title).into());
    }
    check_rows(&auth.store().event(event).await?, ticket_type, &tickets)?;
    let mut content = Content::default();
    tickets.iter().for_each(|row| content.add(ticket_type, row));
    auth.store().begin_job(auth.actor(), event, job, content.finish()).await?;
    let mut chunks = Vec::new();
    let mut first_row = 0;
    for rows in tickets.chunks(MAX_ISSUED) {
        let chunk = IssueChunk { event, ticket_type, job, first_row, rows: rows.to_vec() };
        let issued = auth.store().issue(auth.actor(), chunk).await?;
        first_row += u64::from(issued.count);
        chunks.push(issued);
    }
    Ok(HttpResponse::Created().json(Issued { chunks }))
}

/// Refuses the whole request for one bad row: chunks are recorded one by one.
fn check_rows(info: &EventInfo, id: TypeId, rows: &[NewTicket]) -> ApiResult<()> {
    let known = info.types.iter().find(|known| known.ticket_type.id == id);
    let known = known.ok_or(StoreError::TypeUnknown(id))?;
    for (index, row) in rows.iter().enumerate() {
        issuing::check(known, row).map_err(|error| {
            ApiError::from(error).with_detail(format_args!("tickets[{index}]; nothing was issued"))
        })?;
    }
    Ok(())
}

fn job_id(key: Option<&str>, event: EventId) -> ApiResult<JobId> {
    let key = key.filter(|key| !key.is_empty() && key.len() <= 255).ok_or_else(|| {
        ApiError::bad_request(
            "idempotency_key_missing",
            "send `Idempotency-Key` with a name of your own for this job, so that repeating it issues nothing twice",
        )
    })?;
    let mut hasher = Sha256::new();
    hasher.update(b"kaisatsu/1/job/api/");
    hasher.update(event.0.to_be_bytes());
    hasher.update(key);
    Ok(JobId(hasher.finalize().into()))
}

/// See a ticket and what happened to it
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:read"])),
    params(TicketPath),
    responses((status = 200, description = "The ticket", body = TicketInfo), Failure)
)]
#[get("/{event}/tickets/{serial}")]
pub(crate) async fn get_ticket(
    auth: Authorized<need::TicketRead>,
) -> HandlerResult<Json<TicketInfo>> {
    let path: TicketPath = auth.path().await?;
    Ok(Json(auth.store().ticket(auth.event(), path.serial).await?))
}

/// See a ticket's holder
///
/// Personal data: each look is in the audit trail.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["holder:read"])),
    params(TicketPath),
    responses((status = 200, description = "The holder, or null", body = Option<Holder>), Failure)
)]
#[get("/{event}/tickets/{serial}/holder")]
pub(crate) async fn holder(
    auth: Authorized<need::HolderRead>,
) -> HandlerResult<Json<Option<Holder>>> {
    let path: TicketPath = auth.path().await?;
    Ok(Json(auth.store().holder(auth.actor(), auth.event(), path.serial).await?))
}

/// Why a ticket is voided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidRequest {
    /// Why.
    reason: VoidReason,
}

/// Void a ticket
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:void"])),
    params(TicketPath),
    request_body = VoidRequest,
    responses((status = 200, description = "It is void", body = Voiding), Failure)
)]
#[post("/{event}/tickets/{serial}/void")]
pub(crate) async fn void(mut auth: Authorized<need::TicketVoid>) -> HandlerResult<Json<Voiding>> {
    let path: TicketPath = auth.path().await?;
    let VoidRequest { reason } = auth.json().await?;
    let voided = auth.store().void(auth.actor(), auth.event(), path.serial, reason).await;
    Ok(Json(voided?))
}

/// Why a ticket is replaced.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReissueQuery {
    /// Why; `other` where it isn't said.
    #[param(inline)]
    reason: Option<ReissueReason>,
}

/// Replace a ticket by its next generation
///
/// The older code stops admitting. After a transfer, gates say that it went to somebody else.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:issue"])),
    params(TicketPath, ReissueQuery),
    responses((status = 200, description = "The ticket", body = TicketInfo), Failure)
)]
#[post("/{event}/tickets/{serial}/reissue")]
pub(crate) async fn reissue(
    auth: Authorized<need::TicketIssue>,
) -> HandlerResult<Json<TicketInfo>> {
    let path: TicketPath = auth.path().await?;
    let ReissueQuery { reason } = auth.query().await?;
    let reason = reason.unwrap_or(ReissueReason::Other);
    Ok(Json(auth.store().reissue(auth.actor(), auth.event(), path.serial, reason).await?))
}

/// When a ticket is looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DisplayQuery {
    /// UNIX seconds; now without it.
    #[param(value_type = Option<u32>)]
    at: Option<UnixSeconds>,
}

/// See what a phone shows for a ticket
///
/// Whoever has the text can enter: don't log it.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:show"])),
    params(TicketPath, DisplayQuery),
    responses((status = 200, description = "What is shown", body = TicketShown), Failure)
)]
#[get("/{event}/tickets/{serial}/display")]
pub(crate) async fn display(
    auth: Authorized<need::TicketShow>,
) -> HandlerResult<Json<TicketShown>> {
    let path: TicketPath = auth.path().await?;
    let query: DisplayQuery = auth.query().await?;
    let at = query.at.unwrap_or_else(|| auth.store().now().to_seconds());
    Ok(Json(auth.store().show(auth.actor(), auth.event(), path.serial, at).await?))
}

/// Which codes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CodesQuery {
    /// The first serial.
    #[param(value_type = u32)]
    first: Serial,
    /// How many, at most 1,024.
    count: u32,
}

/// See the codes of static tickets, to print them
///
/// Voided tickets and those whose code changes are left out. Whoever has a code can enter: don't
/// log it.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:show"])),
    params(EventPath, CodesQuery),
    responses((status = 200, description = "The codes", body = Vec<TicketShown>), Failure)
)]
#[get("/{event}/codes")]
pub(crate) async fn codes(
    auth: Authorized<need::TicketShow>,
) -> HandlerResult<Json<Vec<TicketShown>>> {
    let CodesQuery { first, count } = auth.query().await?;
    Ok(Json(auth.store().show_static(auth.actor(), auth.event(), first, count).await?))
}
