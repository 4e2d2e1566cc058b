//! The lane that a ticket shows.

use kaisatsu_shared::{
    bundle::Gate,
    id::GateId,
    reason::{Language, LocalText},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The gate that alone decides about a ticket: its holder should go there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketLane {
    /// The gate.
    pub gate: GateId,
    /// Its name.
    pub name: LocalText,
    /// As the ticket shows it.
    pub text: LocalText,
}

impl TicketLane {
    /// The lane at `id`, with the name that it has among an event's gates.
    #[must_use]
    pub fn of(id: GateId, gates: &[Gate]) -> Self {
        let known = gates.iter().find(|gate| gate.id == id);
        let name = known.map(|gate| gate.name.clone()).unwrap_or_default();
        let or_number = |name: &str| if name.is_empty() { id.to_string() } else { name.to_owned() };
        let text = LocalText {
            ja: format!("入場口: {}", or_number(name.get(Language::Ja))),
            en: format!("Lane: {}", or_number(name.get(Language::En))),
        };
        Self { gate: id, name, text }
    }

    /// The lines that stand under a printed code.
    #[must_use]
    pub fn lines(&self) -> [&str; 2] {
        [&self.text.ja, &self.text.en]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_told_in_both_languages_or_by_its_number() {
        let gate = |ja: &str, en: &str| Gate {
            id: GateId(2),
            name: LocalText { ja: ja.to_owned(), en: en.to_owned() },
            into: None,
        };
        let lines = |gates: &[Gate]| TicketLane::of(GateId(2), gates).lines().map(str::to_owned);
        assert_eq!(
            lines(&[gate("北ゲート", "North Gate")]),
            ["入場口: 北ゲート", "Lane: North Gate"]
        );
        assert_eq!(lines(&[gate("", "North")]), ["入場口: North", "Lane: North"]);
        assert_eq!(lines(&[]), ["入場口: 2", "Lane: 2"]);
    }
}
