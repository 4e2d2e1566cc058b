//! Who decides about strict rights.

use kaisatsu_fixtures::world::{NORTH, SOUTH, STATIC, VALID_FROM, World};
use kaisatsu_shared::{
    bundle::Policy,
    display::clock::LinkCache,
    id::{DeviceId, LeaseId, Serial},
    lease::Serials,
    ledger::LedgerBody,
    reason::{Language, ReasonCode},
    rules::{Answers, Context, Direction, Holder, Knowledge, Reach, Rights, SeenBy, decide},
    time::TimeInterval,
};

use super::{SEEN, scan_with, ticket, used, world};

const HERE: DeviceId = DeviceId(1);
const THERE: DeviceId = DeviceId(2);

fn strict() -> World {
    let mut world = world();
    world.bundle.rules.policy = Policy::Strict;
    // 0 to 2 are held here, 3 and 4 at the south gate, 5 by the server.
    for (lease, device, gate, first, last) in [(1, HERE, NORTH, 0, 2), (2, THERE, SOUTH, 3, 4)] {
        let serials = Serials::new(Serial(first), Serial(last)).unwrap();
        let lease = LeaseId(lease);
        append(&mut world, LedgerBody::Leased { lease, device, gate, serials });
    }
    world
}

fn append(world: &mut World, body: LedgerBody) {
    let now = TimeInterval::exact(VALID_FROM.to_millis());
    world.state.append(body, now).unwrap();
}

fn context(reach: Reach) -> Context {
    let now = TimeInterval::exact(VALID_FROM.to_millis().plus(3_600_000));
    Context { gate: NORTH, direction: Direction::Entry, reach, now, answers: Answers::NONE }
}

/// What device 1 decides.
fn decided(world: &World, serial: u32, reach: Reach) -> ReasonCode {
    let bundle = world.open().unwrap();
    let rights = SeenBy { device: HERE, state: &world.state };
    let knowledge = Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &rights };
    let text = ticket(world, serial, STATIC);
    let context = context(reach);
    let decision = decide(&text, &knowledge, &context, &mut LinkCache::default());
    SEEN.with_borrow_mut(|seen| seen.insert(decision.verdict.code));
    if decision.verdict.code == ReasonCode::LaneSilent {
        assert_eq!(decision.verdict.facts.lane, Some(SOUTH));
        let told = decision.verdict.sentence(Language::En, &bundle, &|at| at.0.to_string());
        assert!(told.contains("South"), "{told}");
    }
    decision.verdict.code
}

pub(super) fn every_holder() {
    use ReasonCode::{Admitted, AlreadyUsed, LaneSilent, ServerNeeded};
    let mut world = strict();
    for (serial, online, alone) in [
        (0, Admitted, Admitted),
        (2, Admitted, Admitted),
        (3, Admitted, LaneSilent),
        (4, Admitted, LaneSilent),
        (5, Admitted, ServerNeeded),
    ] {
        assert_eq!(decided(&world, serial, Reach::Server), online, "{serial} online");
        assert_eq!(decided(&world, serial, Reach::Nobody), alone, "{serial} alone");
    }
    // What is known to be used needs nobody's word.
    let entered = used(&world, 3, STATIC, 1);
    append(&mut world, LedgerBody::Redeemed { used: entered, number: 1, by_hand: false });
    assert_eq!(decided(&world, 3, Reach::Nobody), AlreadyUsed);
    // A type may have a policy of its own.
    world.bundle.rules.policy = Policy::Available;
    assert_eq!(decided(&world, 4, Reach::Nobody), Admitted);
    let mut types = world.bundle.rules.types.iter_mut();
    types.find(|known| known.id == STATIC).unwrap().admission.policy = Some(Policy::Strict);
    assert_eq!(decided(&world, 4, Reach::Nobody), LaneSilent);
    // Who follows no ledger as a device holds nothing.
    let asked = context(Reach::Nobody);
    let text = ticket(&world, 0, STATIC);
    assert_eq!(scan_with(&world, &text, asked).verdict.code, LaneSilent);
}

#[test]
fn what_is_asked_for_is_no_longer_held_by_who_knows() {
    let mut world = strict();
    let serials = Serials::one(Serial(1));
    append(&mut world, LedgerBody::Recalled { lease: LeaseId(1), serials });
    let rights = SeenBy { device: HERE, state: &world.state };
    let holders = [0, 1, 3, 5].map(|serial| rights.holder(Serial(serial)));
    let (here, there) = (Holder::Here(LeaseId(1)), Holder::Elsewhere(SOUTH));
    assert_eq!(holders, [here, Holder::Server, there, Holder::Server]);
}
