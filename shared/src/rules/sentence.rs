//! A verdict's sentence, with the rule's own numbers.

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::{
    bundle::OpenBundle,
    id::GateId,
    reason::Language,
    time::{UnixMillis, UnixSeconds},
};

use super::{Facts, Schedule, TimeFormat, Verdict, asks};

/// Fills the placeholders of the reason's template.
pub(super) fn fill(
    verdict: &Verdict,
    language: Language,
    bundle: &OpenBundle,
    format: &TimeFormat<'_>,
) -> String {
    let facts = &verdict.facts;
    let mut text = verdict.code.template(language).to_owned();
    let mut fill = |key: &str, value: &dyn Fn() -> String| {
        if text.contains(key) {
            text = text.replace(key, &value());
        }
    };
    let gate = |id: GateId| {
        bundle.gate(id).map_or_else(|| id.to_string(), |gate| gate.name.get(language).to_owned())
    };
    let second = |at: Option<UnixSeconds>| at.map(|at| format(at.to_millis())).unwrap_or_default();
    let instant = |at: Option<UnixMillis>| at.map(format).unwrap_or_default();
    let number = |number: Option<u32>| number.map(|it| it.to_string()).unwrap_or_default();
    let now = verdict.at.middle();
    fill("{now}", &|| format(now));
    fill("{from}", &|| second(facts.valid_from));
    fill("{until}", &|| second(facts.valid_until));
    fill("{opens}", &|| instant(facts.opens));
    fill("{closes}", &|| instant(facts.closes));
    fill("{left}", &|| number(facts.left));
    fill("{most}", &|| most(facts.left, language));
    fill("{limit}", &|| number(facts.limit));
    fill("{inside}", &|| number(facts.inside));
    fill("{zone}", &|| zone(facts, language, bundle));
    fill("{gate}", &|| facts.right_gate.map_or_else(|| nowhere(language), gate));
    fill("{lane}", &|| facts.lane.map(gate).unwrap_or_default());
    fill("{slot}", &|| slot(facts, language, bundle));
    fill("{days}", &|| days(facts, language, bundle));
    fill("{check}", &|| asks::identity(facts, language, bundle));
    fill("{question}", &|| asks::question(facts, language, bundle));
    fill("{answer}", &|| asks::answer(facts, language, bundle));
    fill("{block}", &|| {
        facts.block.map(|reason| reason.words(language).to_owned()).unwrap_or_default()
    });
    fill("{used_gate}", &|| facts.last_use.map(|used| gate(used.gate)).unwrap_or_default());
    fill("{used_at}", &|| {
        let Some(used) = facts.last_use else { return String::new() };
        let minutes = now.0.saturating_sub(used.at.middle().0) / 60_000;
        match (language, minutes) {
            (Language::Ja, 0..60) => format!("{}（{minutes}分前）", format(used.at.middle())),
            (Language::En, 0..60) => format!("{}, {minutes} min ago", format(used.at.middle())),
            (_, _) => format(used.at.middle()),
        }
    });
    text
}

/// How many of a group may enter.
fn most(persons: Option<u32>, language: Language) -> String {
    match (persons, language) {
        (Some(persons), Language::Ja) => format!("{persons}名まで"),
        (Some(persons), Language::En) => format!("up to {persons}"),
        (None, Language::Ja) => "人数制限なし".to_owned(),
        (None, Language::En) => "any number".to_owned(),
    }
}

/// Where no gate fits, staff asks.
fn nowhere(language: Language) -> String {
    match language {
        Language::Ja => "係".to_owned(),
        Language::En => "a supervisor".to_owned(),
    }
}

fn slot(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    let Some(id) = facts.slot else { return String::new() };
    let name = bundle.rules.calendar.slot(id).map(|slot| slot.name.get(language).to_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string())
}

fn zone(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    let Some(id) = facts.zone else { return String::new() };
    let name = bundle.rules.zone(id).map(|zone| zone.name.get(language).to_owned());
    name.unwrap_or_else(|| id.to_string())
}

/// The days on which the ticket's type admits.
fn days(facts: &Facts, language: Language, bundle: &OpenBundle) -> String {
    let found = facts.ticket_type.and_then(|id| bundle.ticket_type(id));
    let Some(ticket_type) = found else { return String::new() };
    let Schedule { days, weekdays, .. } = &ticket_type.admission.schedule;
    let (weekdays, days) = (
        weekdays.iter().map(|day| weekday(*day, language).to_owned()),
        days.iter().map(|day| date(*day, language)),
    );
    let separator = match language {
        Language::Ja => "・",
        Language::En => ", ",
    };
    days.chain(weekdays).collect::<Vec<_>>().join(separator)
}

pub(super) fn date(date: NaiveDate, language: Language) -> String {
    let (month, day) = (date.month(), date.day());
    match language {
        Language::Ja => format!("{month}月{day}日"),
        Language::En => format!("{}", date.format("%-d %b")),
    }
}

pub(super) const fn weekday(day: Weekday, language: Language) -> &'static str {
    let (ja, en) = match day {
        Weekday::Mon => ("月曜", "Mon"),
        Weekday::Tue => ("火曜", "Tue"),
        Weekday::Wed => ("水曜", "Wed"),
        Weekday::Thu => ("木曜", "Thu"),
        Weekday::Fri => ("金曜", "Fri"),
        Weekday::Sat => ("土曜", "Sat"),
        Weekday::Sun => ("日曜", "Sun"),
    };
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}
