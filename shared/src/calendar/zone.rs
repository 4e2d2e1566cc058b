//! Local time. Where clocks are set forward, a time that is skipped means the instant of the jump;
//! where they are set back, a time that comes twice means its first coming.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use crate::time::UnixMillis;

/// The last millisecond of the year 9999: later instants are read as this one.
const LAST: i64 = 253_402_300_799_999;

/// A place's time zone with its history, from the IANA time zone database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(Tz);

/// A name that isn't in the IANA time zone database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the time zone `{0}` is not known; use an IANA name such as `Asia/Tokyo`, or update the gate"
)]
pub struct UnknownZone(pub String);

/// One day, from an instant until just before another. It has 23 or 25 hours where clocks are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its date.
    pub date: NaiveDate,
    /// Its first instant.
    pub begins: UnixMillis,
    /// The first instant after it.
    pub ends: UnixMillis,
}

impl Day {
    /// Whether the instant lies in it.
    #[must_use]
    pub fn contains(&self, at: UnixMillis) -> bool {
        self.begins <= at && at < self.ends
    }
}

impl TimeZone {
    /// The zone with this IANA name.
    ///
    /// # Errors
    /// [`UnknownZone`].
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone(name.to_owned()))
    }

    /// What a clock on the wall shows.
    #[must_use]
    pub fn local(self, at: UnixMillis) -> NaiveDateTime {
        let millis = i64::try_from(at.0).unwrap_or(LAST).min(LAST);
        let utc = DateTime::from_timestamp_millis(millis).unwrap_or_default();
        utc.with_timezone(&self.0).naive_local()
    }

    /// When a clock on the wall shows `local`.
    #[must_use]
    pub fn instant(self, local: NaiveDateTime) -> UnixMillis {
        let mut wanted = local;
        // A skipped time: clocks jump by whole minutes, and never by more than a day.
        for _ in 0..=24 * 60 {
            if let Some(found) = self.0.from_local_datetime(&wanted).earliest() {
                return millis(found.timestamp_millis());
            }
            let Some(next) = wanted.checked_add_signed(TimeDelta::minutes(1)) else { break };
            wanted = next;
        }
        millis(local.and_utc().timestamp_millis())
    }

    /// The day that `at` lies in, where days begin at `starts`.
    #[must_use]
    pub fn day(self, starts: NaiveTime, at: UnixMillis) -> Day {
        let begins = |date: NaiveDate| self.instant(date.and_time(starts));
        let mut date = self.local(at).date();
        if at < begins(date) {
            date = date.checked_sub_days(Days::new(1)).unwrap_or(date);
        } else if at >= begins(after(date)) {
            date = after(date);
        }
        Day { date, begins: begins(date), ends: begins(after(date)) }
    }
}

/// The next date; the last possible one stays.
pub(crate) fn after(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

fn millis(at: i64) -> UnixMillis {
    UnixMillis(u64::try_from(at).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMillis {
        millis(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn days_follow_the_clock_on_the_wall() {
        for (zone, starts, instant, date, begins, minutes) in [
            (
                "Asia/Tokyo",
                "00:00:00",
                "2026-10-12T18:00:00+09:00",
                "2026-10-12",
                "2026-10-12T00:00:00+09:00",
                1_440,
            ),
            (
                "Asia/Tokyo",
                "05:00:00",
                "2026-10-13T04:59:59+09:00",
                "2026-10-12",
                "2026-10-12T05:00:00+09:00",
                1_440,
            ),
            (
                "Asia/Tokyo",
                "05:00:00",
                "2026-10-13T05:00:00+09:00",
                "2026-10-13",
                "2026-10-13T05:00:00+09:00",
                1_440,
            ),
            // Clocks are set forward at 02:00 on 29 March 2026, and back at 03:00 on 25 October.
            (
                "Europe/Berlin",
                "00:00:00",
                "2026-03-29T12:00:00+02:00",
                "2026-03-29",
                "2026-03-29T00:00:00+01:00",
                1_380,
            ),
            (
                "Europe/Berlin",
                "00:00:00",
                "2026-10-25T12:00:00+01:00",
                "2026-10-25",
                "2026-10-25T00:00:00+02:00",
                1_500,
            ),
            // 02:30 is skipped: that day begins with the jump.
            (
                "Europe/Berlin",
                "02:30:00",
                "2026-03-29T03:00:00+02:00",
                "2026-03-29",
                "2026-03-29T03:00:00+02:00",
                1_410,
            ),
            (
                "Europe/Berlin",
                "02:30:00",
                "2026-03-29T01:59:59+01:00",
                "2026-03-28",
                "2026-03-28T02:30:00+01:00",
                1_410,
            ),
            // 02:30 comes twice: that day begins with the first.
            (
                "Europe/Berlin",
                "02:30:00",
                "2026-10-25T02:30:00+02:00",
                "2026-10-25",
                "2026-10-25T02:30:00+02:00",
                1_500,
            ),
            (
                "Europe/Berlin",
                "02:30:00",
                "2026-10-25T02:10:00+01:00",
                "2026-10-25",
                "2026-10-25T02:30:00+02:00",
                1_500,
            ),
            (
                "America/New_York",
                "00:00:00",
                "2026-11-01T12:00:00-05:00",
                "2026-11-01",
                "2026-11-01T00:00:00-04:00",
                1_500,
            ),
            (
                "UTC",
                "00:00:00",
                "2028-02-29T23:59:59Z",
                "2028-02-29",
                "2028-02-29T00:00:00Z",
                1_440,
            ),
            (
                "UTC",
                "00:00:00",
                "2038-01-19T03:14:08Z",
                "2038-01-19",
                "2038-01-19T00:00:00Z",
                1_440,
            ),
        ] {
            let day = TimeZone::named(zone).unwrap().day(time(starts), at(instant));
            assert_eq!(day.date.to_string(), date, "{zone} {instant}");
            assert_eq!(day.begins, at(begins), "{zone} {instant}");
            assert_eq!((day.ends.0 - day.begins.0) / 60_000, minutes, "{zone} {instant}");
            assert!(day.contains(at(instant)));
        }
    }

    #[test]
    fn every_instant_lies_in_one_day() {
        let zone = TimeZone::named("America/New_York").unwrap();
        let mut now = at("2026-10-30T00:00:00Z");
        let mut last = zone.day(time("02:30:00"), now);
        for _ in 0..4_000 {
            now = now.plus(97_000);
            let day = zone.day(time("02:30:00"), now);
            assert!(day.contains(now));
            assert!(day == last || day.begins == last.ends, "{day:?} follows {last:?}");
            last = day;
        }
    }

    #[test]
    fn far_instants_and_strange_names_are_no_reason_to_stop() {
        let zone = TimeZone::named("Asia/Tokyo").unwrap();
        assert!(zone.local(UnixMillis(u64::MAX)).date() > zone.local(UnixMillis(0)).date());
        let day = zone.day(time("23:59:59"), UnixMillis(0));
        assert_eq!(day.begins, UnixMillis(0));
        let error = TimeZone::named("Asia/Nowhere").unwrap_err().to_string();
        assert!(error.contains("Asia/Nowhere"), "{error}");
    }
}
