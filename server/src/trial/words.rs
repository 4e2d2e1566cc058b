//! A trial's outcome as its readers see it: both languages, times in the event's zone.

use kaisatsu_shared::{
    bundle::OpenBundle,
    calendar::TimeZone,
    reason::{Language, LocalText},
    rules::Explained,
    time::UnixMillis,
};

use crate::store::types::{TriedRules, TriedStep};

/// The outcome of a trial.
#[must_use]
pub fn in_words(explained: &Explained, bundle: &OpenBundle) -> TriedRules {
    let verdict = explained.decision().verdict;
    let now = verdict.at.middle();
    let both = |say: &dyn Fn(Language) -> String| LocalText {
        ja: say(Language::Ja),
        en: say(Language::En),
    };
    let time = |language| move |at| time_of(at, now, bundle.zone(), language);
    let steps = explained.trail().steps().iter();
    let trail = steps.map(|step| TriedStep {
        step: step.clone(),
        text: both(&|language| step.sentence(language, bundle, &time(language))),
    });
    TriedRules {
        outcome: verdict.outcome(),
        code: verdict.code,
        sentence: both(&|language| verdict.sentence(language, bundle, &time(language))),
        facts: verdict.facts,
        at: verdict.at,
        trail: trail.collect(),
    }
}

/// The time of day, as short as it can be: with the date where it is another day than `now`'s, with
/// seconds where there are any.
fn time_of(at: UnixMillis, now: UnixMillis, zone: TimeZone, language: Language) -> String {
    let (at, now) = (zone.local(at), zone.local(now));
    let format = match (at.date() == now.date(), language) {
        (true, _) => "",
        (false, Language::Ja) => "%Y/%-m/%-d ",
        (false, Language::En) => "%-d %b %Y ",
    };
    let whole = at.format("%S").to_string() == "00";
    let format = format!("{format}{}", if whole { "%H:%M" } else { "%H:%M:%S" });
    at.format(&format).to_string()
}
