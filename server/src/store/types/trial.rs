//! A trial of an event's rules: a scan that nobody makes.

use kaisatsu_shared::{
    id::{GateId, Serial},
    reason::{LocalText, Outcome, ReasonCode},
    right::UseKind,
    rules::{Facts, Step},
    time::TimeInterval,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RuleSet;

/// A scan to try.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The ticket.
    pub ticket: TriedTicket,
    /// The gate.
    pub gate: GateId,
    /// Which way the guest goes.
    #[serde(default = "entry")]
    #[schema(default = "entry")]
    pub direction: UseKind,
    /// When, as far as the gate's clock is sure; now without it.
    #[serde(default)]
    pub at: Option<TimeInterval>,
    /// Whether the gate is cut off and decides alone.
    #[serde(default)]
    pub offline: bool,
    /// How many persons staff count, where the ticket is a group's.
    #[serde(default)]
    pub persons: Option<u8>,
    /// Rules to try instead of the event's.
    #[serde(default)]
    pub rules: Option<RuleSet>,
}

const fn entry() -> UseKind {
    UseKind::Entry
}

/// A ticket by its number, or what is scanned.
#[derive(Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriedTicket {
    /// The ticket with this serial, its display taken as fresh.
    Serial(Serial),
    /// This text of a code. Whoever has it can enter: don't log it.
    Code(String),
}

// By hand: a code admits.
impl core::fmt::Debug for TriedTicket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Serial(serial) => f.debug_tuple("Serial").field(serial).finish(),
            Self::Code(_) => f.write_str("Code(…)"),
        }
    }
}

/// What a tried scan ends with, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriedRules {
    /// What staff would do.
    pub outcome: Outcome,
    /// The reason.
    pub code: ReasonCode,
    /// The sentence for staff.
    pub sentence: LocalText,
    /// The numbers behind it.
    pub facts: Facts,
    /// The time it was tried for.
    pub at: TimeInterval,
    /// The rules in the order of deciding. The last one gives the verdict's reason.
    pub trail: Vec<TriedStep>,
}

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriedStep {
    /// What it looked at and said.
    #[serde(flatten)]
    pub step: Step,
    /// The same in words.
    pub text: LocalText,
}
