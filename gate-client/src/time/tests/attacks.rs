//! Answers that aren't, and a server that said 2099.

use kaisatsu_shared::{
    hash::{Domain, Kind},
    id::{DeviceId, EventId, InstallationId, TimeNonce},
    key::RootKey,
    sync::{SignedTime, TimeDocument, TimeError},
    time::UnixMillis,
};

use super::{super::*, *};

const IN_2099: u64 = 4_070_908_800_000;

#[test]
fn answers_for_others_forged_or_unasked_change_nothing() {
    let mut keeper = start(SystemTrust::Never, NOW, NOW);
    let before = keeper.now(read(50, NOW));
    let request = keeper.ask(TimeNonce([1; 16]), 0);
    let good = document(request, NOW + 5_000, 0);
    let forged = SignedTime::sign(&good, &RootKey::from_seed([9; 32])).unwrap();
    let altered =
        SignedTime { document: sign(&good).document.replace("17900", "17990"), ..sign(&good) };
    let text = sign(&good).document;
    let domain = Domain::new(Kind::Bundle, INSTALLATION);
    let signature = root().sign(domain, text.as_bytes());
    let elsewhere = TimeDocument { installation: InstallationId([8; 16]), ..good };
    for (answer, why) in [
        (forged, TimeError::Signature),
        (altered, TimeError::Signature),
        (SignedTime { document: text, signature }, TimeError::Signature),
        (sign(&elsewhere), TimeError::Signature),
        (sign(&TimeDocument { device: DeviceId(9), ..good }), TimeError::OtherDevice),
        (sign(&TimeDocument { event: EventId(9), ..good }), TimeError::OtherDevice),
        (sign(&TimeDocument { nonce: TimeNonce([2; 16]), ..good }), TimeError::OtherQuestion),
    ] {
        assert_eq!(keeper.answer(&answer, 50), Err(why.into()), "{answer:?}");
        assert_eq!(keeper.now(read(50, NOW)), before);
    }
    // The true answer still counts after them, once.
    assert_eq!(keeper.answer(&sign(&good), 60), Ok(Taken::Proven));
    assert_eq!(keeper.answer(&sign(&good), 90_000), Err(TimeError::OtherQuestion.into()));
    keeper.ask(TimeNonce([3; 16]), 100_000);
    assert_eq!(keeper.answer(&sign(&good), 100_001), Err(TimeError::OtherQuestion.into()));
    let time = keeper.now(read(90_060, NOW));
    assert!(time.earliest.0 >= NOW + 94_000 && time.latest.0 <= NOW + 96_000, "{time:?}");
}

#[test]
fn a_late_answer_widens_the_interval_by_its_delay() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    told(&mut keeper, (1_000, 31_000), NOW, 0).unwrap();
    let time = keeper.now(read(31_000, NOW));
    assert!(time.earliest.0 <= NOW && time.latest.0 >= NOW + 30_000, "{time:?}");
    // A better answer is gone by, a worse one that agrees isn't.
    told(&mut keeper, (40_000, 40_020), NOW + 20_000, 0).unwrap();
    let narrow = keeper.now(read(40_020, NOW));
    assert!(narrow.latest.0 - narrow.earliest.0 < 50, "{narrow:?}");
    told(&mut keeper, (41_000, 45_000), NOW + 22_000, 0).unwrap();
    let still = keeper.now(read(45_000, NOW));
    assert!(still.latest.0 - still.earliest.0 < 50, "{still:?}");
}

#[test]
fn more_than_a_day_ahead_of_a_proven_time_waits_for_an_admin() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    assert_eq!(told(&mut keeper, (0, 10), NOW, 0), Ok(Taken::Proven));
    assert_eq!(told(&mut keeper, (1_000, 1_010), IN_2099, 0), Ok(Taken::Held));
    let reading = read(2_000, NOW);
    assert!(keeper.now(reading).latest.0 < NOW + 3_000);
    assert_eq!(keeper.health(reading).warnings, [ClockWarning::NeedsConfirmation]);
    assert!(keeper.floor_due(2_000).unwrap().at.0 < NOW + 3_000, "held time raised the floor");
    // The server came to its senses by itself.
    let mut healed = keeper.clone();
    assert_eq!(told(&mut healed, (2_000, 2_010), NOW + 2_000, 0), Ok(Taken::Proven));
    assert_eq!(healed.health(read(2_010, NOW + 2_000)).warnings, []);
    assert_eq!(healed.floor.held, None);
    // An admin says that it is right.
    assert_eq!(told(&mut keeper, (3_000, 3_010), IN_2099, 1), Ok(Taken::Proven));
    assert!(keeper.now(read(3_010, NOW)).earliest.0 > IN_2099 - 1_000);
    assert!(!keeper.health(reading).warnings.contains(&ClockWarning::NeedsConfirmation));
}

#[test]
fn a_time_that_waits_for_an_admin_still_waits_after_a_restart() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    let proven = keeper.floor_due(10).unwrap();
    keeper.floor_kept(proven);
    assert_eq!(told(&mut keeper, (1_000, 1_010), IN_2099, 0), Ok(Taken::Held));
    let kept = keeper.floor_due(1_011).expect("a doubt is kept at once");
    assert_eq!(kept.held, Some(UnixMillis(IN_2099)));
    let restarted = || Timekeeper::start(who(), SystemTrust::Never, kept, read(0, NOW + 2_000));
    // The server still says 2099, a little later.
    let mut again = restarted();
    assert_eq!(told(&mut again, (0, 10), IN_2099 + 60_000, 0), Ok(Taken::Held));
    assert!(again.now(read(20, NOW)).earliest.0 < NOW + 2_000);
    assert_eq!(again.health(read(20, NOW + 3_000)).warnings, [ClockWarning::NeedsConfirmation]);
    // It has found back, or an admin says that it was right all along.
    for (at, version) in [(NOW + 5_000, 0), (IN_2099, 1)] {
        let mut keeper = restarted();
        assert_eq!(told(&mut keeper, (0, 10), at, version), Ok(Taken::Proven));
        let time = keeper.now(read(10, NOW));
        assert!(time.earliest.0 + 1_000 >= at && time.latest.0 <= at + 1_000, "{time:?}");
        assert_eq!(keeper.floor_due(10).unwrap().held, None);
    }
}

#[test]
fn a_day_ahead_or_less_and_an_unproven_gate_need_nobody() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    told(&mut keeper, (0, 10), NOW, 0).unwrap();
    assert_eq!(told(&mut keeper, (1_000, 1_010), NOW + DAY, 0), Ok(Taken::Proven));
    // Half a year in storage: the floor is old, nothing is proven.
    let mut stored = start(SystemTrust::Never, NOW, NOW);
    assert_eq!(told(&mut stored, (0, 10), NOW + 180 * DAY, 0), Ok(Taken::Proven));
    // Not by the system's clock, either, which the operator trusts.
    let mut trusting = start(SystemTrust::Within(1_000), NOW, NOW);
    assert_eq!(told(&mut trusting, (0, 10), NOW + 180 * DAY, 0), Ok(Taken::Proven));
}

#[test]
fn only_a_higher_version_lowers_the_floor() {
    let mut keeper = start(SystemTrust::Never, 0, NOW);
    told(&mut keeper, (0, 10), IN_2099, 0).unwrap();
    // The server was set right. Which of its two words is true, the gate can't know.
    assert_eq!(told(&mut keeper, (1_000, 1_010), NOW, 0), Ok(Taken::Proven));
    let reading = read(1_010, NOW);
    let time = keeper.now(reading);
    assert!(time.earliest.0 <= NOW && time.latest.0 >= IN_2099, "{time:?}");
    assert!(keeper.health(reading).warnings.contains(&ClockWarning::FarFromServer));
    assert!(keeper.floor_due(1_010).unwrap().at.0 >= IN_2099);
    // Its admin says that the earlier one was wrong.
    assert_eq!(told(&mut keeper, (2_000, 2_010), NOW + 1_000, 1), Ok(Taken::Proven));
    let time = keeper.now(read(2_010, NOW));
    assert!(time.latest.0 < NOW + 2_000, "{time:?}");
    let floor = keeper.floor_due(2_010).unwrap();
    assert_eq!((floor.version, floor.at.0 < NOW + 2_000), (1, true), "it isn't kept at once");
    // Whoever still serves the older version isn't believed.
    assert_eq!(told(&mut keeper, (3_000, 3_010), NOW, 0), Err(Refused::Superseded));
    assert_eq!(Refused::Superseded.code(), "time_superseded");
}
