//! Marks of a ticket: blocked or not, paid or not.

use actix_web::{put, web::Json};
use kaisatsu_shared::ledger::BlockReason;
use serde::Deserialize;
use utoipa::ToSchema;

use super::TicketPath;
use crate::{
    auth::{Authorized, need},
    http::{HandlerResult, openapi::Failure},
    store::types::{TicketInfo, TicketMark},
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
