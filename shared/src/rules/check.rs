//! What staff look at or ask before a guest may enter, and what they answer. Until they have, the
//! verdict is a review that names it; the answer finishes the scan as one redemption.

use serde::{Deserialize, Serialize};

use crate::reason::{LocalText, ReasonCode};

use super::{Admission, Facts, Refusal};

/// What staff check with each entry on a ticket of a type. The default asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// The guest is the one on the photo of their ID, or of the ticket.
    pub photo: bool,
    /// The name on their ID is the ticket's.
    pub name: bool,
    /// Their ID says that they are at least so old, in years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    /// A question that the guest answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// A question with its possible answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub text: LocalText,
    /// Two to nine answers; staff name one by its place, counted from 1.
    pub choices: Vec<Choice>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it is called.
    pub name: LocalText,
    /// Whether a guest who gives it may enter.
    pub admits: bool,
}

/// What staff have answered about a scan so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// How many persons enter on the ticket; one where nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons: Option<u8>,
    /// Whether photo, name and age fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<bool>,
    /// The answer to the question, by its place from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<u8>,
    /// Whether a guest who shows no code is the ticket's holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<bool>,
}

impl Answers {
    /// Nothing was asked yet.
    pub const NONE: Self = Self { persons: None, identity: None, choice: None, holder: None };

    /// How many persons want to enter.
    #[must_use]
    pub const fn count(&self) -> u8 {
        match self.persons {
            Some(persons) => persons,
            None => 1,
        }
    }
}

impl Admission {
    /// Whether staff are still to say how many of a group enter.
    pub(super) const fn asks_persons(&self, answers: &Answers) -> bool {
        self.group && answers.persons.is_none()
    }
}

impl Check {
    /// Nothing is asked.
    pub(super) const NONE: Self = Self { photo: false, name: false, age: None, question: None };

    /// Whether an ID is to be looked at.
    #[must_use]
    pub const fn is_of_identity(&self) -> bool {
        self.photo || self.name || self.age.is_some()
    }
}

impl Question {
    /// The answer at this place, counted from 1.
    #[must_use]
    pub fn choice(&self, place: u8) -> Option<&Choice> {
        self.choices.get(usize::from(place).checked_sub(1)?)
    }
}

/// What is still to be asked about a guest who may enter otherwise, or why an answer keeps them
/// out. `left` is how many more persons the ticket admits and `free` how many fit, where that is
/// limited.
pub(super) fn judge_answers(
    admission: &Admission,
    left: Option<u32>,
    free: Option<u32>,
    answers: &Answers,
) -> Option<Refusal> {
    let with = |code, left| Some(Refusal { code, facts: Facts { left, ..Facts::EMPTY } });
    let refusal = |code| with(code, left);
    if admission.asks_persons(answers) {
        return with(ReasonCode::AskPersons, left.into_iter().chain(free).min());
    }
    if admission.check.is_of_identity() {
        match answers.identity {
            None => return refusal(ReasonCode::CheckIdentity),
            Some(false) => return refusal(ReasonCode::IdentityMismatch),
            Some(true) => {}
        }
    }
    let question = admission.check.question.as_ref()?;
    match answers.choice.and_then(|place| question.choice(place)) {
        None => refusal(ReasonCode::AskQuestion),
        Some(choice) if choice.admits => None,
        Some(_) => {
            let facts = Facts { choice: answers.choice, ..Facts::EMPTY };
            Some(Refusal { code: ReasonCode::AnswerRefused, facts })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> LocalText {
        LocalText { ja: text.into(), en: text.into() }
    }

    fn all() -> Admission {
        let choices = vec![
            Choice { name: text("yes"), admits: true },
            Choice { name: text("no"), admits: false },
        ];
        let question = Question { text: text("Vaccinated?"), choices };
        let check = Check { photo: true, question: Some(question), ..Check::NONE };
        Admission { group: true, check, ..Admission::default() }
    }

    #[test]
    fn each_question_comes_in_its_turn_and_a_wrong_answer_keeps_out() {
        let (yes, no) = (Some(true), Some(false));
        for (left, persons, identity, choice, expected) in [
            (Some(3), None, None, None, Some(ReasonCode::AskPersons)),
            (None, None, yes, Some(1), Some(ReasonCode::AskPersons)),
            (Some(3), Some(2), None, Some(1), Some(ReasonCode::CheckIdentity)),
            (Some(3), Some(2), no, Some(1), Some(ReasonCode::IdentityMismatch)),
            (Some(3), Some(2), yes, None, Some(ReasonCode::AskQuestion)),
            (Some(3), Some(2), yes, Some(0), Some(ReasonCode::AskQuestion)),
            (Some(3), Some(2), yes, Some(3), Some(ReasonCode::AskQuestion)),
            (Some(3), Some(2), yes, Some(2), Some(ReasonCode::AnswerRefused)),
            (Some(3), Some(2), yes, Some(1), None),
            // Also for the last one, so that nobody comes in beside them.
            (Some(1), None, yes, Some(1), Some(ReasonCode::AskPersons)),
        ] {
            let answers = Answers { persons, identity, choice, ..Answers::NONE };
            let code = judge_answers(&all(), left, None, &answers).map(|refusal| refusal.code);
            assert_eq!(code, expected, "{left:?} {answers:?}");
        }
    }

    #[test]
    fn a_group_is_asked_for_as_many_as_the_ticket_admits_and_as_fit() {
        let most = |left, free, answers| {
            judge_answers(&all(), left, free, &answers).map(|refusal| refusal.facts.left)
        };
        for (left, free, expected) in [
            (Some(5), Some(3), Some(3)),
            (Some(3), Some(5), Some(3)),
            (Some(3), Some(3), Some(3)),
            (Some(5), None, Some(5)),
            (None, Some(3), Some(3)),
            (None, None, None),
        ] {
            assert_eq!(most(left, free, Answers::NONE), Some(expected), "{left:?} {free:?}");
        }
        // What is asked next is about the ticket.
        let answers = Answers { persons: Some(2), ..Answers::NONE };
        assert_eq!(most(Some(5), Some(3), answers), Some(Some(5)));
    }

    #[test]
    fn a_type_without_checks_asks_nothing() {
        assert_eq!(judge_answers(&Admission::default(), Some(3), Some(1), &Answers::NONE), None);
        assert_eq!(Answers::NONE.count(), 1);
    }
}
