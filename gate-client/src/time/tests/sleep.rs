//! A device that sleeps while its monotonic clock stands still.

use kaisatsu_shared::time::UnixMillis;

use super::{DAY, NOW, read, start, told};
use crate::time::{ClockSource, LeadError, SleepWatch, SystemTrust};

const HOUR: u64 = 3_600_000;

#[test]
fn a_sleep_is_noticed_once_and_a_slow_clock_is_none() {
    let mut watch = SleepWatch::start(read(0, NOW));
    // A quarter of an hour with both clocks off by 200 ppm, in opposite ways, and half a second of NTP.
    let awake = 900_000;
    let hidden = read(awake, NOW + awake + 500 + awake / 2_500);
    assert!(!watch.has_slept(hidden));
    assert_eq!(watch.unnoticed(hidden), 860, "as much as it may have slept");
    assert!(watch.has_slept(read(awake, NOW + awake + 502 + awake / 2_500)));
    assert!(!watch.has_slept(read(awake + 1, NOW + awake + 503 + awake / 2_500)), "once");
    // Behind a clock that was set back a sleep doesn't hide.
    assert!(!watch.has_slept(read(awake + 10, NOW)));
    assert!(watch.has_slept(read(awake + 20, NOW + 60_000)));
}

#[test]
fn what_was_proven_before_a_sleep_is_past_and_no_more() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    let asked = keeper.ask(kaisatsu_shared::id::TimeNonce([9; 16]), 900);
    assert!(keeper.awaits());
    keeper.slept(1_000);
    // An hour later by the true time, a moment by the monotonic clock.
    let now = keeper.now(read(1_001, NOW + HOUR));
    assert!(now.earliest >= UnixMillis(NOW) && now.latest == UnixMillis(u64::MAX), "{now:?}");
    assert_eq!(keeper.health(read(1_001, NOW + HOUR)).source, ClockSource::None);
    // The answer to a question from before would make an hour look like a round trip.
    assert!(!keeper.awaits());
    let late = super::sign(&super::document(asked, NOW + HOUR, 0));
    assert!(keeper.answer(&late, 1_002).is_err());
    told(&mut keeper, (1_003, 1_004), NOW + HOUR, 0).unwrap();
    let now = keeper.now(read(1_004, NOW + HOUR));
    assert!(now.earliest.0 >= NOW + HOUR - 2 && now.latest.0 <= NOW + HOUR + 4, "{now:?}");
}

#[test]
fn a_trusted_clock_is_gone_by_after_a_sleep_unless_it_is_behind_what_is_past() {
    let mut keeper = start(SystemTrust::Within(2_000), 0, NOW);
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    keeper.slept(1_000);
    let now = keeper.now(read(1_001, NOW + HOUR));
    assert_eq!((now.earliest.0, now.latest.0), (NOW + HOUR - 2_000, NOW + HOUR + 2_000));
    let behind = keeper.now(read(1_002, NOW - DAY));
    assert!(behind.earliest.0 >= NOW && behind.latest == UnixMillis(u64::MAX), "{behind:?}");
    // What a lead said goes by the same clock.
    let mut set = start(SystemTrust::Never, NOW, NOW);
    set.set_by_lead(UnixMillis(NOW + 5_000), 0).unwrap();
    set.slept(10);
    assert_eq!(set.health(read(11, NOW)).source, ClockSource::None);
    assert_eq!(set.set_by_lead(UnixMillis(NOW - DAY), 12), Err(LeadError::Past));
}
