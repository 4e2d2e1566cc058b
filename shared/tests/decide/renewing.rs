//! Passes that renew: the ledger says how long they are valid, whatever their signature says.

use kaisatsu_fixtures::world::{NORTH, PASS, STATIC, VALID_FROM, VALID_UNTIL, World};
use kaisatsu_shared::{
    id::{Generation, Serial, TypeId},
    ledger::{LedgerBody, UnpaidTickets, VoidReason},
    reason::{Language, ReasonCode},
    rules::{
        Answers, Ask, Context, Decision, Direction, Explained, Knowledge, Look, Presented, Reach,
        RightView, explain, judge_right,
    },
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token,
    validity::Validity,
};

use super::scan_with;

const DAY: u32 = 86_400;
const MONTH: u32 = 30 * DAY;

/// From the world's first second on, so many seconds long.
fn for_seconds(length: u32) -> Validity {
    Validity { from: VALID_FROM, until: UnixSeconds(VALID_FROM.0 + length) }
}

/// Ten passes for a month, whose tokens name the world's sixteen hours.
fn passes() -> World {
    let mut world = World::new();
    world.issue(PASS, 10).unwrap();
    world.renew(Serial(0), 10, for_seconds(MONTH)).unwrap();
    world.bundle.not_after = UnixMillis(u64::MAX);
    world
}

fn context(now: TimeInterval, reach: Reach) -> Context {
    let (gate, direction) = (NORTH, Direction::Entry);
    Context { gate, direction, reach, now, answers: Answers::NONE }
}

fn card(world: &World) -> String {
    world.text(world.body(Serial(0), Generation::FIRST, PASS), 0).unwrap()
}

/// Online and alone, which agree.
#[track_caller]
fn expect(world: &World, text: &str, now: TimeInterval, code: ReasonCode) -> Decision {
    let alone = scan_with(world, text, context(now, Reach::Nobody));
    let online = scan_with(world, text, context(now, Reach::Server));
    assert_eq!((alone.verdict.code, online.verdict.code), (code, code), "at {now:?}");
    alone
}

pub(super) fn every_rule() {
    the_ledgers_dates_count();
    dates_that_are_not_known_yet();
}

fn the_ledgers_dates_count() {
    let mut world = passes();
    let text = card(&world);
    let end = for_seconds(MONTH).until.to_millis();
    for (at, code) in [
        (VALID_FROM.to_millis().minus(1), ReasonCode::NotYetValid),
        (VALID_FROM.to_millis(), ReasonCode::Admitted),
        (VALID_UNTIL.to_millis(), ReasonCode::Admitted),
        (end.minus(1), ReasonCode::Admitted),
        (end, ReasonCode::Expired),
    ] {
        expect(&world, &text, TimeInterval::exact(at), code);
    }
    expect(&world, &text, TimeInterval::around(end, 1), ReasonCode::ClockUnsure);
    // The sentence has the right's own end.
    let ended = expect(&world, &text, TimeInterval::exact(end), ReasonCode::Expired).verdict;
    let bundle = world.open().unwrap();
    let format = |at: UnixMillis| format!("+{} days", (at.to_seconds().0 - VALID_FROM.0) / DAY);
    let sentence = ended.sentence(Language::En, &bundle, &format);
    assert_eq!(sentence, "No longer valid: ended +30 days, now +30 days");
    // The same card, once it is renewed; only its own serial is.
    world.renew(Serial(0), 1, for_seconds(2 * MONTH)).unwrap();
    let admitted = expect(&world, &text, TimeInterval::exact(end), ReasonCode::Admitted);
    let until = admitted.verdict.facts.valid_until;
    assert_eq!(until, Some(for_seconds(2 * MONTH).until));
    let other = world.text(world.body(Serial(1), Generation::FIRST, PASS), 0).unwrap();
    expect(&world, &other, TimeInterval::exact(end), ReasonCode::Expired);
    // Taken back.
    world.renew(Serial(0), 1, for_seconds(DAY)).unwrap();
    expect(&world, &text, World::at(DAY), ReasonCode::Expired);
}

fn dates_that_are_not_known_yet() {
    let mut world = World::new();
    let fingerprints = vec![world.fingerprint(Serial(0), Generation::FIRST, PASS)];
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: PASS,
        entries: 0,
        fingerprints,
        unpaid: UnpaidTickets::NONE,
    };
    world.state.append(issued, World::at(0)).unwrap();
    let text = card(&world);
    let now = World::at(100);
    // Alone a gate doesn't believe the card; online the server is asked, which has the last word.
    let alone = scan_with(&world, &text, context(now, Reach::Nobody)).verdict;
    assert_eq!(alone.code, ReasonCode::ValidityUnknown);
    assert_eq!((alone.facts.valid_from, alone.facts.valid_until), (None, None));
    let online = scan_with(&world, &text, context(now, Reach::Server)).verdict;
    assert_eq!(online.code, ReasonCode::Admitted);
    assert_eq!(at_the_server(&world, PASS, now), Some(ReasonCode::ValidityUnknown));
    // Nobody is known inside, but an exit is never refused.
    let leaving = Context { direction: Direction::Exit, ..context(now, Reach::Nobody) };
    assert_eq!(scan_with(&world, &text, leaving).verdict.code, ReasonCode::ExitedUnseen);
}

/// What the server says to the claim.
fn at_the_server(world: &World, ticket_type: TypeId, now: TimeInterval) -> Option<ReasonCode> {
    let bundle = world.open().unwrap();
    let ask = Ask { count: 1, now, reach: Reach::Server };
    let view = world.state.right(Serial(0)).map(RightView::of).unwrap_or_default();
    let known = world.state.roster().validity(Serial(0));
    judge_right(&view, &bundle.terms(ticket_type, 0), known, ask).map(|refusal| refusal.code)
}

#[test]
fn the_server_judges_a_claim_by_the_ledgers_dates() {
    let mut world = passes();
    for (at, code) in [
        (0, None),
        (MONTH - 1, None),
        (MONTH, Some(ReasonCode::Expired)),
        (u32::MAX - VALID_FROM.0, Some(ReasonCode::Expired)),
    ] {
        assert_eq!(at_the_server(&world, PASS, World::at(at)), code, "at {at}");
    }
    // What its signature says of another type's ticket was judged at the gate.
    let single = {
        let mut world = World::new();
        world.issue(STATIC, 1).unwrap();
        world
    };
    assert_eq!(at_the_server(&single, STATIC, World::at(MONTH)), None);
    // A voided pass is told as such, whatever its dates.
    let voided = LedgerBody::Voided { serial: Serial(0), reason: VoidReason::Refunded };
    world.state.append(voided, World::at(0)).unwrap();
    assert_eq!(at_the_server(&world, PASS, World::at(MONTH)), Some(ReasonCode::Voided));
}

#[test]
fn a_stolen_key_lengthens_no_pass() {
    let mut world = passes();
    let mut body = world.body(Serial(0), Generation::FIRST, PASS);
    (body.valid_from, body.valid_until) = (UnixSeconds(0), UnixSeconds(u32::MAX));
    let forged = world.text(body, 0).unwrap();
    // Its fingerprint is the card's own, so it is the card: for as long as the card is valid.
    expect(&world, &forged, World::at(MONTH - 1), ReasonCode::Admitted);
    expect(&world, &forged, World::at(MONTH), ReasonCode::Expired);
    // Nor where the gate's rules are from before the type renewed …
    let rules = world.bundle.rules.clone();
    world.bundle.rules.types.iter_mut().for_each(|known| known.renewing = false);
    expect(&world, &forged, World::at(MONTH - 1), ReasonCode::Admitted);
    expect(&world, &forged, World::at(MONTH), ReasonCode::Expired);
    world.bundle.rules = rules;
    // … or had it at all: nobody enters, and the dates told are true.
    world.bundle.rules.types.retain(|known| known.id != PASS);
    let ended = expect(&world, &forged, World::at(MONTH), ReasonCode::Expired).verdict;
    assert_eq!(ended.facts.valid_until, Some(for_seconds(MONTH).until));
    expect(&world, &forged, World::at(MONTH - 1), ReasonCode::UnknownType);
    // A fixed ticket's dates are part of its fingerprint.
    let mut world = World::new();
    world.issue(STATIC, 1).unwrap();
    let mut body = world.body(Serial(0), Generation::FIRST, STATIC);
    body.valid_until = UnixSeconds(u32::MAX);
    let text = world.text(body, 0).unwrap();
    expect(&world, &text, World::at(100), ReasonCode::NotIssued);
}

#[test]
fn the_trail_shows_the_dates_that_count() {
    let world = passes();
    let explained = trail_of(&world, Reach::Nobody, World::at(MONTH));
    let look = Look::Validity { from: VALID_FROM, until: for_seconds(MONTH).until };
    let step = explained.trail().steps().iter().find(|step| step.look == look).unwrap();
    assert_eq!(step.said, Some(ReasonCode::Expired));

    let mut unknown = World::new();
    let fingerprints = vec![unknown.fingerprint(Serial(0), Generation::FIRST, PASS)];
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: PASS,
        entries: 0,
        fingerprints,
        unpaid: UnpaidTickets::NONE,
    };
    unknown.state.append(issued, World::at(0)).unwrap();
    let explained = trail_of(&unknown, Reach::Nobody, World::at(1));
    let steps = explained.trail().steps();
    let step = steps.iter().find(|step| step.look == Look::ValidityUnknown).unwrap();
    let bundle = unknown.open().unwrap();
    let format = |_| "10:00".to_owned();
    assert_eq!(
        step.sentence(Language::En, &bundle, &format),
        "validity: not known here yet, now 10:00 → validity_unknown"
    );
}

fn trail_of(world: &World, reach: Reach, now: TimeInterval) -> Explained {
    let bundle = world.open().unwrap();
    let knowledge =
        Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &world.state };
    let token = token::decode(&card(world)).unwrap().token;
    explain(Presented::Ticket(&token), &knowledge, &context(now, reach))
}
