//! Renewing tickets.

use kaisatsu_shared::{id::Serial, time::UnixSeconds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tickets to renew, each of a type that renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewTickets {
    /// The first serial.
    pub first: Serial,
    /// How many, at most 1,024. Of several, voided ones are left out.
    pub count: u32,
    /// The first second of validity; absent keeps each ticket's own.
    #[serde(default)]
    pub from: Option<UnixSeconds>,
    /// The first second after it.
    pub until: UnixSeconds,
    /// Whether a ticket may then be valid for less time than now.
    #[serde(default)]
    pub shorten: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenewedTickets {
    /// How many got another validity.
    pub renewed: u32,
    /// How many had that validity already; nothing was recorded of them.
    pub unchanged: u32,
    /// Voided tickets, which were left out.
    pub voided: Vec<Serial>,
}
