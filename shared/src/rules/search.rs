//! Whether staff at a gate may look tickets up, by what, what they see of them, and who may let their
//! holders in by hand. Looking up is the server's work: a gate holds no names.

use serde::{Deserialize, Serialize};

use super::AdmittedBy;

/// What gates may look up. An event without it has no search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// By what.
    pub by: SearchBy,
    /// Whether the gate gets the holders' names. Without it staff see number, type and what the ticket
    /// says at their gate.
    #[serde(default)]
    pub names: bool,
    /// Who may let in by hand whom they have found. Leads if absent.
    #[serde(default)]
    pub admit: AdmittedBy,
}

/// What tickets are looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SearchBy {
    /// The number on the ticket.
    Code,
    /// That, or a part of the holder's name.
    Name,
}
