//! Room that lanes hold: who may give it to whom.

use kaisatsu_fixtures::world::{NORTH, SOUTH, STATIC, World};
use kaisatsu_shared::{
    bundle::Policy,
    display::clock::LinkCache,
    id::{DeviceId, LeaseId, Serial},
    lease::Serials,
    ledger::LedgerBody,
    place::Place,
    reason::{Language, ReasonCode},
    right::Authority,
    rules::{Context, Decision, Knowledge, Reach, SeenBy, decide},
    time::TimeInterval,
};
use serde_json::json;

use super::{
    SEEN,
    rules::{context, exactly, with},
    ticket, used,
};

const HERE: DeviceId = DeviceId(1);
const THERE: DeviceId = DeviceId(2);
const NOON: &str = "22T18:00:00";

/// A venue for ten. Tickets 0 to 9 are leased to the north gate, the rest is the server's.
fn for_ten(policy: Policy) -> World {
    let mut world = with(json!({}), json!({}));
    world.bundle.rules.policy = policy;
    world.bundle.rules.capacity = serde_json::from_value(json!({ "persons": 10 })).unwrap();
    if policy == Policy::Strict {
        let serials = Serials::new(Serial(0), Serial(9)).unwrap();
        let (lease, device, gate) = (LeaseId(1), HERE, NORTH);
        append(&mut world, LedgerBody::Leased { lease, device, gate, serials });
    }
    world
}

fn append(world: &mut World, body: LedgerBody) {
    world.state.append(body, exactly(NOON)).unwrap();
}

fn share(world: &mut World, device: DeviceId, persons: u32) -> LeaseId {
    let lease = world.state.leases().next();
    let gate = if device == HERE { NORTH } else { SOUTH };
    let place = Place::Venue;
    append(world, LedgerBody::ShareLeased { lease, device, gate, place, persons });
    lease
}

/// Somebody came in by a device that decided so.
fn came_in(world: &mut World, serial: u32, device: DeviceId, authority: Authority) {
    let key = u8::try_from(serial + 100).unwrap();
    let mut used = used(world, serial, STATIC, key);
    (used.device, used.authority, used.at) = (device, authority, exactly(NOON));
    let number = u64::from(serial) + 1;
    append(world, LedgerBody::Redeemed { used, number, by_hand: false });
}

fn asked(reach: Reach) -> Context {
    let now: TimeInterval = exactly(NOON);
    Context { reach, ..context(now) }
}

/// What device 1 decides about a ticket, and with whose word.
fn decision(world: &World, serial: u32, reach: Reach) -> Decision {
    let bundle = world.open().unwrap();
    let rights = SeenBy { device: HERE, state: &world.state };
    let knowledge = Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &rights };
    let text = ticket(world, serial, STATIC);
    let decision = decide(&text, &knowledge, &asked(reach), &mut LinkCache::default());
    SEEN.with_borrow_mut(|seen| seen.insert(decision.verdict.code));
    let told = decision.verdict.sentence(Language::En, &bundle, &|at| at.0.to_string());
    assert!(!told.contains('{'), "{told}");
    decision
}

fn outcome(world: &World, serial: u32, reach: Reach) -> (ReasonCode, Authority) {
    let Decision { verdict, authority, .. } = decision(world, serial, reach);
    (verdict.code, authority)
}

pub(super) fn every_share() {
    use Authority::{Alone, Lease, Server};
    use ReasonCode::{Admitted, CapacityUnknown, NoRoomHere, VenueFull};
    let mut world = for_ten(Policy::Strict);
    // Nothing is leased of the room: only the server gives it, also on an own right.
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
    assert_eq!(outcome(&world, 0, Reach::Server), (Admitted, Server));
    // Others hold some: the same.
    share(&mut world, THERE, 4);
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
    // Room for two is the gate's own, until two have come in by its own word.
    let lease = share(&mut world, HERE, 2);
    assert_eq!(outcome(&world, 0, Reach::Nobody), (Admitted, Lease));
    assert_eq!(outcome(&world, 0, Reach::Server), (Admitted, Lease), "nobody is asked");
    came_in(&mut world, 1, HERE, Lease);
    came_in(&mut world, 12, HERE, Server);
    assert_eq!(outcome(&world, 0, Reach::Nobody), (Admitted, Lease), "the server's room isn't its");
    came_in(&mut world, 2, HERE, Lease);
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
    assert_eq!(outcome(&world, 0, Reach::Server), (Admitted, Server), "others may have some");
    // What the server asked for is the gate's no more, once it knows.
    share(&mut world, HERE, 1);
    assert_eq!(outcome(&world, 0, Reach::Nobody), (Admitted, Lease));
    append(&mut world, LedgerBody::ShareRecalled { lease, persons: 1 });
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
    // The other lane fills its share; nobody is counted twice, and then it is full for everybody.
    for serial in [13, 14, 15, 16, 17, 18] {
        came_in(&mut world, serial, THERE, Alone);
        assert_eq!(outcome(&world, 0, Reach::Server), (Admitted, Server), "{serial}");
    }
    came_in(&mut world, 19, THERE, Alone);
    assert_eq!(outcome(&world, 0, Reach::Server).0, VenueFull);
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, CapacityUnknown);
}

/// With `available` a cut-off gate counts what it knows, until room is leased.
#[test]
fn leased_room_binds_whatever_the_policy() {
    use ReasonCode::{Admitted, NoRoomHere};
    let mut world = for_ten(Policy::Available);
    assert_eq!(outcome(&world, 0, Reach::Nobody), (Admitted, Authority::Alone));
    share(&mut world, THERE, 4);
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
    share(&mut world, HERE, 1);
    assert_eq!(outcome(&world, 0, Reach::Nobody), (Admitted, Authority::Alone));
    came_in(&mut world, 1, HERE, Authority::Alone);
    assert_eq!(outcome(&world, 0, Reach::Nobody).0, NoRoomHere);
}
