//! Guests who show no code, let in by hand.

use kaisatsu_fixtures::world::{NORTH, STATIC, THREE, World};
use kaisatsu_shared::{
    id::{Generation, Serial, TypeId},
    ledger::LedgerBody,
    operator::Role,
    reason::{Outcome, ReasonCode},
    right::RightRef,
    rules::{
        AdmittedBy, Answers, Check, Context, Decision, Direction, Knowledge, Presented, Reach,
        Search, SearchBy, decide_by_hand, explain, prejudge_by_hand,
    },
    time::TimeInterval,
};

use super::{SEEN, used, world};

const YES: Answers = Answers { holder: Some(true), ..Answers::NONE };

fn with(admit: AdmittedBy) -> World {
    let mut world = world();
    world.bundle.rules.search = Some(Search { by: SearchBy::Code, names: false, admit });
    world
}

const fn context(now: TimeInterval, answers: Answers) -> Context {
    Context { gate: NORTH, direction: Direction::Entry, reach: Reach::Server, now, answers }
}

/// What the server says, and what the gate can say before.
fn both(
    world: &World,
    (serial, ticket_type): (u32, TypeId),
    role: Option<Role>,
    context: &Context,
) -> (Decision, Decision) {
    let bundle = world.open().unwrap();
    let knowledge =
        Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &world.state };
    let body = world.body(Serial(serial), Generation::FIRST, ticket_type);
    let fingerprint = body.fingerprint(world.installation, false);
    let right = RightRef {
        event: world.event,
        serial: Serial(serial),
        generation: Generation::FIRST,
        fingerprint,
    };
    let token = world.key.sign(world.installation, body);
    let decision = decide_by_hand(&token, role, &knowledge, context);
    let explained = explain(Presented::ByHand(&token, role), &knowledge, context);
    assert_eq!(explained.decision(), &decision, "told and untold are one decision");
    SEEN.with_borrow_mut(|seen| seen.insert(decision.verdict.code));
    let before = prejudge_by_hand(&right, role, &knowledge, context);
    assert_eq!(before.right, Some(right));
    (decision, before)
}

#[track_caller]
fn expect(
    world: &World,
    ticket: (u32, TypeId),
    role: Option<Role>,
    context: &Context,
    code: ReasonCode,
) {
    let (decision, before) = both(world, ticket, role, context);
    assert_eq!((decision.verdict.code, before.verdict.code), (code, code));
}

pub(super) fn by_hand() {
    use ReasonCode::{
        Admitted, ByHandOff, ByHandOffline, ByHandRole, ConfirmHolder, IdentityMismatch,
    };
    let (staff, lead) = (Some(Role::Staff), Some(Role::Lead));
    let now = World::at(60);
    let one = (0, STATIC);
    let off = world();
    for role in [None, staff, lead] {
        expect(&off, one, role, &context(now, YES), ByHandOff);
    }
    for (admit, codes) in [
        (AdmittedBy::Nobody, [ByHandOff, ByHandOff, ByHandOff]),
        (AdmittedBy::Leads, [ByHandRole, ByHandRole, Admitted]),
        (AdmittedBy::Staff, [ByHandRole, Admitted, Admitted]),
    ] {
        let world = with(admit);
        for (role, code) in [None, staff, lead].into_iter().zip(codes) {
            expect(&world, one, role, &context(now, YES), code);
        }
    }
    let world = with(AdmittedBy::default());
    let alone = Context { reach: Reach::Nobody, ..context(now, YES) };
    expect(&world, one, lead, &alone, ByHandOffline);
    expect(&world, one, lead, &context(now, Answers::NONE), ConfirmHolder);
    let no = Answers { holder: Some(false), ..Answers::NONE };
    expect(&world, one, lead, &context(now, no), IdentityMismatch);
    assert_eq!(ConfirmHolder.outcome(), Outcome::Review);
}

#[test]
fn by_hand_the_rules_of_a_scan_hold() {
    use ReasonCode::{Admitted, AlreadyUsed, CheckIdentity, NotYetValid};
    let lead = Some(Role::Lead);
    let mut world = with(AdmittedBy::Leads);
    let (now, one) = (World::at(60), (0, STATIC));
    // Only the ticket says when it is valid, so only the server knows.
    let early = TimeInterval::exact(World::at(0).earliest.minus(1));
    let (decision, before) = both(&world, one, lead, &context(early, YES));
    assert_eq!((decision.verdict.code, before.verdict.code), (NotYetValid, Admitted));
    expect(&world, one, lead, &context(World::at(0), YES), Admitted);
    let body = LedgerBody::Redeemed { used: used(&world, 0, STATIC, 1), number: 1, by_hand: true };
    world.state.append(body, now).unwrap();
    expect(&world, one, lead, &context(now, YES), AlreadyUsed);
    let (decision, before) = both(&world, (20, THREE), lead, &context(now, YES));
    assert_eq!((decision.verdict.facts.left, before.verdict.facts.left), (Some(2), Some(2)));
    // A group is asked for as many as fit; the gate leaves the asking to the server.
    let mut full = with(AdmittedBy::Leads);
    full.bundle.rules.types[2].admission.group = true;
    full.bundle.rules.capacity = serde_json::from_str(r#"{"persons": 2}"#).unwrap();
    let (decision, before) = both(&full, (20, THREE), lead, &context(now, YES));
    assert_eq!(decision.verdict.code, ReasonCode::AskPersons);
    assert_eq!((decision.verdict.facts.left, before.verdict.code), (Some(2), Admitted));
    // What the ticket's type asks is asked beside.
    for ticket_type in &mut world.bundle.rules.types {
        ticket_type.admission.check = Check { photo: true, ..Check::default() };
    }
    let (decision, _) = both(&world, (1, STATIC), lead, &context(now, YES));
    assert_eq!(decision.verdict.code, CheckIdentity);
    let checked = Answers { identity: Some(true), ..YES };
    expect(&world, (1, STATIC), lead, &context(now, checked), Admitted);
}
