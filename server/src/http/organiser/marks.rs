//! Marks of a ticket: blocked or not, paid or not, renewed.

use actix_web::{post, put, web::Json};
use kaisatsu_shared::{ledger::BlockReason, time::UnixSeconds};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{EventPath, TicketPath};
use crate::{
    auth::{Authorized, need},
    http::{HandlerResult, openapi::Failure},
    store::types::{RenewTickets, RenewedTickets, TicketInfo, TicketMark},
};

/// Why a ticket is blocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockRequest {
    /// Why, as staff read it; null unblocks the ticket.
    reason: Option<BlockReason>,
}

/// Block or unblock a ticket
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:void"])),
    params(TicketPath),
    request_body = BlockRequest,
    responses((status = 200, description = "The ticket", body = TicketInfo), Failure)
)]
#[put("/{event}/tickets/{serial}/block")]
pub(crate) async fn block(
    mut auth: Authorized<need::TicketVoid>,
) -> HandlerResult<Json<TicketInfo>> {
    let path: TicketPath = auth.path().await?;
    let BlockRequest { reason } = auth.json().await?;
    let mark = reason.map_or(TicketMark::Unblocked, TicketMark::Blocked);
    Ok(Json(auth.store().mark(auth.actor(), auth.event(), path.serial, mark).await?))
}

/// Whether a ticket is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentRequest {
    /// Whether it is.
    paid: bool,
}

/// Note whether a ticket is paid
///
/// The event's rules say what an unpaid ticket gets at a gate.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:issue"])),
    params(TicketPath),
    request_body = PaymentRequest,
    responses((status = 200, description = "The ticket", body = TicketInfo), Failure)
)]
#[put("/{event}/tickets/{serial}/payment")]
pub(crate) async fn payment(
    mut auth: Authorized<need::TicketIssue>,
) -> HandlerResult<Json<TicketInfo>> {
    let path: TicketPath = auth.path().await?;
    let PaymentRequest { paid } = auth.json().await?;
    let mark = if paid { TicketMark::Paid } else { TicketMark::Unpaid };
    Ok(Json(auth.store().mark(auth.actor(), auth.event(), path.serial, mark).await?))
}

/// Until when a ticket is valid from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidityRequest {
    /// The first second of validity; absent keeps what it is.
    #[serde(default)]
    from: Option<UnixSeconds>,
    /// The first second after it.
    until: UnixSeconds,
    /// Whether it may be valid for less time than now.
    #[serde(default)]
    shorten: bool,
}

/// Renew a ticket
///
/// Its type must renew. The code stays the same; gates know it with their next feed.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:issue"])),
    params(TicketPath),
    request_body = ValidityRequest,
    responses((status = 200, description = "The ticket", body = TicketInfo), Failure)
)]
#[put("/{event}/tickets/{serial}/validity")]
pub(crate) async fn validity(
    mut auth: Authorized<need::TicketIssue>,
) -> HandlerResult<Json<TicketInfo>> {
    let TicketPath { serial: first, .. } = auth.path().await?;
    let ValidityRequest { from, until, shorten } = auth.json().await?;
    let request = RenewTickets { first, count: 1, from, until, shorten };
    auth.store().renew(auth.actor(), auth.event(), request).await?;
    Ok(Json(auth.store().ticket(auth.event(), first).await?))
}

/// Renew tickets under consecutive serials
///
/// All of them or none, but voided ones, which are left out and named. Sent again, it renews nothing
/// twice.
#[utoipa::path(
    tag = "tickets",
    security(("api_token" = ["ticket:issue"])),
    params(EventPath),
    request_body = RenewTickets,
    responses((status = 200, description = "What came of it", body = RenewedTickets), Failure)
)]
#[post("/{event}/renewals")]
pub(crate) async fn renewals(
    mut auth: Authorized<need::TicketIssue>,
) -> HandlerResult<Json<RenewedTickets>> {
    let request: RenewTickets = auth.json().await?;
    Ok(Json(auth.store().renew(auth.actor(), auth.event(), request).await?))
}
