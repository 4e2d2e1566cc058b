//! A trial of an event's rules: a scan that nobody makes.

use kaisatsu_shared::{
    id::{GateId, Serial},
    operator::Role,
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
    /// Whether the guest's photo, name and age fit, where staff are to look at an ID.
    #[serde(default)]
    pub identity: Option<bool>,
    /// The guest's answer to the type's question, by its place from 1.
    #[serde(default)]
    pub choice: Option<u8>,
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
    /// None: staff found the ticket and let its holder in by hand.
    ByHand(TriedByHand),
}

/// A guest without a code, to be let in by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriedByHand {
    /// The ticket that staff found.
    pub serial: Serial,
    /// The role of whoever is signed in at the gate; absent for nobody.
    #[serde(default)]
    pub role: Option<Role>,
    /// Whether staff say that the guest is the ticket's holder; absent where they haven't yet.
    #[serde(default)]
    pub holder: Option<bool>,
}

// By hand: a code admits.
impl core::fmt::Debug for TriedTicket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Serial(serial) => f.debug_tuple("Serial").field(serial).finish(),
            Self::Code(_) => f.write_str("Code(…)"),
            Self::ByHand(guest) => f.debug_tuple("ByHand").field(guest).finish(),
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
