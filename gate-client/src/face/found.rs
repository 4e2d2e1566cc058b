//! Tickets that were looked up, for staff to pick one by its number. Names stand on the screen only.

use kaisatsu_shared::{
    bundle::OpenBundle,
    reason::{Language, ReasonCode},
    sync::{SearchAnswer, SearchHit},
};
use serde_json::{Value, json};

use super::sentence::sentence;

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

    /// What the ticket would get here; what staff are asked then comes with its turn.
    pub(super) fn standing(&self, hit: &SearchHit, language: Language) -> String {
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
