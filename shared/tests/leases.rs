//! What the ledger makes of leases: each right has one authority, and only its own word ends it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use kaisatsu_fixtures::world::{STATIC, World};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, GateId, Generation, LeaseId, OperatorId, Serial},
    lease::Serials,
    ledger::{FoldError, LedgerBody},
    place::Place,
    right::{Authority, RightRef, Use, UseKind},
    time::{TimeInterval, UnixMillis},
};
use proptest::prelude::*;

const NOW: TimeInterval = TimeInterval::exact(UnixMillis(1_000));

fn append(world: &mut World, body: LedgerBody) -> Result<(), FoldError> {
    world.state.append(body, NOW).map(|_| ())
}

fn world() -> World {
    let mut world = World::new();
    world.issue(STATIC, 20).unwrap();
    world
}

fn run(first: u32, last: u32) -> Serials {
    Serials::new(Serial(first), Serial(last)).unwrap()
}

const fn leased(lease: u32, device: u32, serials: Serials) -> LedgerBody {
    let (lease, device) = (LeaseId(lease), DeviceId(device));
    LedgerBody::Leased { lease, device, gate: GateId(1), serials }
}

const fn recalled(lease: u32, serials: Serials) -> LedgerBody {
    LedgerBody::Recalled { lease: LeaseId(lease), serials }
}

const fn transferred(lease: u32, serials: Serials) -> LedgerBody {
    LedgerBody::Transferred { lease: LeaseId(lease), serials, number: 1 }
}

fn granted(world: &World, serial: u32, kind: UseKind) -> LedgerBody {
    let body = world.body(Serial(serial), Generation::FIRST, STATIC);
    let right = RightRef {
        event: world.event,
        serial: Serial(serial),
        generation: Generation::FIRST,
        fingerprint: body.fingerprint(world.installation, false),
    };
    LedgerBody::Granted(Use {
        right,
        kind,
        count: 1,
        claim: ClaimKey([u8::try_from(serial).unwrap(); 16]),
        gate: GateId(1),
        device: DeviceId(9),
        operator: OperatorId(0),
        epoch: Epoch(0),
        at: NOW,
        authority: Authority::Server,
    })
}

#[test]
fn a_ledger_that_gives_a_right_twice_is_refused() {
    let mut world = world();
    for (body, fits) in [
        (leased(2, 1, run(0, 3)), false),  // not the next id
        (leased(1, 1, run(0, 20)), false), // never issued
        (leased(1, 1, run(0, 9)), true),
        (leased(1, 2, run(10, 11)), false), // an id again
        (leased(2, 2, run(9, 11)), false),  // held
        (leased(2, 2, run(10, 11)), true),
        (recalled(1, run(9, 10)), false), // held by two
        (recalled(3, run(0, 0)), false),  // no such lease
        (recalled(1, run(4, 5)), true),
        (recalled(1, run(5, 6)), true),
        (transferred(2, run(4, 4)), false), // another's
        (transferred(1, run(5, 5)), true),
        (transferred(1, run(5, 5)), false), // gone
        (transferred(1, run(4, 6)), false), // partly gone
        (recalled(1, run(5, 5)), false),
        (leased(3, 2, run(5, 5)), true),    // another lease
        (transferred(1, run(5, 5)), false), // never by the old one
    ] {
        let what = format!("{body:?}");
        assert_eq!(append(&mut world, body).is_ok(), fits, "{what}");
    }
    let held: Vec<_> = world.state.leases().held().map(|(run, it)| (run, it.device.0)).collect();
    let expected = [(run(0, 4), 1), (run(5, 5), 2), (run(6, 9), 1), (run(10, 11), 2)];
    assert_eq!(held, expected);
    let asked: Vec<_> = world.state.leases().recalled_from(DeviceId(1)).collect();
    assert_eq!(asked, [(LeaseId(1), run(4, 4)), (LeaseId(1), run(6, 6))]);
    assert_eq!(world.state.leases().unleased(20), [run(12, 19)]);
}

const fn handed(lease: u32, serials: Serials, (from, number): (u32, u64), to: u32) -> LedgerBody {
    let (lease, gate) = (LeaseId(lease), GateId(7));
    let (from, to) = (DeviceId(from), DeviceId(to));
    LedgerBody::HandedOn { lease, serials, from, to, gate, number }
}

fn held(world: &World) -> Vec<(Serials, u32)> {
    world.state.leases().held().map(|(run, lease)| (run, lease.device.0)).collect()
}

#[test]
fn a_right_that_is_handed_on_is_held_by_its_new_holder_alone_under_the_same_lease() {
    let mut world = world();
    append(&mut world, leased(1, 1, run(0, 9))).unwrap();
    append(&mut world, leased(2, 2, run(10, 11))).unwrap();
    append(&mut world, recalled(1, run(3, 3))).unwrap();
    for (body, fits) in [
        (handed(1, run(3, 4), (2, 5), 3), false),  // not theirs
        (handed(1, run(9, 10), (1, 5), 3), false), // partly under another lease
        (handed(2, run(3, 4), (1, 5), 3), false),
        (handed(1, run(3, 4), (1, 5), 1), false), // to oneself
        (handed(1, run(3, 4), (1, 5), 3), true),
        (handed(1, run(3, 3), (1, 6), 4), false), // twice
        (handed(1, run(4, 4), (3, 1), 4), true),  // and on
        (recalled(1, run(4, 5)), true),           // whoever holds them is asked
    ] {
        let what = format!("{body:?}");
        assert_eq!(append(&mut world, body).is_ok(), fits, "{what}");
    }
    let expected = [(run(0, 2), 1), (run(3, 3), 3), (run(4, 4), 4), (run(5, 9), 1)];
    assert_eq!(held(&world)[..4], expected);
    let leases = world.state.leases();
    let lane = leases.holder(Serial(3)).unwrap();
    assert_eq!((lane.id, lane.gate, lane.device), (LeaseId(1), GateId(7), DeviceId(3)));
    let asked = |device| leases.recalled_from(DeviceId(device)).collect::<Vec<_>>();
    assert_eq!(asked(1), [(LeaseId(1), run(5, 5))]);
    assert_eq!(asked(3), [(LeaseId(1), run(3, 3))]);
    assert_eq!(asked(4), [(LeaseId(1), run(4, 4))]);
    assert!(leases.was_handed_on(DeviceId(1), 5) && !leases.was_handed_on(DeviceId(1), 6));
    append(&mut world, transferred(1, run(3, 4))).unwrap();
    append(&mut world, leased(3, 1, run(3, 4))).unwrap();
    assert!(append(&mut world, handed(1, run(3, 3), (1, 7), 3)).is_err(), "by a dead lease");
}

#[test]
fn a_receipt_changes_nobodys_rights() {
    use kaisatsu_shared::{
        lease::Recipient,
        ledger::{AfterReceipt, Receipt},
    };
    let mut world = world();
    append(&mut world, leased(1, 1, run(0, 9))).unwrap();
    let receipt = |lease, serial, then| {
        let (lease, serial) = (LeaseId(lease), Serial(serial));
        let (device, from, number) = (DeviceId(3), DeviceId(1), 5);
        LedgerBody::Received(Receipt { lease, serial, device, from, number, then })
    };
    let gave = AfterReceipt::Gave { to: Recipient::Server, number: 2 };
    for (body, fits) in [
        (receipt(2, 4, AfterReceipt::Held), false), // no such lease
        (receipt(1, 40, AfterReceipt::Held), false), // no such ticket
        (receipt(1, 4, AfterReceipt::Unfounded), false), // nothing was said
        (receipt(1, 4, AfterReceipt::Held), true),
        (receipt(1, 5, AfterReceipt::Held), true),
        (receipt(1, 5, gave), true),
        (receipt(1, 5, AfterReceipt::Unfounded), true),
    ] {
        let what = format!("{body:?}");
        assert_eq!(append(&mut world, body).is_ok(), fits, "{what}");
        assert_eq!(held(&world), [(run(0, 9), 1)], "{what}");
    }
    let waiting = |world: &World| {
        let named = world.state.leases().receipts_naming(DeviceId(1), 5);
        named.map(|receipt| receipt.serial.0).collect::<Vec<_>>()
    };
    assert_eq!(waiting(&world), [4]);
    append(&mut world, handed(1, run(3, 5), (1, 5), 3)).unwrap();
    assert_eq!(waiting(&world), [0; 0]);
}

#[test]
fn a_share_of_room_ends_with_its_holders_word_person_by_person() {
    let mut world = world();
    let share = |lease, persons| LedgerBody::ShareLeased {
        lease: LeaseId(lease),
        device: DeviceId(1),
        gate: GateId(1),
        place: Place::Venue,
        persons,
    };
    let recalled = |persons| LedgerBody::ShareRecalled { lease: LeaseId(1), persons };
    let back = |lease, persons| {
        let lease = LeaseId(lease);
        LedgerBody::ShareTransferred { lease, persons, number: 1 }
    };
    for (body, fits, left) in [
        (share(2, 5), false, 0), // not the next id
        (share(1, 5), true, 5),
        (share(1, 5), false, 5),
        (recalled(6), false, 5), // more than was given
        (recalled(2), true, 5),
        (recalled(4), false, 5), // two were asked for before
        (back(2, 1), false, 5),  // no such lease
        (back(1, 3), true, 2),   // one more than was asked for
        (recalled(3), false, 2),
        (recalled(2), true, 2),
        (back(1, 3), false, 2), // more than is held
        (share(2, 4), true, 6),
        (back(1, 2), true, 4),
        (recalled(1), false, 4), // nothing of it is held
    ] {
        let what = format!("{body:?}");
        assert_eq!(append(&mut world, body).is_ok(), fits, "{what}");
        assert_eq!(world.state.leases().shares().leased(Place::Venue), left, "{what}");
    }
    let held: Vec<_> = world.state.leases().shares().held().map(|(lease, _)| lease).collect();
    assert_eq!(held, [LeaseId(2)]);
    // Rights and room have their ids from one series.
    append(&mut world, leased(3, 2, run(0, 1))).unwrap();
}

#[test]
fn a_holder_may_be_granted_room_on_its_own_right() {
    let mut world = world();
    append(&mut world, leased(1, 9, run(4, 6))).unwrap();
    let entry = granted(&world, 5, UseKind::Entry);
    append(&mut world, entry).unwrap();
}

#[test]
fn nobody_is_granted_what_is_leased_and_nothing_is_leased_that_is_being_granted() {
    let mut world = world();
    let open = granted(&world, 3, UseKind::Entry);
    append(&mut world, open).unwrap();
    assert!(append(&mut world, leased(1, 1, run(2, 4))).is_err());
    append(&mut world, leased(1, 1, run(4, 6))).unwrap();
    let entry = granted(&world, 5, UseKind::Entry);
    assert!(append(&mut world, entry).is_err());
    let exit = granted(&world, 5, UseKind::Exit);
    assert!(append(&mut world, exit).is_ok(), "whoever is inside may leave");
    // The venue's hub grants what it holds, and stays the authority until all of that is known.
    let LedgerBody::Granted(mut used) = granted(&world, 6, UseKind::Entry) else { unreachable!() };
    used.authority = Authority::Hub;
    append(&mut world, LedgerBody::Granted(used)).unwrap();
    assert!(world.state.right(Serial(6)).unwrap().grants[0].by_lease);
    append(&mut world, transferred(1, run(6, 6))).unwrap();
    assert!(append(&mut world, leased(2, 1, run(6, 6))).is_err(), "still being admitted");
}

#[test]
fn a_lease_that_a_restored_server_had_lost_is_its_holders_whatever_was_granted_since() {
    let mut world = world();
    let open = granted(&world, 3, UseKind::Entry);
    append(&mut world, open).unwrap();
    assert!(append(&mut world, leased(1, 1, run(2, 4))).is_err());
    world.state.enter_epoch(Epoch(9), NOW).unwrap();
    append(&mut world, leased(1, 1, run(2, 4))).unwrap();
    assert_eq!(world.state.leases().holder(Serial(3)).map(|lease| lease.device), Some(DeviceId(1)));
    assert_eq!(
        world.state.right(Serial(3)).unwrap().grants.len(),
        1,
        "it still says what came of it"
    );
    append(&mut world, LedgerBody::Settled { first_free: Serial(20) }).unwrap();
    let open = granted(&world, 7, UseKind::Entry);
    append(&mut world, open).unwrap();
    assert!(append(&mut world, leased(2, 1, run(6, 8))).is_err(), "as ever");
}

proptest! {
    /// Against a plain table of who holds what.
    #[test]
    fn runs_and_a_table_agree(steps in prop::collection::vec((0_u8..3, 0_u32..20, 0_u32..20, 1_u32..4), 1..40)) {
        let mut world = world();
        let mut table: Vec<Option<(u32, bool)>> = vec![None; 20];
        let mut next = 1;
        for (what, one, other, number) in steps {
            let serials = run(one.min(other), one.max(other));
            let (first, last) = (one.min(other) as usize, one.max(other) as usize);
            let among = &mut table[first..=last];
            let all = |lease: u32| move |held: &Option<(u32, bool)>| held.is_some_and(|(id, _)| id == lease);
            let (body, fits) = match what {
                0 => (leased(next, number, serials), among.iter().all(Option::is_none)),
                1 => (recalled(number, serials), among.iter().all(all(number))),
                _ => (transferred(number, serials), among.iter().all(all(number))),
            };
            prop_assert_eq!(append(&mut world, body).is_ok(), fits);
            if !fits {
                continue;
            }
            match what {
                0 => { among.fill(Some((next, false))); next += 1; }
                1 => among.fill(Some((number, true))),
                _ => among.fill(None),
            }
        }
        for (serial, expected) in (0..).zip(&table) {
            let leases = world.state.leases();
            prop_assert_eq!(leases.holder(Serial(serial)).map(|it| it.id.0), expected.map(|(id, _)| id));
            prop_assert_eq!(leases.is_recalled(Serial(serial)), expected.is_some_and(|(_, asked)| asked));
        }
    }
}
