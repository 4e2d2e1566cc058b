//! The clock display's chain and window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{INSTALLATION, clock_id};
use kaisatsu_shared::display::clock::{
    Chain, ChainId, ClockWindow, Freshness, LinkCache, freshness, verify_link,
};
use kaisatsu_shared::hash::hmac;
use kaisatsu_shared::id::{EventId, Generation, InstallationId, Serial};
use kaisatsu_shared::key::DisplayKey;
use kaisatsu_shared::time::{TimeInterval, UnixSeconds};
use kaisatsu_shared::token::ClockPart;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn key() -> DisplayKey {
    DisplayKey::from_bytes([9; 32])
}

fn chain(id: ChainId) -> Chain {
    Chain::new(&key(), INSTALLATION, id)
}

#[test]
fn formulas_byte_for_byte() {
    let id = clock_id(2);
    let mut head = b"kaisatsu/1/link/".to_vec();
    head.extend([0x5a; 16]);
    head.extend(20_261_122_u32.to_be_bytes());
    head.extend(41_u32.to_be_bytes());
    head.push(1);
    head.extend(1_795_000_000_u32.to_be_bytes());
    head.extend(2_u16.to_be_bytes());
    assert_eq!(head.len(), 47);
    let before = |index: u16, later: [u8; 16]| -> [u8; 16] {
        let mut message = head.clone();
        message.extend(index.to_be_bytes());
        message.extend(later);
        assert_eq!(message.len(), 65);
        Sha256::digest(&message)[..16].try_into().unwrap()
    };
    let last: [u8; 16] = hmac(&[9; 32], &[&head])[..16].try_into().unwrap();
    let chain = chain(id);
    assert_eq!(chain.link(2), Some(last));
    assert_eq!(chain.link(1), Some(before(1, last)));
    assert_eq!(chain.link(0), Some(before(0, before(1, last))));
    assert_eq!(chain.anchor(), chain.link(0).unwrap());
    assert_eq!(chain.link(3), None);
}

#[test]
fn every_step_of_a_chain_verifies_and_only_there() {
    let id = clock_id(40);
    let chain = chain(id);
    for step in 0..=40 {
        for at in 0..=40 {
            let link = chain.link(at).unwrap();
            let mut cache = LinkCache::default();
            let good = verify_link(INSTALLATION, id, &chain.anchor(), step, &link, &mut cache);
            assert_eq!(good, step == at, "{step} {at}");
            assert_eq!(cache.len(), usize::from(good));
        }
    }
    let beyond = chain.link(40).unwrap();
    assert!(!verify_link(
        INSTALLATION,
        id,
        &chain.anchor(),
        41,
        &beyond,
        &mut LinkCache::default()
    ));
}

#[test]
fn a_chain_belongs_to_one_ticket() {
    let id = clock_id(20);
    let chain = chain(id);
    let link = chain.link(5).unwrap();
    let check = |installation, id| {
        verify_link(installation, id, &chain.anchor(), 5, &link, &mut LinkCache::default())
    };
    assert!(check(INSTALLATION, id));
    assert!(!check(InstallationId([0; 16]), id));
    assert!(!check(INSTALLATION, ChainId { event: EventId(1), ..id }));
    assert!(!check(INSTALLATION, ChainId { serial: Serial(1), ..id }));
    assert!(!check(INSTALLATION, ChainId { generation: Generation(2), ..id }));
    assert!(!check(INSTALLATION, ChainId { start: UnixSeconds(1), ..id }));
    assert!(!check(INSTALLATION, ChainId { steps: 21, ..id }));
}

#[test]
fn the_cache_is_bounded_and_forgets_the_oldest() {
    let mut cache = LinkCache::new(2);
    let mut ids = Vec::new();
    for serial in 0..5 {
        let id = ChainId { serial: Serial(serial), ..clock_id(9) };
        let chain = chain(id);
        for step in [3, 4] {
            let link = chain.link(step).unwrap();
            assert!(verify_link(INSTALLATION, id, &chain.anchor(), step, &link, &mut cache));
        }
        ids.push(id);
        assert_eq!(cache.len(), (ids.len()).min(2));
    }
    // A forgotten ticket is still checked in full.
    let old = chain(ids[0]);
    assert!(!verify_link(INSTALLATION, ids[0], &old.anchor(), 4, &[0; 16], &mut cache));
    assert!(verify_link(INSTALLATION, ids[0], &old.anchor(), 4, &old.link(4).unwrap(), &mut cache));
    let mut none = LinkCache::new(0);
    assert!(verify_link(INSTALLATION, ids[0], &old.anchor(), 4, &old.link(4).unwrap(), &mut none));
    assert!(none.is_empty());
}

#[test]
fn a_renewed_chain_is_not_measured_by_the_old_one() {
    let mut cache = LinkCache::default();
    let old = clock_id(50);
    let first = chain(old);
    assert!(verify_link(
        INSTALLATION,
        old,
        &first.anchor(),
        30,
        &first.link(30).unwrap(),
        &mut cache
    ));
    let new = ChainId { start: UnixSeconds(1_795_000_300), ..old };
    let second = chain(new);
    assert!(verify_link(
        INSTALLATION,
        new,
        &second.anchor(),
        2,
        &second.link(2).unwrap(),
        &mut cache
    ));
    assert!(!verify_link(
        INSTALLATION,
        new,
        &first.anchor(),
        30,
        &first.link(30).unwrap(),
        &mut cache
    ));
    // Another anchor under the same name doesn't profit from what is cached.
    assert!(!verify_link(INSTALLATION, new, &[0; 16], 2, &second.link(2).unwrap(), &mut cache));
}

fn at_second(now: u32) -> TimeInterval {
    TimeInterval::exact(UnixSeconds(now).to_millis())
}

#[test]
fn windows_of_the_design() {
    let default = ClockWindow::default();
    let part = ClockPart { anchor: [0; 16], start: UnixSeconds(1_000), steps: 600 };
    // T = 100 from 2,000 to 2,009 seconds.
    for now in [2_000, 2_009] {
        let at = |step| freshness(default, &part, step, at_second(now));
        for step in 0..=200 {
            let expected = match step {
                98..=101 => Freshness::Fresh,
                91..=97 => Freshness::Behind,
                102..=109 => Freshness::Ahead,
                _ => Freshness::Stale,
            };
            assert_eq!(at(step), expected, "{step} at {now}");
        }
    }
    let at = |step, now| freshness(default, &part, step, at_second(now));
    // Before the start the gate's step is negative, counted downwards.
    assert_eq!(at(0, 999), Freshness::Fresh);
    assert_eq!(at(0, 990), Freshness::Fresh);
    assert_eq!(at(0, 989), Freshness::Ahead);
    assert_eq!(at(0, 910), Freshness::Ahead);
    assert_eq!(at(0, 909), Freshness::Stale);
    assert_eq!(at(0, 0), Freshness::Stale);
    assert_eq!(at(600, u32::MAX), Freshness::Stale);
    let far = ClockPart { anchor: [0; 16], start: UnixSeconds(u32::MAX), steps: u16::MAX };
    assert_eq!(freshness(default, &far, u16::MAX, at_second(0)), Freshness::Stale);
    let json = serde_json::to_string(&ClockWindow::default()).unwrap();
    assert_eq!(json, r#"{"green_behind":2,"green_ahead":1,"review_behind":9,"review_ahead":9}"#);
}

#[test]
fn the_phone_shows_what_the_gate_finds_fresh() {
    let id = clock_id(100);
    let part = ClockPart { anchor: [0; 16], start: id.start, steps: id.steps };
    for second in 0..=1_009 {
        let now = UnixSeconds(id.start.0 + second);
        let step = id.step_at(now).unwrap();
        assert_eq!(
            freshness(ClockWindow::default(), &part, step, at_second(now.0)),
            Freshness::Fresh
        );
    }
    assert_eq!(id.step_at(UnixSeconds(id.start.0 - 1)), None);
    assert_eq!(id.step_at(UnixSeconds(id.start.0 + 1_010)), None);
    assert_eq!(id.step_at(UnixSeconds(u32::MAX)), None);
}

proptest! {
    #[test]
    fn any_order_of_displays_verifies_and_forgeries_never(
        steps in proptest::collection::vec((0_u16..=60, any::<bool>()), 1..30),
    ) {
        let id = clock_id(60);
        let chain = chain(id);
        let mut cache = LinkCache::default();
        for (step, honest) in steps {
            let mut link = chain.link(step).unwrap();
            if !honest {
                link[0] ^= 1;
            }
            let good = verify_link(INSTALLATION, id, &chain.anchor(), step, &link, &mut cache);
            prop_assert_eq!(good, honest);
        }
    }

    #[test]
    fn freshness_depends_on_the_difference_only(
        step in any::<u16>(), start in any::<u32>(), now in any::<u32>(), shift in any::<u32>(),
    ) {
        let part = |start| ClockPart { anchor: [0; 16], start: UnixSeconds(start), steps: u16::MAX };
        let here = freshness(ClockWindow::default(), &part(start), step, at_second(now));
        if let (Some(start), Some(now)) = (start.checked_add(shift), now.checked_add(shift)) {
            let there = freshness(ClockWindow::default(), &part(start), step, at_second(now));
            prop_assert_eq!(here, there);
        }
    }
}
