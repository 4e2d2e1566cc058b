//! What staff did at gates beyond scanning.

use kaisatsu_shared::{
    id::{DeviceId, Serial},
    ledger::AskedAt,
    reason::ReasonCode,
    right::{OverrideReason, UseKind},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What staff did about a ticket: who, where, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InterventionRow {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The ticket.
    pub serial: Serial,
    /// Who did it, where and when.
    #[serde(flatten)]
    pub by: AskedAt,
    /// What colleagues call the operator; absent where nobody had signed in.
    pub label: Option<String>,
    /// What they did.
    #[serde(flatten)]
    pub what: Intervention,
}

/// What staff did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intervention {
    /// They let guests without a code in by hand. It is a use of the ticket.
    ByHand {
        /// How many persons.
        count: u8,
    },
    /// They let guests in against the rules. It is no use of the ticket.
    Overridden {
        /// How many persons.
        count: u8,
        /// The reason against which.
        code: ReasonCode,
        /// Why.
        reason: OverrideReason,
    },
    /// They took a use of the ticket back.
    Annulled {
        /// The device that had recorded the use.
        of_device: DeviceId,
        /// The number of its journal entry.
        of_number: u64,
        /// The ledger entry that had recorded the use.
        of_sequence: u64,
        /// In or out.
        way: UseKind,
        /// How many persons.
        count: u8,
        /// Whether guests had been let in by hand.
        by_hand: bool,
    },
}
