//! What a clock on the wall shows, by the time zone database alone. Every date is found by looking
//! at the minutes one after the other.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

pub(crate) struct Wall(Tz);

impl Wall {
    pub(crate) fn of(zone: &str) -> Self {
        Self(zone.parse().unwrap())
    }

    pub(crate) fn shows(&self, at: u64) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_millis(i64::try_from(at).unwrap()).unwrap();
        self.0.from_utc_datetime(&utc.naive_utc()).naive_local()
    }

    /// The first instant at which the wall shows `time` of `date`, or more.
    pub(crate) fn first(&self, date: NaiveDate, time: NaiveTime) -> u64 {
        let wanted = date.and_time(time);
        let utc = u64::try_from(wanted.and_utc().timestamp_millis()).unwrap();
        let ahead = |at: u64| (self.shows(at) - wanted_utc(at)).num_milliseconds();
        let day = 86_400_000;
        let (one, two) = (ahead(utc - day), ahead(utc + day));
        let at = |ahead: i64| utc.checked_add_signed(-ahead).unwrap();
        let (first, last) = (at(one.max(two)), at(one.min(two)));
        (first..=last).step_by(60_000).find(|at| self.shows(*at) >= wanted).unwrap()
    }

    /// The day in which the instant lies, where days begin at `starts`, with its first instant and
    /// the first after it.
    pub(crate) fn day(&self, starts: NaiveTime, at: u64) -> (NaiveDate, u64, u64) {
        let around = self.shows(at).date();
        for back in [2, 1, 0, -1] {
            let date = around.checked_sub_signed(TimeDelta::days(back)).unwrap();
            let ends = self.first(next(date), starts);
            if at < ends {
                return (date, self.first(date, starts), ends);
            }
        }
        unreachable!("no day holds {at}")
    }
}

pub(crate) fn next(date: NaiveDate) -> NaiveDate {
    date + Days::new(1)
}

fn wanted_utc(at: u64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(i64::try_from(at).unwrap()).unwrap().naive_utc()
}

#[test]
fn a_skipped_time_is_the_jump_and_a_repeated_one_its_first_coming() {
    let wall = Wall::of("Europe/Berlin");
    let (date, time) = (
        |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap(),
        NaiveTime::from_hms_opt(2, 30, 0).unwrap(),
    );
    let utc = |month, day, hour, minute| {
        let at = date(month, day).and_hms_opt(hour, minute, 0).unwrap().and_utc();
        u64::try_from(at.timestamp_millis()).unwrap()
    };
    assert_eq!(wall.first(date(3, 29), time), utc(3, 29, 1, 0));
    assert_eq!(wall.first(date(10, 25), time), utc(10, 25, 0, 30));
    assert_eq!(wall.first(date(7, 1), time), utc(7, 1, 0, 30));
}
