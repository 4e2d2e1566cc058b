//! What many guests' clocks say together.

use kaisatsu_shared::id::Serial;

use super::super::Crowd;

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
