//! The trail in words: one line a step.

mod ticket;
mod time;
mod uses;

use crate::{
    bundle::OpenBundle,
    id::{GateId, SlotId, ZoneId},
    reason::Language,
    rules::TimeFormat,
};

use super::{Look, Step};

/// Speaks one language about one event.
struct Speaker<'a> {
    language: Language,
    bundle: &'a OpenBundle,
    format: &'a TimeFormat<'a>,
}

impl Step {
    /// What the rule looked at and what it said, such as
    /// `slots: Morning 09:30–12:00, now 09:12 → slot_not_open`.
    #[must_use]
    pub fn sentence(
        &self,
        language: Language,
        bundle: &OpenBundle,
        format: &TimeFormat<'_>,
    ) -> String {
        let speaker = Speaker { language, bundle, format };
        let looked = speaker.look(&self.look);
        let now = self.at.map_or_else(String::new, |at| match language {
            Language::Ja => format!("（{} 現在）", format(at)),
            Language::En => format!(", now {}", format(at)),
        });
        let said = match self.said {
            Some(code) => code.name(),
            None => "ok",
        };
        format!("{looked}{now} → {said}")
    }
}

impl Speaker<'_> {
    /// The English or the Japanese text.
    fn say(&self, en: impl Into<String>, ja: impl Into<String>) -> String {
        match self.language {
            Language::En => en.into(),
            Language::Ja => ja.into(),
        }
    }

    fn look(&self, look: &Look) -> String {
        match look {
            Look::Code { .. }
            | Look::Named { .. }
            | Look::Event { .. }
            | Look::Key { .. }
            | Look::ByHand { .. }
            | Look::Roster { .. }
            | Look::Standing { .. }
            | Look::Display { .. }
            | Look::Type { .. } => self.of_the_ticket(look),
            Look::Validity { .. }
            | Look::ValidityHeard { .. }
            | Look::ValidityUnknown
            | Look::Days { .. }
            | Look::Hours { .. }
            | Look::Slots { .. }
            | Look::Throughout { .. }
            | Look::RulesAge { .. } => self.of_time(look),
            _ => self.of_uses(look),
        }
    }

    fn list(&self, names: impl Iterator<Item = String>) -> String {
        let names: Vec<_> = names.collect();
        match names.is_empty() {
            true => self.say("any", "制限なし"),
            false => names.join(&self.say(", ", "・")),
        }
    }

    fn gate(&self, id: GateId) -> String {
        let name = self.bundle.gate(id).map(|gate| gate.name.get(self.language).to_owned());
        name.unwrap_or_else(|| id.to_string())
    }

    fn zone(&self, id: ZoneId) -> String {
        let name = self.bundle.rules.zone(id).map(|zone| zone.name.get(self.language).to_owned());
        name.unwrap_or_else(|| id.to_string())
    }

    fn slot(&self, id: SlotId) -> String {
        let slot = self.bundle.rules.calendar.slot(id);
        let name = slot.map(|slot| slot.name.get(self.language).to_owned());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string())
    }
}
