//! What a decision says, and its sentence for staff.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::OpenBundle,
    id::{EventId, GateId, Serial, SlotId, TypeId, ZoneId},
    ledger::{BlockReason, LastUse},
    reason::{Language, Outcome, ReasonCode},
    right::{Authority, RightRef},
    time::{TimeInterval, UnixMillis, UnixSeconds},
};

/// The numbers behind a reason, so that staff sees the rule's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facts {
    /// The event the ticket names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// The ticket's serial, where its signature holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// The ticket's type, where its signature holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<TypeId>,
    /// Validity: from this second …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<UnixSeconds>,
    /// … until before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<UnixSeconds>,
    /// The last use of the right, or the one in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_use: Option<LastUse>,
    /// A gate that the ticket's type may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right_gate: Option<GateId>,
    /// How many admissions are left (after this one, where it is one), or how many of a group may
    /// enter now, where that is asked; absent where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// The slot that a rule is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<SlotId>,
    /// From when on the rule admits …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<UnixMillis>,
    /// … until before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes: Option<UnixMillis>,
    /// The rule's own limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The zone that a rule is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// Persons inside, where a capacity counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<u32>,
    /// How many persons of a group enter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons: Option<u8>,
    /// The answer that keeps the guest out, by its place from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<u8>,
    /// Why the ticket is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockReason>,
    /// The lane that decides about the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<GateId>,
}

/// Why a rule refuses, and its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub code: ReasonCode,
    /// The rule's own numbers; the rest is empty.
    pub facts: Facts,
}

impl Refusal {
    /// A refusal without numbers.
    #[must_use]
    pub const fn of(code: ReasonCode) -> Self {
        Self { code, facts: Facts::EMPTY }
    }
}

impl Facts {
    /// Nothing is known.
    pub const EMPTY: Self = Self {
        event: None,
        serial: None,
        ticket_type: None,
        valid_from: None,
        valid_until: None,
        last_use: None,
        right_gate: None,
        left: None,
        slot: None,
        opens: None,
        closes: None,
        limit: None,
        zone: None,
        inside: None,
        persons: None,
        choice: None,
        block: None,
        lane: None,
    };

    /// These facts with the numbers of a rule.
    #[must_use]
    pub fn with(self, rule: Self) -> Self {
        Self {
            event: rule.event.or(self.event),
            serial: rule.serial.or(self.serial),
            ticket_type: rule.ticket_type.or(self.ticket_type),
            valid_from: rule.valid_from.or(self.valid_from),
            valid_until: rule.valid_until.or(self.valid_until),
            last_use: rule.last_use.or(self.last_use),
            right_gate: rule.right_gate.or(self.right_gate),
            left: rule.left.or(self.left),
            slot: rule.slot.or(self.slot),
            opens: rule.opens.or(self.opens),
            closes: rule.closes.or(self.closes),
            limit: rule.limit.or(self.limit),
            zone: rule.zone.or(self.zone),
            inside: rule.inside.or(self.inside),
            persons: rule.persons.or(self.persons),
            choice: rule.choice.or(self.choice),
            block: rule.block.or(self.block),
            lane: rule.lane.or(self.lane),
        }
    }
}

/// What a scan ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// The reason, which decides the outcome.
    pub code: ReasonCode,
    /// The numbers behind it.
    pub facts: Facts,
    /// The time it was decided at.
    pub at: TimeInterval,
}

/// A verdict and the right it is about; the right is known where the ticket is genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to show.
    pub verdict: Verdict,
    /// The ticket's right.
    pub right: Option<RightRef>,
    /// Who has the last word where the verdict lets the guest pass: the gate by its leases, the server
    /// that is to be asked, or the gate alone.
    pub authority: Authority,
}

/// Writes an instant as staff reads it: in the event's zone, as short as the day allows.
pub type TimeFormat<'a> = dyn Fn(UnixMillis) -> String + 'a;

impl Verdict {
    /// The verdict after the server refused the claim that an admission needs.
    #[must_use]
    pub fn refused_claim(self, refusal: Refusal) -> Self {
        let facts = Facts { left: None, ..self.facts }.with(refusal.facts);
        Self { code: refusal.code, facts, ..self }
    }

    /// What staff does next.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.code.outcome()
    }

    /// The sentence under the verdict's word.
    #[must_use]
    pub fn sentence(
        &self,
        language: Language,
        bundle: &OpenBundle,
        format: &TimeFormat<'_>,
    ) -> String {
        super::sentence::fill(self, language, bundle, format)
    }
}
