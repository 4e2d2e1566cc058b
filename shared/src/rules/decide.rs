//! The order of deciding: parse, event, key, signature, roster, voided, the rules,
//! the display, and last what the right still allows.

use crate::{
    bundle::OpenBundle,
    display::clock::LinkCache,
    id::{GateId, Serial},
    key::{KeyStanding, VerifyError},
    operator::Role,
    reason::ReasonCode,
    right::{Authority, RightRef},
    time::TimeInterval,
    token::{self, Body, DecodeError, Token},
};

use super::{
    Answers, Ask, Decision, Facts, Holder, Knowledge, Look, Refusal, Terms, Verdict,
    by_hand::{self, judge_by_hand},
    capacity::{self, Room},
    check::judge_answers,
    exit::{inside_at, judge_exit},
    instant::throughout,
    last_word::judge_last_word,
    membership::judge_membership,
    place::{judge_gate, judge_zone},
    right::judge_watched,
    schedule::judge_schedule,
    stamp::{Stamp, judge_display},
    standing::{judge_standing, look_at},
    trail::{End, Unwatched, Watch, end, pass, pass_unless},
    validity::{Dates, judge_validity},
};

/// Which way a guest goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// In.
    #[default]
    Entry,
    /// Out.
    Exit,
}

/// Whom the gate can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The server answers.
    Server,
    /// Not the server, but the venue's hub answers.
    Hub,
    /// Nobody: the gate decides alone.
    Nobody,
}

/// Where and how a scan is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The gate.
    pub gate: GateId,
    /// Which way the guest goes.
    pub direction: Direction,
    /// Whom it can ask.
    pub reach: Reach,
    /// The time, as far as it is known.
    pub now: TimeInterval,
    /// What staff have answered about this scan, how many persons enter among it.
    pub answers: Answers,
}

/// Decides a scanned text. `links` remembers verified clock stamps, so that a later one of the
/// same ticket is checked from there; it changes the cost, never the verdict.
pub fn decide(
    text: &str,
    knowledge: &Knowledge<'_>,
    context: &Context,
    links: &mut LinkCache,
) -> Decision {
    decide_watched(Scan::Text(text, links), knowledge, context, &mut Unwatched)
}

/// What is judged.
pub(super) enum Scan<'a> {
    /// A scanned text.
    Text(&'a str, &'a mut LinkCache),
    /// A ticket that nobody shows: its display is taken as fresh. Only the server decides such.
    Named(&'a Token),
    /// The ticket of a guest who is to be let in by hand, by somebody of this role.
    ByHand(&'a Token, Option<Role>),
}

/// What comes out on the way to a verdict.
#[derive(Default)]
struct Found {
    facts: Facts,
    right: Option<RightRef>,
    /// Whether right and room are the gate's own to give.
    by_lease: bool,
}

/// Decides, and lets `watch` hear how.
pub(super) fn decide_watched(
    scan: Scan<'_>,
    knowledge: &Knowledge<'_>,
    context: &Context,
    watch: &mut impl Watch,
) -> Decision {
    let mut found = Found::default();
    let (Ok(end) | Err(end)) = judge(scan, knowledge, context, watch, &mut found);
    let Refusal { code, facts: of_rule } = end.into_refusal();
    let Found { facts, right, by_lease } = found;
    let verdict = Verdict { code, facts: facts.with(of_rule), at: context.now };
    let authority = match context.reach {
        _ if by_lease => Authority::Lease,
        Reach::Server => Authority::Server,
        Reach::Hub => Authority::Hub,
        Reach::Nobody => Authority::Alone,
    };
    Decision { verdict, right, authority }
}

impl From<ReasonCode> for Refusal {
    fn from(code: ReasonCode) -> Self {
        Self::of(code)
    }
}

#[expect(clippy::result_large_err, reason = "it is taken apart at once, a frame above")]
fn judge(
    scan: Scan<'_>,
    knowledge: &Knowledge<'_>,
    context: &Context,
    watch: &mut impl Watch,
    found: &mut Found,
) -> Result<End, End> {
    let Found { facts, right, by_lease } = found;
    let bundle = knowledge.bundle;
    let decoded;
    let by_hand = match scan {
        Scan::ByHand(_, role) => Some(role),
        Scan::Text(..) | Scan::Named(_) => None,
    };
    let scanned = matches!(scan, Scan::Text(..));
    let (token, mut stamp) = match scan {
        Scan::Text(text, links) => {
            let read = token::decode(text).map_err(|error| code_of(&error));
            let mode = read.as_ref().ok().map(|shown| shown.token.body.mode());
            decoded = pass(watch, || Look::Code { mode }, read)?;
            (&decoded.token, Stamp::Shown(&decoded.display, links))
        }
        Scan::Named(token) | Scan::ByHand(token, _) => {
            pass(watch, || Look::Named { mode: token.body.mode() }, Ok::<_, Refusal>(()))?;
            (token, Stamp::Assumed)
        }
    };
    let body = &token.body;
    facts.event = Some(body.event);
    let wrong = (body.event != bundle.event).then_some(ReasonCode::WrongEvent);
    pass_unless(watch, || Look::Event { named: body.event }, wrong)?;
    let standing = bundle.ring().verify(bundle.installation, token).map_err(|error| match error {
        VerifyError::UnknownKey(_) => ReasonCode::UnknownKey,
        VerifyError::BadSignature => ReasonCode::Forged,
    });
    let current = standing.ok().map(|standing| standing == KeyStanding::Current);
    let standing = pass(watch, || Look::Key { key: body.key, current }, standing)?;
    facts.serial = Some(body.serial);
    facts.ticket_type = Some(body.ticket_type);
    let terms = bundle.terms(body.ticket_type, body.entries);
    let heard = knowledge.roster.validity(body.serial);
    let holder = knowledge.rights.holder(body.serial);
    // Who holds the right asks nobody.
    let asked = match holder {
        Holder::Here(_) if by_hand.is_none() => Reach::Nobody,
        _ => context.reach,
    };
    let dates = Dates::of(&terms, heard, body.validity(), (asked, scanned));
    let told = dates.told(context.now);
    facts.valid_from = told.map(|validity| validity.from);
    facts.valid_until = told.map(|validity| validity.until);
    if let Some(role) = by_hand {
        let search = bundle.rules.search;
        let look = || by_hand::look_at(search, role, context);
        pass_unless(watch, look, judge_by_hand(search, role, context))?;
    }
    let newest = || knowledge.roster.generation(body.serial);
    let roster = || Look::Roster { generation: body.generation, newest: newest() };
    let (named, member) = judge_membership(body, standing, knowledge, context);
    *right = named;
    pass(watch, roster, member)?;
    let view = knowledge.rights.view(body.serial);
    let start = context.now.earliest;
    let held_here = matches!(holder, Holder::Here(_)) && by_hand.is_none();
    if context.direction == Direction::Exit {
        *by_lease = held_here;
        let look = || Look::Exit { inside: inside_at(&view, &terms, start) };
        return Ok(end(watch, look, judge_exit(&view, &terms, start).into()));
    }
    pass_unless(watch, || look_at(&view), judge_standing(&view, terms.rules.unpaid))?;
    judge_rules(body, dates, bundle, context, watch)?;
    let look = stamp.look(body);
    pass(watch, || look, judge_display(&mut stamp, body, bundle, context))?;
    let count = context.answers.count();
    let ask = Ask { count, now: context.now, reach: context.reach };
    judge_watched(&view, &terms, ask, watch)?;
    let (policy, server) = (terms.policy(), context.reach == Reach::Server);
    let needed = judge_last_word(policy, context.reach, holder);
    pass_unless(watch, || Look::LastWord { policy, server, holder }, needed)?;
    let room = judge_room(&terms, knowledge, body.serial, context, watch)?;
    *by_lease = held_here && room.by_share;
    let Answers { persons, identity, choice, .. } = context.answers;
    let left = terms.room(&view, start);
    let free = free(&terms, knowledge, body.serial, context);
    let look = || Look::Answers { persons, identity, choice, free };
    pass_unless(watch, look, judge_answers(terms.admission, left, free, &context.answers))?;
    facts.left = terms.left_after(&view, count);
    facts.persons = terms.admission.group.then_some(count);
    let look = || Look::Admission { left: facts.left };
    let admitted = room.beyond.map_or(Refusal::of(ReasonCode::Admitted), |filling| Refusal {
        code: ReasonCode::AdmittedOverCapacity,
        facts: filling.facts(),
    });
    Ok(end(watch, look, admitted))
}

/// Whether there is room, and whose.
#[expect(clippy::result_large_err, reason = "it is taken apart at once, a frame above")]
pub(super) fn judge_room(
    terms: &Terms<'_>,
    knowledge: &Knowledge<'_>,
    serial: Serial,
    context: &Context,
    watch: &mut impl Watch,
) -> Result<Room, End> {
    if !terms.rules.has_capacity() {
        return Ok(Room { refusal: None, beyond: None, by_share: true });
    }
    let Context { gate, now, reach, .. } = *context;
    let ask = Ask { count: context.answers.count(), now, reach };
    let room = capacity::room(terms, gate, &knowledge.rights.crowd(serial), ask, watch);
    pass_unless(watch, || Look::throughout(now), room.refusal)?;
    Ok(room)
}

/// How many persons fit, where it is to be asked how many enter.
fn free(
    terms: &Terms<'_>,
    knowledge: &Knowledge<'_>,
    serial: Serial,
    context: &Context,
) -> Option<u32> {
    let asked = terms.admission.asks_persons(&context.answers) && terms.rules.has_capacity();
    let crowd = asked.then(|| knowledge.rights.crowd(serial))?;
    capacity::free(terms, context.gate, &crowd, (context.now, context.reach))
}

const fn code_of(error: &DecodeError) -> ReasonCode {
    match error {
        DecodeError::NotKaisatsu => ReasonCode::ForeignCode,
        DecodeError::UnsupportedVersion(_) => ReasonCode::NewerFormat,
        DecodeError::DisplayMissing => ReasonCode::DisplayMissing,
        _ => ReasonCode::Malformed,
    }
}

#[expect(clippy::result_large_err, reason = "it is taken apart at once, a frame above")]
fn judge_rules(
    body: &Body,
    dates: Dates,
    bundle: &OpenBundle,
    context: &Context,
    watch: &mut impl Watch,
) -> Result<(), End> {
    let terms = bundle.terms(body.ticket_type, body.entries);
    let refusal = throughout(context.now, |at| {
        let validity = judge_validity(dates, at, watch);
        validity.and(|| judge_schedule(&terms, at, watch))
    });
    pass_unless(watch, || Look::throughout(context.now), refusal)?;
    let known = bundle.ticket_type(body.ticket_type);
    let look = || Look::Type { known: known.is_some() };
    let ticket_type = pass(watch, look, known.ok_or(ReasonCode::UnknownType))?;
    let gate = context.gate;
    let look = || Look::Gates { gate, gates: ticket_type.gates.clone() };
    pass_unless(watch, look, judge_gate(ticket_type, gate))?;
    let look = || Look::Zones {
        into: bundle.gate(gate).and_then(|gate| gate.into),
        zones: ticket_type.admission.zones.clone(),
    };
    pass_unless(watch, look, judge_zone(&bundle.rules, ticket_type, gate))?;
    let until = bundle.not_after;
    let too_old = (context.now.latest >= until).then_some(ReasonCode::BundleExpired);
    pass_unless(watch, || Look::RulesAge { until }, too_old)
}
