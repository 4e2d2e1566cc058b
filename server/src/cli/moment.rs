//! A time to try, or two between which it lies.

use chrono::{DateTime, NaiveDateTime, NaiveTime};
use kaisatsu_shared::{
    calendar::TimeZone,
    time::{TimeInterval, UnixMillis},
};

use super::error::CliError;

/// `TIME`, or `EARLIEST..LATEST`; times without a date are today's, the later end's the earlier one's.
pub(crate) fn interval(
    text: &str,
    zone: TimeZone,
    now: UnixMillis,
) -> Result<TimeInterval, CliError> {
    let Some((from, until)) = text.split_once("..") else {
        return moment(text, zone, now, now).map(TimeInterval::exact);
    };
    let earliest = moment(from, zone, now, now)?;
    let latest = moment(until, zone, now, earliest)?;
    if latest < earliest {
        return Err(CliError::usage(
            "time_backwards",
            format_args!("--at {text}: it ends before it begins; give the earlier end first"),
        ));
    }
    Ok(TimeInterval { earliest, latest })
}

fn moment(
    text: &str,
    zone: TimeZone,
    now: UnixMillis,
    day_of: UnixMillis,
) -> Result<UnixMillis, CliError> {
    if text == "now" {
        return Ok(now);
    }
    let with_offset = DateTime::parse_from_rfc3339(text).ok();
    if let Some(at) = with_offset.and_then(|at| u64::try_from(at.timestamp_millis()).ok()) {
        return Ok(UnixMillis(at));
    }
    let time = |format| NaiveTime::parse_from_str(text, format).ok();
    let today = zone.local(day_of).date();
    let local = ["%H:%M", "%H:%M:%S"].into_iter().find_map(time).map(|time| today.and_time(time));
    let date = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let local =
        local.or_else(|| ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].into_iter().find_map(date));
    local.map(|local| zone.instant(local)).ok_or_else(|| {
        CliError::usage(
            "time_malformed",
            format_args!(
                "--at {text}: give now, 10:00, 2027-05-15T10:00 or 2027-05-15T10:00:00+09:00, or two of them with .. between"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_events_own() {
        let tokyo = TimeZone::named("Asia/Tokyo").unwrap();
        // 2027-05-15T12:00:00+09:00.
        let noon = UnixMillis(1_810_350_000_000);
        let millis = |text: &str| {
            let at = interval(text, tokyo, noon).unwrap();
            (at.earliest.0, at.latest.0)
        };
        let ten = noon.0 - 7_200_000;
        assert_eq!(millis("now"), (noon.0, noon.0));
        for text in ["10:00", "10:00:00", "2027-05-15T10:00", "2027-05-15T01:00:00Z"] {
            assert_eq!(millis(text), (ten, ten), "{text}");
        }
        assert_eq!(millis("10:00..10:07"), (ten, ten + 420_000));
        // The later end is on the earlier one's day.
        assert_eq!(millis("2027-05-16T10:00..10:07"), (ten + 86_400_000, ten + 86_820_000));
        for bad in ["", "..", "10", "25:00", "10:07..10:00", "10:00..", "yesterday"] {
            assert!(interval(bad, tokyo, noon).is_err(), "{bad}");
        }
    }
}
