//! What leaves a row of the audit trail although it changes nothing else.

use kaisatsu_shared::id::{DeviceId, EventId, OrganisationId};

/// A record that somebody takes out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// An event's ledger.
    Ledger(EventId),
    /// A device's journal.
    Journal(DeviceId),
    /// An event's conflicts.
    Conflicts(EventId),
    /// An event's entries that were set apart.
    Quarantine(EventId),
    /// An event's list of what staff did beyond scanning.
    Interventions(EventId),
}

/// Requests that were refused before they became an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The organisation of who asked; 0 where that isn't known.
    pub organisation: OrganisationId,
    /// What was asked for, such as `device.session`.
    pub action: &'static str,
    /// About what, such as `event/1`.
    pub object: String,
    /// The code of the refusal.
    pub code: String,
    /// How many the row stands for.
    pub count: u64,
}
