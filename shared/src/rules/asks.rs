//! How a check's question reads, for the sentences and for gates that offer its answers.

use serde::Serialize;

use crate::{
    bundle::OpenBundle,
    reason::{Language, LocalText, ReasonCode},
};

use super::{Check, Facts, Question, Verdict};

/// What kind of answer a verdict waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Asks {
    /// Yes or no.
    YesOrNo,
    /// A number of persons.
    Persons {
        /// How many at most, where that is limited.
        most: Option<u32>,
    },
    /// The place of one of these, from 1.
    Choice {
        /// What they are called.
        choices: Vec<LocalText>,
    },
}

impl Verdict {
    /// What staff are to answer, if the verdict asks something.
    #[must_use]
    pub fn asks(&self, bundle: &OpenBundle) -> Option<Asks> {
        match self.code {
            ReasonCode::Interrupted | ReasonCode::CheckIdentity | ReasonCode::ConfirmHolder => {
                Some(Asks::YesOrNo)
            }
            ReasonCode::AskPersons => Some(Asks::Persons { most: self.facts.left }),
            ReasonCode::AskQuestion => {
                let question = question_of(&self.facts, bundle)?;
                let choices = question.choices.iter().map(|choice| choice.name.clone()).collect();
                Some(Asks::Choice { choices })
            }
            _ => None,
        }
    }
}

fn check<'a>(facts: &Facts, bundle: &'a OpenBundle) -> Option<&'a Check> {
    let ticket_type = bundle.ticket_type(facts.ticket_type?)?;
    Some(&ticket_type.admission.check)
}

/// The question that the ticket's type asks, if it does.
fn question_of<'a>(facts: &Facts, bundle: &'a OpenBundle) -> Option<&'a Question> {
    check(facts, bundle)?.question.as_ref()
}

/// What of the ID is looked at: "photo, name, at least 18 years old".
pub(super) fn identity(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    let Some(check) = check(facts, bundle) else { return String::new() };
    let pick = |ja: &str, en: &str| match language {
        Language::Ja => ja.to_owned(),
        Language::En => en.to_owned(),
    };
    let mut parts = Vec::new();
    if check.photo {
        parts.push(pick("写真", "their photo"));
    }
    if check.name {
        parts.push(pick("身分証の氏名", "the name on their ID"));
    }
    if let Some(age) = check.age {
        parts.push(match language {
            Language::Ja => format!("{age}歳以上"),
            Language::En => format!("that they are {age} or older"),
        });
    }
    parts.join(&pick("・", ", "))
}

/// The question and its numbered answers.
pub(super) fn question(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    let Some(question) = question_of(facts, bundle) else { return String::new() };
    let choices = question.choices.iter().zip(1..);
    let choices: Vec<_> =
        choices.map(|(choice, place)| format!("{place} {}", choice.name.get(language))).collect();
    format!("{} — {}", question.text.get(language), choices.join(" / "))
}

/// The answer that was given.
pub(super) fn answer(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    question_of(facts, bundle)
        .zip(facts.choice)
        .and_then(|(question, place)| question.choice(place))
        .map(|choice| choice.name.get(language).to_owned())
        .unwrap_or_default()
}
