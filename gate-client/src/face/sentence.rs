//! The sentence of a verdict, with times as staff reads them: in the event's zone, no longer than
//! the day asks for.

use kaisatsu_shared::{
    bundle::OpenBundle, calendar::TimeZone, reason::Language, rules::Verdict, time::UnixMillis,
};

/// The sentence under the verdict's word.
pub(super) fn sentence(
    verdict: &Verdict,
    language: Language,
    bundle: Option<&OpenBundle>,
) -> String {
    let Some(bundle) = bundle else {
        // Without rules there is one verdict, and its sentence has no numbers.
        return verdict.code.template(language).to_owned();
    };
    let now = verdict.at.middle();
    verdict.sentence(language, bundle, &|at| time_of(at, now, bundle.zone(), language))
}

/// The time of day; with the date where it is another day than `now`'s.
pub(super) fn time_of(
    at: UnixMillis,
    now: UnixMillis,
    zone: TimeZone,
    language: Language,
) -> String {
    let (at, now) = (zone.local(at), zone.local(now));
    let format = match language {
        _ if at.date() == now.date() => "%H:%M",
        Language::Ja => "%-m/%-d %H:%M",
        Language::En => "%-d %b %H:%M",
    };
    at.format(format).to_string()
}
