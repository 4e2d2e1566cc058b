//! Passes that renew: the ledger says how long they are valid, whatever their signature says.

use kaisatsu_fixtures::world::{NORTH, PASS, STATIC, VALID_FROM, VALID_UNTIL, World};
use kaisatsu_shared::{
    id::{GateId, Generation, Serial, TypeId},
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

/// Alone, and online with the server's answer to the claim, which agree.
#[track_caller]
fn expect(world: &World, text: &str, now: TimeInterval, code: ReasonCode) -> Decision {
    let alone = scan_with(world, text, context(now, Reach::Nobody));
    let online = claimed(world, world, text, now);
    assert_eq!((alone.verdict.code, online), (code, code), "at {now:?}");
    alone
}

/// What a gate that knows `world` ends with once a server that knows `served` has answered its claim.
fn claimed(world: &World, served: &World, text: &str, now: TimeInterval) -> ReasonCode {
    let Decision { verdict, right, .. } = scan_with(world, text, context(now, Reach::Server));
    let asks = right.filter(|_| verdict.outcome().passes());
    let refused = asks.and_then(|right| refused(served, right.serial, PASS, now));
    refused.unwrap_or(verdict.code)
}

pub(super) fn every_rule() {
    the_ledgers_dates_count();
    a_gate_that_is_a_moment_behind();
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

/// Online a gate refuses nobody by dates that it heard last: the server may know newer ones. It judges
/// everything else itself, and alone it goes by what it heard.
fn a_gate_that_is_a_moment_behind() {
    let behind = passes();
    let text = card(&behind);
    let (from, end) = (for_seconds(MONTH).from, for_seconds(MONTH).until);
    for (dates, at, alone, online) in [
        (for_seconds(2 * MONTH), end.to_millis(), ReasonCode::Expired, ReasonCode::Admitted),
        (
            for_seconds(2 * MONTH),
            end.to_millis().minus(1),
            ReasonCode::Admitted,
            ReasonCode::Admitted,
        ),
        (
            for_seconds(MONTH + 1),
            end.to_millis().plus(999),
            ReasonCode::Expired,
            ReasonCode::Admitted,
        ),
        (
            for_seconds(MONTH + 1),
            end.to_millis().plus(1_000),
            ReasonCode::Expired,
            ReasonCode::Expired,
        ),
        (for_seconds(DAY), end.to_millis().minus(1), ReasonCode::Admitted, ReasonCode::Expired),
        (
            Validity { from: UnixSeconds(from.0 - 1), until: end },
            from.to_millis().minus(1),
            ReasonCode::NotYetValid,
            ReasonCode::Admitted,
        ),
    ] {
        let mut served = passes();
        served.renew(Serial(0), 1, dates).unwrap();
        let now = TimeInterval::exact(at);
        let decided = scan_with(&behind, &text, context(now, Reach::Nobody)).verdict.code;
        assert_eq!((decided, claimed(&behind, &served, &text, now)), (alone, online), "{dates:?}");
        // What the gate tells is never a date by which it would have refused.
        let told = scan_with(&behind, &text, context(now, Reach::Server)).verdict.facts;
        let good = decided == ReasonCode::Admitted;
        assert_eq!(told.valid_until, good.then_some(end), "{dates:?}");
        assert_eq!(told.valid_from, good.then_some(from), "{dates:?}");
    }
    // A clock that spans the end leaves it to the server's.
    let spanning = TimeInterval::around(end.to_millis(), 1);
    let verdict = scan_with(&behind, &text, context(spanning, Reach::Server)).verdict;
    assert_eq!((verdict.code, verdict.facts.valid_until), (ReasonCode::Admitted, None));
    // Every other rule is judged at the gate, and the server itself needs nobody's word.
    let mut closed = passes();
    closed.bundle.rules.types.iter_mut().for_each(|known| known.gates = vec![GateId(9)]);
    assert_eq!(
        claimed(&closed, &closed, &text, TimeInterval::exact(end.to_millis())),
        ReasonCode::WrongGate
    );
    let named = trail_of(&behind, Reach::Server, World::at(MONTH));
    assert_eq!(named.decision().verdict.code, ReasonCode::Expired);
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
    refused(world, Serial(0), ticket_type, now)
}

fn refused(
    world: &World,
    serial: Serial,
    ticket_type: TypeId,
    now: TimeInterval,
) -> Option<ReasonCode> {
    let bundle = world.open().unwrap();
    let ask = Ask { count: 1, now, reach: Reach::Server };
    let view = world.state.right(serial).map(RightView::of).unwrap_or_default();
    let known = world.state.roster().validity(serial);
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
    let ended = scan_with(&world, &forged, context(World::at(MONTH), Reach::Nobody)).verdict;
    let until = ended.facts.valid_until;
    assert_eq!((ended.code, until), (ReasonCode::Expired, Some(for_seconds(MONTH).until)));
    assert_eq!(claimed(&world, &world, &forged, World::at(MONTH)), ReasonCode::UnknownType);
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

    // Online the server is asked.
    let explained =
        trail_at(Presented::Code(&card(&world)), &world, context(World::at(MONTH), Reach::Server));
    let until = for_seconds(MONTH).until;
    let look = Look::ValidityHeard { from: VALID_FROM, until };
    let step = explained.trail().steps().iter().find(|step| step.look == look).unwrap();
    let bundle = world.open().unwrap();
    let format = |at: UnixMillis| format!("+{} days", (at.to_seconds().0 - VALID_FROM.0) / DAY);
    assert_eq!(
        step.sentence(Language::En, &bundle, &format),
        "validity: +0 days to +30 days as last heard, the server is asked, now +30 days → ok"
    );

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
    let token = token::decode(&card(world)).unwrap().token;
    trail_at(Presented::Ticket(&token), world, context(now, reach))
}

fn trail_at(presented: Presented<'_>, world: &World, context: Context) -> Explained {
    let bundle = world.open().unwrap();
    let knowledge =
        Knowledge { bundle: &bundle, roster: world.state.roster(), rights: &world.state };
    explain(presented, &knowledge, &context)
}
