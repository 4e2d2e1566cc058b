//! The rules of an event that its organiser edits.

use kaisatsu_shared::{
    bundle::Zone,
    calendar::Calendar,
    id::{GateId, TypeId, ZoneId},
    rules::{Admission, Capacity, Interventions, Search, Unpaid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An event's rules. Setting them replaces what stands for the whole event, and the rules of each gate
/// and type that is named; the others keep theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Days, closing time and slots.
    #[serde(default)]
    pub calendar: Calendar,
    /// The parts of the venue.
    #[serde(default)]
    pub zones: Vec<Zone>,
    /// How many persons fit into the venue; absent is any number.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// What an unpaid ticket gets.
    #[serde(default)]
    pub unpaid: Unpaid,
    /// What staff may do against the rules' answer.
    #[serde(default)]
    pub interventions: Interventions,
    /// What staff at gates may look up; nothing if absent.
    #[serde(default)]
    pub search: Option<Search>,
    /// Where gates lead.
    #[serde(default)]
    pub gates: Vec<GateRules>,
    /// How types admit.
    #[serde(default)]
    pub types: Vec<TypeRules>,
}

/// Where a gate leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GateRules {
    /// The gate.
    pub id: GateId,
    /// The zone it leads into; none leads everywhere.
    #[serde(default)]
    pub into: Option<ZoneId>,
}

/// How a ticket type admits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeRules {
    /// The type.
    pub id: TypeId,
    /// Gates it may use; empty is every gate.
    #[serde(default)]
    pub gates: Vec<GateId>,
    /// Whether its tickets renew; absent keeps what it is. Once tickets were issued it can't change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewing: Option<bool>,
    /// When, where and how often it admits.
    #[serde(default)]
    pub admission: Admission,
}
