//! The order of deciding: parse, event, key, signature, roster, voided, the rules,
//! the display, and last what the right still allows.

use crate::{
    bundle::{OpenBundle, Policy},
    display::clock::{ChainId, Freshness, LinkCache, freshness, verify_link},
    id::{GateId, Serial},
    key::{KeyStanding, VerifyError},
    reason::ReasonCode,
    right::RightRef,
    roster::{Membership, Roster},
    time::TimeInterval,
    token::{self, Body, DecodeError, Display, ModePart},
};

use super::{
    Answers, Ask, Decision, Facts, Refusal, RightView, Verdict, check::judge_answers,
    exit::judge_exit, instant::throughout, place::judge_place, right::judge_right,
    schedule::judge_schedule, standing::judge_standing, validity::judge_validity,
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

/// What a decision is made from.
pub struct Knowledge<'a> {
    /// Keys and rules.
    pub bundle: &'a OpenBundle,
    /// The issued tickets.
    pub roster: &'a Roster,
    /// What is known of a ticket's uses.
    pub rights: &'a dyn Fn(Serial) -> RightView,
}

impl core::fmt::Debug for Knowledge<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Knowledge").field("event", &self.bundle.event).finish_non_exhaustive()
    }
}

/// Decides a scanned text. `links` remembers verified clock stamps, so that a later one of the
/// same ticket is checked from there; it changes the cost, never the verdict.
pub fn decide(
    text: &str,
    knowledge: &Knowledge<'_>,
    context: &Context,
    links: &mut LinkCache,
) -> Decision {
    let mut facts = Facts::default();
    let mut right = None;
    let code = match judge(text, knowledge, context, links, &mut facts, &mut right) {
        Ok(code) => code,
        Err(refusal) => {
            facts = facts.with(refusal.facts);
            refusal.code
        }
    };
    Decision { verdict: Verdict { code, facts, at: context.now }, right }
}

impl From<ReasonCode> for Refusal {
    fn from(code: ReasonCode) -> Self {
        Self::of(code)
    }
}

#[expect(clippy::result_large_err, reason = "it is taken apart at once, a frame above")]
fn judge(
    text: &str,
    knowledge: &Knowledge<'_>,
    context: &Context,
    links: &mut LinkCache,
    facts: &mut Facts,
    right: &mut Option<RightRef>,
) -> Result<ReasonCode, Refusal> {
    let bundle = knowledge.bundle;
    let shown = token::decode(text).map_err(|error| code_of(&error))?;
    let body = &shown.token.body;
    facts.event = Some(body.event);
    if body.event != bundle.event {
        return Err(ReasonCode::WrongEvent.into());
    }
    let standing =
        bundle.ring().verify(bundle.installation, &shown.token).map_err(|error| match error {
            VerifyError::UnknownKey(_) => ReasonCode::UnknownKey,
            VerifyError::BadSignature => ReasonCode::Forged,
        })?;
    facts.serial = Some(body.serial);
    facts.ticket_type = Some(body.ticket_type);
    facts.valid_from = Some(body.valid_from);
    facts.valid_until = Some(body.valid_until);
    let terms = bundle.terms(body.ticket_type, body.entries);
    let named = judge_membership(body, standing, knowledge, context)?;
    *right = Some(named);
    let view = (knowledge.rights)(body.serial);
    if context.direction == Direction::Exit {
        return Ok(judge_exit(&view, &terms, context.now.earliest));
    }
    if let Some(refusal) = judge_standing(&view, terms.unpaid) {
        return Err(refusal);
    }
    judge_rules(body, bundle, context)?;
    judge_display(&shown.display, body, bundle, context, links)?;
    let count = context.answers.count();
    let ask = Ask { count, now: context.now, reach: context.reach };
    if let Some(refusal) = judge_right(&view, &terms, ask) {
        return Err(refusal);
    }
    if bundle.rules.policy == Policy::OnlineOnly && context.reach == Reach::Nobody {
        return Err(ReasonCode::ServerNeeded.into());
    }
    let room = terms.room(&view, context.now.earliest);
    if let Some(refusal) = judge_answers(terms.admission, room, &context.answers) {
        return Err(refusal);
    }
    facts.left = terms.left_after(&view, count);
    facts.persons = terms.admission.group.then_some(count);
    Ok(ReasonCode::Admitted)
}

const fn code_of(error: &DecodeError) -> ReasonCode {
    match error {
        DecodeError::NotKaisatsu => ReasonCode::ForeignCode,
        DecodeError::UnsupportedVersion(_) => ReasonCode::NewerFormat,
        DecodeError::DisplayMissing => ReasonCode::DisplayMissing,
        _ => ReasonCode::Malformed,
    }
}

fn judge_membership(
    body: &Body,
    standing: KeyStanding,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> Result<RightRef, ReasonCode> {
    let bundle = knowledge.bundle;
    let fingerprint = body.fingerprint(bundle.installation, false);
    let right = RightRef {
        event: body.event,
        serial: body.serial,
        generation: body.generation,
        fingerprint,
    };
    match knowledge.roster.membership(body.serial, body.generation, fingerprint) {
        Membership::Member => Ok(right),
        // Who came in on it before it was reissued may leave.
        Membership::Superseded | Membership::Transferred
            if context.direction == Direction::Exit =>
        {
            Ok(right)
        }
        Membership::Superseded => Err(ReasonCode::Superseded),
        Membership::Transferred => Err(ReasonCode::Transferred),
        Membership::Different => Err(ReasonCode::NotIssued),
        Membership::Unknown => {
            if standing != KeyStanding::Current || bundle.roster_complete {
                return Err(ReasonCode::NotIssued);
            }
            match context.reach {
                // Perhaps issued a moment ago: the claim asks the server, whose word is final.
                Reach::Server => Ok(right),
                // Who came in with it elsewhere may leave here.
                Reach::Nobody if context.direction == Direction::Exit => Ok(right),
                Reach::Nobody => Err(ReasonCode::NotInRoster),
            }
        }
    }
}

#[expect(clippy::result_large_err, reason = "it is taken apart at once, a frame above")]
fn judge_rules(body: &Body, bundle: &OpenBundle, context: &Context) -> Result<(), Refusal> {
    let rule = |at| {
        judge_validity(body, at)
            .and(|| judge_schedule(&bundle.terms(body.ticket_type, body.entries), at))
    };
    if let Some(refusal) = throughout(context.now, rule) {
        return Err(refusal);
    }
    let ticket_type = bundle.ticket_type(body.ticket_type).ok_or(ReasonCode::UnknownType)?;
    if let Some(refusal) = judge_place(&bundle.rules, ticket_type, context.gate) {
        return Err(refusal);
    }
    if context.now.latest >= bundle.not_after {
        return Err(ReasonCode::BundleExpired.into());
    }
    Ok(())
}

fn judge_display(
    display: &Display,
    body: &Body,
    bundle: &OpenBundle,
    context: &Context,
    links: &mut LinkCache,
) -> Result<(), ReasonCode> {
    match (&body.mode, display) {
        (ModePart::Static, _) => Ok(()),
        (ModePart::Clock(part), Display::Clock { step, link }) => {
            // The window first: it bounds how many links a hostile code makes the gate hash.
            let freshness = freshness(bundle.rules.clock_window, part, *step, context.now);
            if freshness == Freshness::Stale {
                return Err(ReasonCode::DisplayStale);
            }
            let Some(chain) = ChainId::of(body) else { return Err(ReasonCode::ModeUnsupported) };
            if !verify_link(bundle.installation, chain, &part.anchor, *step, link, links) {
                return Err(ReasonCode::DisplayForged);
            }
            match freshness {
                Freshness::Fresh => Ok(()),
                Freshness::Behind => Err(ReasonCode::DisplayBehind),
                Freshness::Ahead => Err(ReasonCode::DisplayAhead),
                Freshness::Stale => Err(ReasonCode::DisplayStale),
                Freshness::Unsure => Err(ReasonCode::ClockUnsure),
            }
        }
        _ => Err(ReasonCode::ModeUnsupported),
    }
}
