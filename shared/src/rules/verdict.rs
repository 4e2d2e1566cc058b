//! What a decision says, and its sentence for staff.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::OpenBundle,
    id::{EventId, GateId, Serial, TypeId},
    ledger::LastUse,
    reason::{Language, Outcome, ReasonCode},
    right::RightRef,
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
    /// How many admissions are left after this one; absent where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
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
}

/// Writes an instant as staff reads it: in the event's zone, as short as the day allows.
pub type TimeFormat<'a> = dyn Fn(UnixMillis) -> String + 'a;

impl Verdict {
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
        let gate = |id: GateId| {
            bundle
                .gate(id)
                .map_or_else(|| id.to_string(), |gate| gate.name.get(language).to_owned())
        };
        let second =
            |at: Option<UnixSeconds>| at.map(|at| format(at.to_millis())).unwrap_or_default();
        let facts = &self.facts;
        let mut text = self.code.template(language).to_owned();
        let mut fill = |key: &str, value: &dyn Fn() -> String| {
            if text.contains(key) {
                text = text.replace(key, &value());
            }
        };
        fill("{now}", &|| format(self.at.middle()));
        fill("{from}", &|| second(facts.valid_from));
        fill("{until}", &|| second(facts.valid_until));
        fill("{gate}", &|| facts.right_gate.map(gate).unwrap_or_default());
        fill("{used_gate}", &|| facts.last_use.map(|used| gate(used.gate)).unwrap_or_default());
        fill("{used_at}", &|| {
            let Some(used) = facts.last_use else { return String::new() };
            let minutes = self.at.middle().0.saturating_sub(used.at.middle().0) / 60_000;
            match (language, minutes) {
                (Language::Ja, 0..60) => format!("{}（{minutes}分前）", format(used.at.middle())),
                (Language::En, 0..60) => format!("{}, {minutes} min ago", format(used.at.middle())),
                (_, _) => format(used.at.middle()),
            }
        });
        text
    }
}
