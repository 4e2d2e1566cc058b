//! What staff must have asked: how many of a group enter, whether the ID fits, what the guest
//! answers.

use crate::judge::Family;

pub(crate) const FAMILY: Family = Family {
    name: "asking",
    concerns: |story| {
        story.kind().is_some_and(|kind| {
            let check = &kind.admission.check;
            kind.admission.group
                || check.photo
                || check.name
                || check.age.is_some()
                || check.question.is_some()
        })
    },
    allows: |moment| {
        let Some(kind) = moment.story.kind() else { return false };
        let (check, answers) = (&kind.admission.check, moment.story.answers);
        let looked = check.photo || check.name || check.age.is_some();
        let answered = check.question.as_ref().is_none_or(|question| {
            let places = 1_u8..;
            let mut given =
                places.zip(&question.choices).filter(|(place, _)| Some(*place) == answers.choice);
            given.any(|(_, choice)| choice.admits)
        });
        (!kind.admission.group || answers.persons.is_some())
            && (!looked || answers.identity == Some(true))
            && answered
    },
};
