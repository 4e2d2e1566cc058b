//! The sentence of a verdict, with times as staff reads them: in the event's zone, no longer than
//! the day asks for.

use chrono::{DateTime, TimeZone as _};
use chrono_tz::Tz;
use kaisatsu_shared::{bundle::OpenBundle, reason::Language, rules::Verdict, time::UnixMillis};

/// The end of the year 9999, in milliseconds: calendars go no further.
const LATEST: i64 = 253_402_300_799_999;

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
    let zone = bundle.rules.zone.parse().unwrap_or(Tz::UTC);
    let now = verdict.at.middle();
    verdict.sentence(language, bundle, &|at| time_of(at, now, zone, language))
}

/// The time of day; with the date where it is another day than `now`'s.
pub(super) fn time_of(at: UnixMillis, now: UnixMillis, zone: Tz, language: Language) -> String {
    let local = |at: UnixMillis| {
        let millis = i64::try_from(at.0).unwrap_or(i64::MAX).min(LATEST);
        let utc = DateTime::from_timestamp_millis(millis).unwrap_or_default();
        zone.from_utc_datetime(&utc.naive_utc())
    };
    let (at, now) = (local(at), local(now));
    let format = match language {
        _ if at.date_naive() == now.date_naive() => "%H:%M",
        Language::Ja => "%-m/%-d %H:%M",
        Language::En => "%-d %b %H:%M",
    };
    at.format(format).to_string()
}
