//! What many guests' clocks say together.

use kaisatsu_shared::{
    id::{Generation, KeyId, Serial, TypeId},
    key::EventKey,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Body, ClockPart, Display, ModePart, Secret, Shown},
};

use super::{
    super::{Crowd, display_offset},
    EVENT, INSTALLATION,
};

const START: UnixSeconds = UnixSeconds(1_790_000_000);

fn shown(mode: ModePart, display: Display) -> Shown {
    let body = Body {
        key: KeyId(1),
        event: EVENT,
        serial: Serial(1),
        secret: Secret::from_bytes([1; 12]),
        valid_from: UnixSeconds(0),
        valid_until: UnixSeconds(u32::MAX),
        ticket_type: TypeId(1),
        entries: 1,
        generation: Generation(1),
        mode,
    };
    Shown::new(EventKey::from_seed(KeyId(1), [2; 32]).sign(INSTALLATION, body), display).unwrap()
}

#[test]
fn a_display_is_compared_in_whole_steps_and_only_with_a_good_time() {
    let clock = ModePart::Clock(ClockPart { anchor: [0; 16], start: START, steps: 100 });
    let ticket = shown(clock, Display::Clock { step: 10, link: [0; 16] });
    let offset = |millis: i64, uncertainty| {
        let at = UnixMillis(START.to_millis().0.checked_add_signed(millis).unwrap());
        display_offset(&ticket, TimeInterval::around(at, uncertainty))
    };
    assert_eq!(offset(100_000, 1_000), Some(0));
    assert_eq!(offset(109_999, 0), Some(0));
    assert_eq!(offset(110_000, 0), Some(-1));
    assert_eq!(offset(70_000, 0), Some(3));
    assert_eq!(offset(-1_000, 0), Some(11), "before the chain's start");
    assert_eq!(offset(100_000, 5_001), None);
    let still = shown(ModePart::Static, Display::Static);
    assert_eq!(display_offset(&still, TimeInterval::exact(UnixMillis(1))), None);
}

fn crowd(offsets: impl IntoIterator<Item = i64>) -> Crowd {
    let mut crowd = Crowd::default();
    for (serial, offset) in (0..).zip(offsets) {
        crowd.saw(Serial(serial), offset);
    }
    crowd
}

#[test]
fn the_middle_of_enough_distinct_tickets_counts() {
    for (offsets, differs) in [
        (vec![], false),
        (vec![9; 7], false),
        (vec![9; 8], true),
        (vec![-3; 8], true),
        (vec![2; 32], false),
        (vec![-2; 32], false),
        // Half of them far on each side: no side is meant.
        (vec![9, 9, 9, 9, -9, -9, -9, -9], false),
        // A few wrong phones, or old pictures, among good ones.
        (vec![-900, -900, -900, 0, 0, 0, 0, 1, 1], false),
        (vec![3, 3, 3, 3, 3, 0, 0, 0, 0], true),
        (vec![i64::MIN, i64::MIN, i64::MAX, 3, 3, 3, 3, 3], true),
    ] {
        assert_eq!(crowd(offsets.clone()).differs(), differs, "{offsets:?}");
    }
}

#[test]
fn one_ticket_is_one_voice_and_old_ones_fade() {
    let mut one = Crowd::default();
    for _ in 0..100 {
        one.saw(Serial(1), 9);
    }
    assert!(!one.differs(), "one guest alone");
    let mut faded = crowd([vec![9; 20], vec![0; 32]].concat());
    assert!(!faded.differs());
    for serial in 100..132 {
        faded.saw(Serial(serial), 5);
    }
    assert!(faded.differs());
    faded.clear();
    assert!(!faded.differs());
}
