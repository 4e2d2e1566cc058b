//! The audit trail and what was set apart for an admin.

use kaisatsu_shared::{
    id::{DeviceId, EventId, OrganisationId},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Actor;

/// One operation of a person or a device. Rows are hash-chained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRow {
    /// Its number: 1, 2, 3 … without holes.
    pub sequence: u64,
    /// When.
    pub at: UnixMillis,
    /// The organisation it concerns.
    pub organisation: OrganisationId,
    /// Who.
    pub actor: Actor,
    /// What, such as `ticket.void`.
    pub action: String,
    /// To what, such as `event/1/ticket/17`.
    pub object: String,
    /// `ok` or what came of it, such as `granted`; the code of the refusal if it was refused, with
    /// ` x17` behind it where the row stands for 17 refusals alike.
    pub outcome: String,
}

/// Which rows of the audit trail: the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
pub struct AuditQuery {
    /// Only rows of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only rows before this number.
    pub before: Option<u64>,
    /// Only rows about this object or a part of it, such as `event/1`.
    pub object: Option<String>,
    /// At most so many rows; 1,000 where it is absent or more.
    pub limit: Option<u32>,
}

/// Why something was set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The device was revoked.
    Revoked,
    /// The entry doesn't fit the event.
    Unfitting,
    /// The device wrote another entry under the same number, or went on from another one.
    Fork,
}

/// A journal entry that was recorded but has no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuarantineRow {
    /// The event.
    pub event: EventId,
    /// The device.
    pub device: DeviceId,
    /// The journal number.
    pub number: u64,
    /// Why.
    pub reason: QuarantineReason,
    /// When the server got it.
    pub at: UnixMillis,
    /// The entry's canonical bytes, in hexadecimal.
    #[serde(with = "hex::serde")]
    #[schema(value_type = String)]
    pub bytes: Vec<u8>,
}
