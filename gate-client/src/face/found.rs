//! Tickets that were looked up, for staff to pick one by its number. Names stand on the screen only.

use kaisatsu_shared::{
    bundle::OpenBundle,
    reason::{Language, ReasonCode},
    sync::{SearchAnswer, SearchHit},
};
use serde_json::{Value, json};

use super::{paint::Screen, sentence::sentence, style::Style};

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) answer: &'a SearchAnswer,
    pub(crate) bundle: Option<&'a OpenBundle>,
}

impl Found<'_> {
    /// For machines: one document.
    pub(super) fn json(&self) -> Value {
        let hits = self.answer.hits.iter().zip(1_u8..).map(|(hit, number)| {
            let mut line = json!({
                "number": number,
                "serial": hit.right.serial,
                "type": hit.verdict.facts.ticket_type,
                "outcome": hit.verdict.outcome(),
                "code": hit.verdict.code,
                "sentence_ja": self.standing(hit, Language::Ja),
                "sentence_en": self.standing(hit, Language::En),
            });
            if let (Value::Object(fields), Some(name)) = (&mut line, &hit.name) {
                fields.insert("name".to_owned(), name.clone().into());
            }
            line
        });
        let hits: Vec<_> = hits.collect();
        json!({ "kind": "found", "hits": hits, "more": self.answer.more })
    }

    /// For people: a line each.
    pub(super) fn screen(&self, language: Language) -> Screen {
        let style = Style::pick();
        let hits = self.answer.hits.iter().zip(1_u8..);
        let mut lines: Vec<_> =
            hits.map(|(hit, number)| self.line(hit, number, language)).collect();
        if self.answer.more {
            lines.push(match language {
                Language::Ja => "ほかにもあります。名前をもっと入れてください".to_owned(),
                Language::En => "There are more. Give more of the name".to_owned(),
            });
        }
        lines.push(match language {
            Language::Ja => "admit と番号で入場".to_owned(),
            Language::En => "Type admit and the number to let one in".to_owned(),
        });
        Screen { style, word: style.word(language).to_owned(), lines, status: String::new() }
    }

    fn line(&self, hit: &SearchHit, number: u8, language: Language) -> String {
        let name = hit.name.as_ref().map(|name| format!("{name}  ")).unwrap_or_default();
        let ticket_type = hit.verdict.facts.ticket_type;
        let ticket_type = self.bundle.zip(ticket_type).and_then(|(bundle, id)| {
            bundle.ticket_type(id).map(|known| known.name.get(language).to_owned())
        });
        let (serial, ticket_type) = (hit.right.serial, ticket_type.unwrap_or_default());
        format!("{number}  {name}#{serial}  {ticket_type}  {}", self.standing(hit, language))
    }

    /// What the ticket would get here; what staff are asked then comes with its turn.
    fn standing(&self, hit: &SearchHit, language: Language) -> String {
        match (hit.verdict.code, language) {
            (
                ReasonCode::Admitted
                | ReasonCode::AskPersons
                | ReasonCode::CheckIdentity
                | ReasonCode::AskQuestion,
                language,
            ) => match language {
                Language::Ja => "入場できます".to_owned(),
                Language::En => "May enter".to_owned(),
            },
            (_, language) => sentence(&hit.verdict, language, self.bundle),
        }
    }
}
