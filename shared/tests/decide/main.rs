//! What a scan decides: every reason by at least one case, edges by tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod by_hand;
mod capacity;
mod leases;
mod renewing;
mod rules;
mod shares;

use std::{cell::RefCell, collections::BTreeSet};

use kaisatsu_fixtures::world::{
    CLOCK, NORTH, SOUTH, STATIC, THREE, VALID_FROM, VALID_UNTIL, World,
};
use kaisatsu_shared::{
    bundle::{Policy, SignedBundle},
    display::clock::LinkCache,
    id::{ClaimKey, DeviceId, Epoch, EventId, Generation, KeyId, OperatorId, Serial, TypeId},
    key::{EventKey, ListedKey},
    ledger::{IssuedTicket, LedgerBody, ReissueReason, UnpaidTickets, VoidReason},
    reason::{Language, Outcome, ReasonCode},
    right::{Authority, RightRef, Use, UseKind},
    rules::{Answers, Context, Decision, Direction, Knowledge, Presented, Reach, decide, explain},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{self, ModePart},
};

thread_local! {
    static SEEN: RefCell<BTreeSet<ReasonCode>> = const { RefCell::new(BTreeSet::new()) };
}

/// Decides at the north gate with the server in reach.
fn scan(world: &World, text: &str, now: TimeInterval) -> Decision {
    scan_with(
        world,
        text,
        Context {
            gate: NORTH,
            direction: Direction::Entry,
            reach: Reach::Server,
            now,
            answers: Answers::NONE,
        },
    )
}

fn scan_with(world: &World, text: &str, context: Context) -> Decision {
    let bundle = world.open().unwrap();
    let knowledge =
        Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &world.state };
    let decision = decide(text, &knowledge, &context, &mut LinkCache::default());
    let explained = explain(Presented::Code(text), &knowledge, &context);
    assert_eq!(explained.decision(), &decision, "told and untold are one decision");
    let steps = explained.trail().steps();
    assert_eq!(steps.last().unwrap().said, Some(decision.verdict.code), "{steps:?}");
    SEEN.with_borrow_mut(|seen| seen.insert(decision.verdict.code));
    decision
}

#[track_caller]
fn expect(world: &World, text: &str, now: TimeInterval, code: ReasonCode) -> Decision {
    let decision = scan(world, text, now);
    assert_eq!(decision.verdict.code, code);
    decision
}

fn world() -> World {
    let mut world = World::new();
    world.issue(STATIC, 10).unwrap();
    world.issue(CLOCK, 10).unwrap();
    world.issue(THREE, 10).unwrap();
    world
}

fn ticket(world: &World, serial: u32, ticket_type: TypeId) -> String {
    clock_ticket(world, serial, ticket_type, 0)
}

fn clock_ticket(world: &World, serial: u32, ticket_type: TypeId, step: u16) -> String {
    world.text(world.body(Serial(serial), Generation::FIRST, ticket_type), step).unwrap()
}

fn used(world: &World, serial: u32, ticket_type: TypeId, claim: u8) -> Use {
    Use {
        right: RightRef {
            event: world.event,
            serial: Serial(serial),
            generation: Generation::FIRST,
            fingerprint: world.fingerprint(Serial(serial), Generation::FIRST, ticket_type),
        },
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([claim; 16]),
        gate: SOUTH,
        device: DeviceId(2),
        operator: OperatorId(0),
        epoch: Epoch(0),
        at: World::at(60),
        authority: Authority::Server,
    }
}

fn parsing(world: &World) {
    let now = World::at(100);
    let good = ticket(world, 0, STATIC);
    expect(world, "https://example.com/ticket/1", now, ReasonCode::ForeignCode);
    expect(world, "", now, ReasonCode::ForeignCode);
    expect(world, &good[..good.len() - 3], now, ReasonCode::Malformed);
    expect(world, "KS2:ABC", now, ReasonCode::NewerFormat);
    let clock = clock_ticket(world, 10, CLOCK, 10);
    let shown = token::decode(&clock).unwrap();
    let stripped = base45::encode(shown.token.to_bytes());
    expect(world, &format!("KS1:{stripped}"), now, ReasonCode::DisplayMissing);
    let mut body = world.body(Serial(0), Generation::FIRST, STATIC);
    body.mode = ModePart::Wallet;
    let mut reissued = World::new();
    let fingerprints = vec![body.fingerprint(world.installation, false)];
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: STATIC,
        entries: 1,
        fingerprints,
        unpaid: UnpaidTickets::NONE,
    };
    reissued.state.append(issued, now).unwrap();
    let display = token::Display::Wallet { time: VALID_FROM, value: 12_345_678 };
    let shown = token::Shown::new(world.key.sign(world.installation, body), display).unwrap();
    expect(&reissued, &token::encode(&shown), now, ReasonCode::ModeUnsupported);
}

fn authenticity(world: &World) {
    let now = World::at(100);
    let mut body = world.body(Serial(0), Generation::FIRST, STATIC);
    body.event = EventId(8);
    expect(world, &world.text(body, 0).unwrap(), now, ReasonCode::WrongEvent);

    let mut thief = World::new();
    thief.key = EventKey::from_seed(KeyId(1), [66; 32]);
    expect(world, &ticket(&thief, 0, STATIC), now, ReasonCode::Forged);
    thief.key = EventKey::from_seed(KeyId(9), [66; 32]);
    expect(world, &ticket(&thief, 0, STATIC), now, ReasonCode::UnknownKey);

    // The stolen signing key signs well, but can't know the roster's secrets.
    let mut body = world.body(Serial(0), Generation::FIRST, STATIC);
    body.secret = token::Secret::from_bytes([66; 12]);
    expect(world, &world.text(body, 0).unwrap(), now, ReasonCode::NotIssued);
}

fn membership(world: &mut World) {
    let now = World::at(100);
    let old = ticket(world, 1, STATIC);
    let fingerprint = world.fingerprint(Serial(1), Generation(2), STATIC);
    let reissue = IssuedTicket {
        serial: Serial(1),
        generation: Generation(2),
        fingerprint,
        reason: ReissueReason::Other,
    };
    world.state.append(LedgerBody::Reissued(reissue), now).unwrap();
    expect(world, &old, now, ReasonCode::Superseded);
    let new = world.text(world.body(Serial(1), Generation(2), STATIC), 0).unwrap();
    expect(world, &new, now, ReasonCode::Admitted);

    world
        .state
        .append(LedgerBody::Voided { serial: Serial(2), reason: VoidReason::Refunded }, now)
        .unwrap();
    expect(world, &ticket(world, 2, STATIC), now, ReasonCode::Voided);

    // Beyond the roster: the server knows; without it, review, unless issuing is closed.
    let newer = ticket(world, 1_000, STATIC);
    let alone = Context {
        gate: NORTH,
        direction: Direction::Entry,
        reach: Reach::Nobody,
        now,
        answers: Answers::NONE,
    };
    expect(world, &newer, now, ReasonCode::Admitted);
    assert_eq!(scan_with(world, &newer, alone).verdict.code, ReasonCode::NotInRoster);
    world.bundle.roster_complete = true;
    assert_eq!(scan_with(world, &newer, alone).verdict.code, ReasonCode::NotIssued);
    expect(world, &newer, now, ReasonCode::NotIssued);
    world.bundle.roster_complete = false;

    // Perhaps issued in what a restored server lost: somebody in charge decides, here and at the server.
    let mut restored = world.state.clone();
    restored.enter_epoch(Epoch(9), now).unwrap();
    let settled = LedgerBody::Settled { first_free: Serial(1_001) };
    restored.append(settled, now).unwrap();
    core::mem::swap(&mut world.state, &mut restored);
    expect(world, &newer, now, ReasonCode::ServerRestored);
    let out = Context { direction: Direction::Exit, ..alone };
    assert_eq!(scan_with(world, &newer, out).verdict.code, ReasonCode::ExitedUnseen);
    core::mem::swap(&mut world.state, &mut restored);

    // A retired key's tickets stay valid, but it can't sign new ones.
    let next = EventKey::from_seed(KeyId(2), [2; 32]);
    world.bundle.keys[0].current = false;
    world.bundle.keys.push(ListedKey { id: KeyId(2), public: next.public(), current: true });
    expect(world, &ticket(world, 0, STATIC), now, ReasonCode::Admitted);
    assert_eq!(scan_with(world, &newer, alone).verdict.code, ReasonCode::NotIssued);
    world.bundle.keys.truncate(1);
    world.bundle.keys[0].current = true;
}

fn validity(world: &World) {
    let text = ticket(world, 0, STATIC);
    let (from, until) = (VALID_FROM.to_millis(), VALID_UNTIL.to_millis());
    for (now, code) in [
        (TimeInterval::exact(UnixMillis(0)), ReasonCode::NotYetValid),
        (TimeInterval::exact(from.minus(1)), ReasonCode::NotYetValid),
        (TimeInterval::exact(from), ReasonCode::Admitted),
        (TimeInterval::exact(until.minus(1)), ReasonCode::Admitted),
        (TimeInterval::exact(until), ReasonCode::Expired),
        (TimeInterval::around(from, 1_000), ReasonCode::ClockUnsure),
        (TimeInterval::around(until, 1), ReasonCode::ClockUnsure),
        (TimeInterval::around(from.plus(1_000), 1_000), ReasonCode::Admitted),
        (TimeInterval { earliest: UnixMillis(0), latest: from.minus(1) }, ReasonCode::NotYetValid),
        (TimeInterval::exact(UnixMillis(u64::MAX)), ReasonCode::Expired),
    ] {
        expect(world, &text, now, code);
    }
}

fn gates_and_types(world: &mut World) {
    let now = World::at(100);
    let three = ticket(world, 20, THREE);
    expect(world, &three, now, ReasonCode::Admitted);
    let south = Context {
        gate: SOUTH,
        direction: Direction::Entry,
        reach: Reach::Server,
        now,
        answers: Answers::NONE,
    };
    let refused = scan_with(world, &three, south).verdict;
    assert_eq!((refused.code, refused.facts.right_gate), (ReasonCode::WrongGate, Some(NORTH)));
    let types = world.bundle.rules.types.clone();
    world.bundle.rules.types.truncate(2);
    expect(world, &three, now, ReasonCode::UnknownType);
    world.bundle.rules.types = types;
    let not_after = world.bundle.not_after;
    world.bundle.not_after = now.latest;
    expect(world, &three, now, ReasonCode::BundleExpired);
    world.bundle.not_after = not_after;
}

fn freshness(world: &World) {
    // At second 1000 the true step T is 100.
    let now = World::at(1_000);
    for (step, code) in [
        (0, ReasonCode::DisplayStale),
        (90, ReasonCode::DisplayStale),
        (91, ReasonCode::DisplayBehind),
        (97, ReasonCode::DisplayBehind),
        (98, ReasonCode::Admitted),
        (101, ReasonCode::Admitted),
        (102, ReasonCode::DisplayAhead),
        (109, ReasonCode::DisplayAhead),
        (110, ReasonCode::DisplayStale),
    ] {
        expect(world, &clock_ticket(world, 10, CLOCK, step), now, code);
    }
    // An uncertain clock: fresh only where every instant agrees.
    let unsure = |around: u64| TimeInterval::around(World::at(1_005).earliest, around);
    expect(world, &clock_ticket(world, 10, CLOCK, 100), unsure(4_000), ReasonCode::Admitted);
    expect(world, &clock_ticket(world, 10, CLOCK, 98), unsure(6_000), ReasonCode::DisplayBehind);
    expect(world, &clock_ticket(world, 10, CLOCK, 101), unsure(6_000), ReasonCode::DisplayAhead);
    expect(world, &clock_ticket(world, 10, CLOCK, 100), unsure(60_000), ReasonCode::ClockUnsure);
    expect(world, &clock_ticket(world, 10, CLOCK, 100), unsure(600_000), ReasonCode::ClockUnsure);
    // Another ticket's link.
    let mine = token::decode(&clock_ticket(world, 10, CLOCK, 100)).unwrap();
    let theirs = token::decode(&clock_ticket(world, 11, CLOCK, 100)).unwrap();
    let mixed = token::Shown::new(mine.token, theirs.display).unwrap();
    expect(world, &token::encode(&mixed), now, ReasonCode::DisplayForged);
}

fn counting(world: &mut World) {
    let now = World::at(100);
    let one = ticket(world, 3, STATIC);
    let granted = used(world, 3, STATIC, 1);
    world.state.append(LedgerBody::Granted(granted), now).unwrap();
    let waiting = expect(world, &one, now, ReasonCode::BeingAdmitted);
    assert_eq!(waiting.verdict.facts.last_use.unwrap().gate, SOUTH);
    world
        .state
        .append(LedgerBody::Redeemed { used: granted, number: 1, by_hand: false }, now)
        .unwrap();
    let denied = expect(world, &one, now, ReasonCode::AlreadyUsed);
    assert_eq!(denied.verdict.facts.last_use.unwrap().at, World::at(60));
    world
        .state
        .append(LedgerBody::Interrupted { serial: Serial(3), device: DeviceId(2), number: 1 }, now)
        .unwrap();
    expect(world, &one, now, ReasonCode::Interrupted);

    let three = ticket(world, 21, THREE);
    for (claim, left) in [(10, 2), (11, 1), (12, 0)] {
        let admitted = expect(world, &three, now, ReasonCode::Admitted);
        assert_eq!(admitted.verdict.facts.left, Some(left));
        let used = used(world, 21, THREE, claim);
        world
            .state
            .append(LedgerBody::Redeemed { used, number: u64::from(claim), by_hand: false }, now)
            .unwrap();
    }
    expect(world, &three, now, ReasonCode::AlreadyUsed);

    world.bundle.rules.policy = Policy::OnlineOnly;
    let alone = Context {
        gate: NORTH,
        direction: Direction::Entry,
        reach: Reach::Nobody,
        now,
        answers: Answers::NONE,
    };
    let code = scan_with(world, &ticket(world, 4, STATIC), alone).verdict.code;
    assert_eq!(code, ReasonCode::ServerNeeded);
    expect(world, &ticket(world, 4, STATIC), now, ReasonCode::Admitted);
    world.bundle.rules.policy = Policy::Available;
}

/// Reasons that the gate engine gives, not `decide`; its own tests cover them.
const OF_THE_ENGINE: [ReasonCode; 10] = [
    ReasonCode::AdmittedAfterInterruption,
    ReasonCode::AdmittedByOverride,
    ReasonCode::ClaimRefused,
    ReasonCode::CannotRecord,
    ReasonCode::GateRevoked,
    // From the server's answer to a claim.
    ReasonCode::Recalling,
    ReasonCode::OtherLane,
    ReasonCode::RoomRecalling,
    ReasonCode::RoomHeld,
    ReasonCode::LaneLost,
];

#[test]
fn every_reason_is_produced() {
    let mut world = world();
    parsing(&world);
    authenticity(&world);
    validity(&world);
    freshness(&world);
    membership(&mut world);
    gates_and_types(&mut world);
    counting(&mut world);
    rules::every_rule();
    capacity::every_place();
    renewing::every_rule();
    by_hand::by_hand();
    leases::every_holder();
    shares::every_share();
    let produced = SEEN.with_borrow(Clone::clone);
    let missing: Vec<_> = ReasonCode::ALL
        .iter()
        .filter(|code| !produced.contains(code) && !OF_THE_ENGINE.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case produces {missing:?}");
}

#[test]
fn bundles_open_only_with_their_signature() {
    let mut world = World::new();
    let signed = SignedBundle::sign(&world.bundle, &world.root).unwrap();
    let open = signed.open(&world.root.public(), world.installation).unwrap();
    assert_eq!(*open, world.bundle);
    let mut changed = signed.clone();
    changed.document = changed.document.replace("\"available\"", "\"online-only\"");
    assert!(changed.open(&world.root.public(), world.installation).is_err());
    world.bundle.format = 2;
    let newer = SignedBundle::sign(&world.bundle, &world.root).unwrap();
    let error = newer.open(&world.root.public(), world.installation).unwrap_err().to_string();
    assert!(error.contains("update the gate"), "{error}");
    world.bundle.format = 1;
    world.bundle.version = 0;
    let older = world.open().unwrap();
    assert!(open.accept_newer(&older).is_err());
    assert!(older.accept_newer(&open).is_ok());
}

#[test]
fn sentences_name_the_numbers_in_both_languages() {
    let mut world = world();
    let now = World::at(300);
    let used = used(&world, 3, STATIC, 1);
    world.state.append(LedgerBody::Redeemed { used, number: 1, by_hand: false }, now).unwrap();
    let verdict = scan(&world, &ticket(&world, 3, STATIC), now).verdict;
    assert_eq!(verdict.outcome(), Outcome::Deny);
    let bundle = world.open().unwrap();
    let format = |at: UnixMillis| format!("+{}s", at.to_seconds().0 - VALID_FROM.0);
    assert_eq!(
        verdict.sentence(Language::En, &bundle, &format),
        "Used at South Gate +60s, 4 min ago"
    );
    assert_eq!(verdict.sentence(Language::Ja, &bundle, &format), "+60s（4分前）に南口で使用済み");
    let early =
        scan(&world, &ticket(&world, 0, STATIC), TimeInterval::exact(UnixMillis(0))).verdict;
    let format = |at: UnixMillis| format!("{}", at.to_seconds().0);
    let UnixSeconds(from) = VALID_FROM;
    assert_eq!(
        early.sentence(Language::En, &bundle, &format),
        format!("Not valid yet: opens {from}, now 0")
    );
}
