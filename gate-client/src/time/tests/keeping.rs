//! The floor, the system's clock, and a time set by hand.

use kaisatsu_shared::time::{TimeInterval, UnixMillis};

use super::{super::*, *};

fn open(from: u64) -> TimeInterval {
    TimeInterval { earliest: UnixMillis(from), latest: UnixMillis(u64::MAX) }
}

#[test]
fn a_cold_start_knows_only_what_is_past() {
    let keeper = start(SystemTrust::Never, NOW, NOW + 5_000);
    let reading = read(60_000, NOW + 65_000);
    assert_eq!(keeper.now(reading), open(NOW));
    let health = keeper.health(reading);
    assert_eq!((health.source, health.uncertainty_ms), (ClockSource::None, None));
    assert_eq!(health.warnings, []);
}

#[test]
fn a_trusted_system_clock_is_gone_by_unless_it_is_behind_the_floor() {
    let keeper = start(SystemTrust::Within(1_000), NOW, NOW + 5_000);
    let time = keeper.now(read(0, NOW + 5_000));
    assert_eq!(time, TimeInterval::around(UnixMillis(NOW + 5_000), 1_000));
    // What is certainly past is cut off.
    assert_eq!(keeper.now(read(0, NOW - 500)).earliest, UnixMillis(NOW));
    // It jumps back while the gate runs, and comes back.
    assert_eq!(keeper.now(read(10, NOW - 1_001)), open(NOW));
    let health = keeper.health(read(10, NOW - 1_001));
    assert_eq!(
        (health.source, &health.warnings[..]),
        (ClockSource::None, &[ClockWarning::Rollback][..])
    );
    assert_eq!(keeper.health(read(20, NOW + 6_000)).warnings, []);
}

#[test]
fn a_start_behind_the_floor_stays_told() {
    for trust in [SystemTrust::Never, SystemTrust::Within(1_000)] {
        let mut keeper = start(trust, NOW, NOW - 5_000);
        assert_eq!(keeper.now(read(0, NOW - 5_000)), open(NOW));
        told(&mut keeper, (0, 10), NOW + 9, 0).unwrap();
        let health = keeper.health(read(10, NOW + 10));
        assert_eq!(health.source, ClockSource::Signed);
        assert_eq!(health.warnings, [ClockWarning::Rollback]);
    }
}

#[test]
fn a_system_clock_far_from_the_signed_time_is_told_and_not_gone_by() {
    let mut keeper = start(SystemTrust::Within(1_000), 0, NOW + 60_000);
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    let reading = read(10, NOW + 60_010);
    assert!(keeper.now(reading).latest.0 < NOW + 100);
    assert_eq!(keeper.health(reading).warnings, [ClockWarning::FarFromServer]);
}

#[test]
fn a_lead_sets_two_minutes_and_never_the_floor() {
    let mut keeper = start(SystemTrust::Never, NOW, NOW);
    let at = UnixMillis(NOW + 500_000);
    keeper.set_by_lead(at, 1_000).unwrap();
    let time = keeper.now(read(1_000, NOW));
    assert!(time.earliest <= at.minus(120_000) && time.latest >= at.plus(120_000), "{time:?}");
    assert!(time.latest <= at.plus(120_010), "{time:?}");
    assert_eq!(keeper.health(read(1_000, NOW)).source, ClockSource::Lead);
    assert_eq!(keeper.floor_due(61_000), None);
    assert_eq!(keeper.floor_at_end(61_000), None);
    assert_eq!(keeper.set_by_lead(UnixMillis(NOW - 120_001), 1_000), Err(LeadError::Past));
    told(&mut keeper, (2_000, 2_010), NOW + 400_000, 0).unwrap();
    assert_eq!(keeper.health(read(2_010, NOW)).source, ClockSource::Signed);
    assert_eq!(keeper.set_by_lead(at, 3_000), Err(LeadError::Proven));
}

#[test]
fn the_floor_is_kept_once_a_minute_and_at_the_end() {
    let mut keeper = start(SystemTrust::Within(1_000), 0, NOW);
    assert_eq!(keeper.floor_due(0), None, "a system clock raises nothing");
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    let first = keeper.floor_due(10).unwrap();
    keeper.floor_kept(first);
    assert_eq!(keeper.floor_due(60_009), None);
    let second = keeper.floor_due(60_010).unwrap();
    assert!(second.at > first.at);
    // The disk was full: again in a minute, not at each turn.
    assert_eq!(keeper.floor_due(60_020), None);
    assert!(keeper.floor_due(120_010).is_some());
    let last = keeper.floor_at_end(120_020).unwrap();
    assert!(last.at.0 <= NOW + 120_020);
    keeper.floor_kept(last);
    assert_eq!(keeper.floor_at_end(120_020), None);
}
