//! How many fit into the venue, a zone and a slot, by tables.

use kaisatsu_fixtures::world::{NORTH, SOUTH, STATIC, THREE, World};
use kaisatsu_shared::{
    bundle::Zone,
    id::{ClaimKey, GateId, OperatorId, Serial, ZoneId},
    ledger::{AskedAt, LedgerBody},
    reason::{Language, ReasonCode},
    right::{OverrideReason, UseKind},
    rules::{Answers, Context, Direction, Knowledge, Look, Presented, Reach, explain},
    time::TimeInterval,
};
use serde_json::{Value, json};

use super::{
    rules::{at, context, exactly, slot, with},
    scan_with, ticket, used,
};

/// Every place, for the test that each reason is produced.
pub(super) fn every_place() {
    venue();
    zones();
    slots();
    closing();
    warning();
}

/// A venue for two, with groups on the tickets for three.
fn of_two(beyond: &str) -> World {
    let mut world =
        with(json!({"presence": {"reentry": "after_exit"}}), json!({"closing": "04:00:00"}));
    set(&mut world, json!({"persons": 2, "beyond": beyond}));
    world
}

fn set(world: &mut World, capacity: Value) {
    world.bundle.rules.capacity = serde_json::from_value(capacity).unwrap();
}

/// Somebody passes the gate on a ticket; the number is also the claim's.
fn pass(world: &mut World, number: u8, serial: u32, kind: UseKind, gate: GateId, at: TimeInterval) {
    let mut used = used(world, serial, if serial < 10 { STATIC } else { THREE }, number);
    (used.kind, used.gate, used.at) = (kind, gate, at);
    world
        .state
        .append(LedgerBody::Redeemed { used, number: u64::from(number), by_hand: false }, at)
        .unwrap();
}

fn enter(world: &mut World, number: u8, serial: u32, text: &str) {
    pass(world, number, serial, UseKind::Entry, SOUTH, exactly(text));
}

/// What ticket 0 gets at the north gate.
fn first(world: &World, text: &str, reach: Reach) -> ReasonCode {
    persons(world, text, reach, 1)
}

fn persons(world: &World, text: &str, reach: Reach, count: u8) -> ReasonCode {
    let answers = Answers { persons: Some(count), ..Answers::NONE };
    let context = Context { reach, answers, ..context(exactly(text)) };
    let serial = if count > 1 { 20 } else { 0 };
    let shown = ticket(world, serial, if count > 1 { THREE } else { STATIC });
    scan_with(world, &shown, context).verdict.code
}

fn venue() {
    use ReasonCode::{Admitted, CapacityUnknown, VenueFull};
    let (server, nobody) = (Reach::Server, Reach::Nobody);
    let mut world = of_two("deny");
    enter(&mut world, 1, 1, "22T18:00:00");
    assert_eq!(first(&world, "22T18:01:00", server), Admitted, "one place is left");
    assert_eq!(persons(&world, "22T18:01:00", server, 2), VenueFull, "but not two");
    enter(&mut world, 2, 2, "22T18:02:00");
    assert_eq!(first(&world, "22T18:03:00", server), VenueFull);
    // Cut off it can't know who has left; a ticket that is no good is still no good.
    assert_eq!(first(&world, "22T18:03:00", nobody), CapacityUnknown);
    let used = scan_with(&world, &ticket(&world, 1, STATIC), context(exactly("22T18:03:00")));
    assert_eq!(used.verdict.code, ReasonCode::StillInside);
    // Whoever leaves makes room, by whichever gate; the exit itself is never refused.
    let leaving = Context { direction: Direction::Exit, ..context(exactly("22T18:04:00")) };
    let left = scan_with(&world, &ticket(&world, 1, STATIC), leaving).verdict.code;
    assert_eq!(left, ReasonCode::Exited);
    pass(&mut world, 3, 1, UseKind::Exit, NORTH, exactly("22T18:04:00"));
    assert_eq!(first(&world, "22T18:05:00", server), Admitted);
    // Who is being admitted elsewhere has a place, unless the claim is given up.
    let (serial, claim) = (Serial(3), ClaimKey([4; 16]));
    let granted = super::used(&world, 3, STATIC, 4);
    world.state.append(LedgerBody::Granted(granted), exactly("22T18:05:00")).unwrap();
    assert_eq!(first(&world, "22T18:06:00", server), VenueFull);
    let given_up = LedgerBody::Abandoned { serial, claim, device: granted.device };
    world.state.append(given_up, exactly("22T18:06:00")).unwrap();
    assert_eq!(first(&world, "22T18:06:00", server), Admitted);
    // Who was let in against the rules is inside, too.
    let by = AskedAt {
        device: granted.device,
        gate: NORTH,
        operator: OperatorId(1),
        at: exactly("22T18:07:00"),
    };
    let (code, reason) = (ReasonCode::VenueFull, OverrideReason::Courtesy);
    let let_in = LedgerBody::Overridden { serial, count: 1, code, reason, number: 9, by };
    world.state.append(let_in, by.at).unwrap();
    assert_eq!(first(&world, "22T18:08:00", server), VenueFull);
    // Who was recorded by mistake isn't.
    let annulled =
        LedgerBody::Annulled { serial: Serial(2), device: granted.device, number: 2, by };
    world.state.append(annulled, by.at).unwrap();
    assert_eq!(first(&world, "22T18:08:00", server), Admitted);
}

fn closing() {
    use ReasonCode::{Admitted, ClockUnsure, VenueFull};
    let mut world = of_two("deny");
    enter(&mut world, 1, 1, "22T18:00:00");
    enter(&mut world, 2, 2, "22T18:00:00");
    assert_eq!(first(&world, "23T03:59:59.999", Reach::Server), VenueFull);
    assert_eq!(first(&world, "23T04:00:00", Reach::Server), Admitted, "everybody has left");
    let edge = context(TimeInterval::around(at("23T04:00:00"), 1));
    let unsure = scan_with(&world, &ticket(&world, 0, STATIC), edge).verdict.code;
    assert_eq!(unsure, ClockUnsure);
}

fn zones() {
    let mut world = of_two("deny");
    let capacity = serde_json::from_value(json!({"persons": 1})).unwrap();
    let zone = |id, capacity| Zone { id: ZoneId(id), name: Default::default(), capacity };
    world.bundle.rules.zones = vec![zone(1, capacity), zone(2, None)];
    world.bundle.rules.capacity = None;
    world.bundle.rules.gates[0].into = Some(ZoneId(1));
    world.bundle.rules.gates[1].into = Some(ZoneId(2));
    enter(&mut world, 1, 1, "22T18:00:00");
    assert_eq!(
        first(&world, "22T18:01:00", Reach::Server),
        ReasonCode::Admitted,
        "it was the other zone"
    );
    pass(&mut world, 2, 2, UseKind::Entry, NORTH, exactly("22T18:02:00"));
    let verdict =
        scan_with(&world, &ticket(&world, 0, STATIC), context(exactly("22T18:03:00"))).verdict;
    assert_eq!(verdict.code, ReasonCode::ZoneFull);
    let facts = verdict.facts;
    assert_eq!((facts.zone, facts.inside, facts.limit), (Some(ZoneId(1)), Some(1), Some(1)));
}

fn slots() {
    use ReasonCode::{Admitted, SlotFull};
    let mut first_slot = slot(1, "22T18:00:00", "22T19:00:00");
    first_slot["capacity"] = json!({"persons": 1});
    let calendar = |second: Value| json!({"slots": [first_slot.clone(), second]});
    let both = json!({"schedule": {"slots": [1, 2]}});
    let second = slot(2, "22T19:00:00", "22T20:00:00");
    let mut world = with(both.clone(), calendar(second.clone()));
    assert_eq!(first(&world, "22T18:00:00", Reach::Server), Admitted);
    // Before its first instant nobody comes in for the slot.
    enter(&mut world, 1, 1, "22T17:44:59");
    assert_eq!(first(&world, "22T18:00:00", Reach::Server), Admitted);
    enter(&mut world, 2, 2, "22T17:45:00");
    assert_eq!(first(&world, "22T18:44:59", Reach::Server), SlotFull);
    assert_eq!(first(&world, "22T18:45:00", Reach::Server), Admitted, "the next slot has room");
    // A type of ticket that the slot doesn't admit takes no place in it.
    let mut world = with(both.clone(), calendar(second.clone()));
    world.bundle.rules.types[2].admission = Default::default();
    enter(&mut world, 1, 20, "22T18:00:00");
    assert_eq!(first(&world, "22T18:01:00", Reach::Server), Admitted);
    let mut full = second;
    full["capacity"] = json!({"persons": 1, "beyond": "warn"});
    let mut world = with(both, calendar(full));
    enter(&mut world, 1, 1, "22T18:50:00");
    let code = first(&world, "22T18:51:00", Reach::Server);
    assert_eq!(code, ReasonCode::AdmittedOverCapacity, "a slot that only warns is the better one");
}

fn warning() {
    let mut world = of_two("warn");
    enter(&mut world, 1, 1, "22T18:00:00");
    assert_eq!(first(&world, "22T18:01:00", Reach::Server), ReasonCode::Admitted);
    enter(&mut world, 2, 2, "22T18:00:00");
    for reach in [Reach::Server, Reach::Nobody] {
        assert_eq!(first(&world, "22T18:01:00", reach), ReasonCode::AdmittedOverCapacity);
    }
    let verdict =
        scan_with(&world, &ticket(&world, 0, STATIC), context(exactly("22T18:01:00"))).verdict;
    let bundle = world.open().unwrap();
    let sentence = verdict.sentence(Language::En, &bundle, &|_| String::new());
    assert_eq!(sentence, "Let them in. It is full: 2 inside, made for 2");
}

/// What a group of three is asked at the north gate: how many of it may enter, at most.
fn most(world: &World, now: TimeInterval, reach: Reach) -> (ReasonCode, Option<u32>) {
    let context = Context { reach, ..context(now) };
    let verdict = scan_with(world, &ticket(world, 20, THREE), context).verdict;
    (verdict.code, verdict.facts.left)
}

/// The same at a time known exactly, with the server in reach.
fn asked(world: &World, text: &str) -> (ReasonCode, Option<u32>) {
    most(world, exactly(text), Reach::Server)
}

fn group(calendar: Value) -> World {
    with(json!({"group": true, "schedule": {"slots": [1, 2]}}), calendar)
}

#[test]
fn a_group_is_asked_for_as_many_as_fit() {
    use ReasonCode::{Admitted, AskPersons, CapacityUnknown, VenueFull};
    let mut world = with(json!({"group": true}), json!({}));
    set(&mut world, json!({"persons": 4}));
    let text = "22T18:01:00";
    assert_eq!(asked(&world, text), (AskPersons, Some(3)), "the ticket is for three");
    enter(&mut world, 1, 1, "22T18:00:00");
    assert_eq!(asked(&world, text), (AskPersons, Some(3)), "just as many fit");
    for left in [2, 1] {
        let number = 5 - left;
        enter(&mut world, number, u32::from(number), "22T18:00:00");
        let most_now = u32::from(left);
        assert_eq!(asked(&world, text), (AskPersons, Some(most_now)));
        // Cut off it asks for as many as fit as far as it knows; one more is what it can't know.
        let alone = most(&world, exactly(text), Reach::Nobody);
        assert_eq!(alone, (AskPersons, Some(most_now)));
        assert_eq!(persons(&world, text, Reach::Server, left), Admitted);
        assert_eq!(persons(&world, text, Reach::Server, left + 1), VenueFull);
        assert_eq!(persons(&world, text, Reach::Nobody, left + 1), CapacityUnknown);
    }
    enter(&mut world, 9, 9, "22T18:00:00");
    assert_eq!(asked(&world, text), (VenueFull, None), "nobody is asked about where nobody fits");
    // A capacity that only warns bounds nothing.
    set(&mut world, json!({"persons": 4, "beyond": "warn"}));
    assert_eq!(asked(&world, text), (AskPersons, Some(3)));
    set(&mut world, json!({"persons": 5, "beyond": "warn"}));
    assert_eq!(asked(&world, text), (AskPersons, Some(3)));
    // What is left on the ticket is what is said of those who enter.
    set(&mut world, json!({"persons": 5}));
    let answers = Answers { persons: Some(1), ..Answers::NONE };
    let one = Context { answers, ..context(exactly(text)) };
    let verdict = scan_with(&world, &ticket(&world, 20, THREE), one).verdict;
    assert_eq!((verdict.code, verdict.facts.left), (Admitted, Some(2)));
}

#[test]
fn the_trail_says_how_many_fit() {
    let mut world = with(json!({"group": true}), json!({}));
    set(&mut world, json!({"persons": 2}));
    let bundle = world.open().unwrap();
    let rights = &world.state;
    let knowledge = Knowledge { bundle: &bundle, roster: rights.roster(), rights };
    let text = ticket(&world, 20, THREE);
    let free = |answers| {
        let context = Context { answers, ..context(exactly("22T18:00:00")) };
        let explained = explain(Presented::Code(&text), &knowledge, &context);
        let mut steps = explained.trail().steps().iter();
        steps.find_map(|step| match step.look {
            Look::Answers { free, .. } => Some(free),
            _ => None,
        })
    };
    assert_eq!(free(Answers::NONE), Some(Some(2)));
    let answers = Answers { persons: Some(2), ..Answers::NONE };
    assert_eq!(free(answers), Some(None), "once it is answered it isn't asked");
}

#[test]
fn the_smallest_place_bounds_a_group() {
    let mut world = with(json!({"group": true}), json!({}));
    set(&mut world, json!({"persons": 3}));
    let capacity = serde_json::from_value(json!({"persons": 2})).unwrap();
    world.bundle.rules.zones =
        vec![Zone { id: ZoneId(1), name: Default::default(), capacity: Some(capacity) }];
    world.bundle.rules.gates[0].into = Some(ZoneId(1));
    let text = "22T18:01:00";
    assert_eq!(asked(&world, text), (ReasonCode::AskPersons, Some(2)), "the zone is smaller");
    // Who came in by the other gate is in the venue, but not in the zone.
    enter(&mut world, 1, 1, "22T18:00:00");
    assert_eq!(asked(&world, text), (ReasonCode::AskPersons, Some(2)));
    enter(&mut world, 2, 2, "22T18:00:00");
    assert_eq!(asked(&world, text), (ReasonCode::AskPersons, Some(1)), "now the venue is");
}

#[test]
fn a_group_enters_on_the_open_slot_with_most_room() {
    let timed = |id, persons: u32, beyond: &str| {
        let mut slot = slot(id, "22T18:00:00", "22T20:00:00");
        slot["capacity"] = json!({"persons": persons, "beyond": beyond});
        slot
    };
    let with = |first, second| group(json!({"slots": [first, second]}));
    let text = "22T18:30:00";
    let code = ReasonCode::AskPersons;
    for (first, second, expected) in [
        (timed(1, 1, "deny"), timed(2, 2, "deny"), 2),
        (timed(1, 2, "deny"), timed(2, 1, "deny"), 2),
        (timed(1, 1, "deny"), timed(2, 9, "deny"), 3),
        (timed(1, 1, "deny"), timed(2, 1, "warn"), 3),
        (timed(1, 2, "deny"), timed(2, 1, "warn"), 3),
        (timed(1, 1, "deny"), slot(2, "22T18:00:00", "22T20:00:00"), 3),
    ] {
        let world = with(first, second);
        assert_eq!(asked(&world, text), (code, Some(expected)));
        assert_eq!(persons(&world, text, Reach::Server, 1), ReasonCode::Admitted);
        let largest = u8::try_from(expected).unwrap();
        assert!(persons(&world, text, Reach::Server, largest).outcome().passes());
        if expected < 3 {
            assert_eq!(persons(&world, text, Reach::Server, largest + 1), ReasonCode::SlotFull);
        }
    }
    // A slot that isn't open at the time bounds nothing.
    let mut early = slot(1, "22T16:00:00", "22T17:00:00");
    early["capacity"] = json!({"persons": 9});
    let world = with(early, timed(2, 1, "deny"));
    assert_eq!(asked(&world, text), (code, Some(1)));
}

#[test]
fn at_every_instant_of_the_clock_as_many_must_fit() {
    let mut world = with(json!({"group": true}), json!({"closing": "04:00:00"}));
    set(&mut world, json!({"persons": 3}));
    enter(&mut world, 1, 1, "22T18:00:00");
    let around = |text: &str| TimeInterval::around(at(text), 1);
    let server = Reach::Server;
    let code = ReasonCode::AskPersons;
    assert_eq!(most(&world, exactly("23T03:59:59.999"), server), (code, Some(2)));
    assert_eq!(most(&world, exactly("23T04:00:00"), server), (code, Some(3)));
    assert_eq!(most(&world, around("23T04:00:00"), server), (code, Some(2)), "perhaps not closed");
}

#[test]
fn a_capacity_of_nobody_is_refused() {
    let refused = serde_json::from_value::<kaisatsu_shared::rules::Capacity>(json!({"persons": 0}));
    assert!(refused.unwrap_err().to_string().contains("nonzero"));
}
