//! More seeds than the ordinary tests: hashes stand in for signatures, so that they cost little.

mod common;

use kaisatsu_simulation::sign_with_stand_ins;

fn seeds(range: std::ops::Range<u64>) {
    sign_with_stand_ins(true);
    common::seeds(range);
}

#[test]
fn the_seeds_to_four_thousand_hold() {
    seeds(2_000..4_000);
}

#[test]
fn the_seeds_to_six_thousand_hold() {
    seeds(4_000..6_000);
}

#[test]
fn the_seeds_to_eight_thousand_hold() {
    seeds(6_000..8_000);
}

#[test]
fn the_seeds_to_ten_thousand_hold() {
    seeds(8_000..10_000);
}
