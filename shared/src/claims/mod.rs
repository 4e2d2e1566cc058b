//! Claims: of any number of gates that ask for the same right, one is granted. Pure: the state is
//! the ledger's fold, the answer comes with the entries that must be durable before it is sent.

mod book;
mod by_hand;
mod lanes;

use crate::{
    bundle::{EventRules, Policy},
    id::{ClaimKey, DeviceId, GateId, Serial},
    lease::Serials,
    ledger::{ClaimStanding, LedgerBody},
    reason::ReasonCode,
    right::{RightRef, Use, UseKind},
    roster::Membership,
    rules::{Ask, Facts, Reach, held_room, judge_capacity, judge_right},
    sync::{Claim, ClaimAnswer, ClaimRefusal, MAX_ABANDONS},
    time::TimeInterval,
};

use crate::planted::{Fault, is_planted};

pub use book::Book;
pub use by_hand::refuse_by_hand;
pub use lanes::{Asked, LaneState, Lanes};

use lanes::ask_for_room;

/// What to append to the ledger, and what to answer once that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimOutcome {
    /// Entries to append, in order.
    pub append: Vec<LedgerBody>,
    /// The answer. A grant's sequence is filled in by [`ClaimOutcome::answer_at`].
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Granted by the last appended entry.
    GrantedNow,
    /// Granted before, by this entry.
    GrantedBefore(u64),
    Refused(ClaimRefusal, Facts),
}

impl ClaimOutcome {
    /// The answer, given the sequence number of the last appended entry.
    #[must_use]
    pub const fn answer_at(&self, last_appended: u64) -> ClaimAnswer {
        match self.answer {
            Answer::GrantedNow => ClaimAnswer::Granted { sequence: last_appended },
            Answer::GrantedBefore(sequence) => ClaimAnswer::Granted { sequence },
            Answer::Refused(refusal, facts) => ClaimAnswer::Refused { refusal, facts },
        }
    }

    /// Whether the key was used for something else before: worth an admin's look.
    #[must_use]
    pub const fn is_suspicious(&self) -> bool {
        matches!(self.answer, Answer::Refused(ClaimRefusal::KeyReused, _))
    }
}

/// Judges a claim by what is known and the event's rules, at `now` by the clock of whoever judges. The
/// caller has authenticated the device and set the use's device, gate and event to what the device's
/// credential says, and knows what is heard of the lanes that hold leases. To the venue's hub the entries
/// to append say what to write into its journal.
#[must_use]
pub fn judge_claim(
    state: &impl Book,
    rules: &EventRules,
    claim: &Claim,
    now: TimeInterval,
    lanes: Lanes<'_>,
) -> ClaimOutcome {
    let used = Use { authority: state.authority(), ..claim.used };
    let serial = used.right.serial;
    let mut append = abandonments(state, claim);
    let gone: Vec<ClaimKey> = append
        .iter()
        .filter_map(|body| match body {
            LedgerBody::Abandoned { claim, .. } => Some(*claim),
            _ => None,
        })
        .collect();
    let (answer, asked) = match standing_of(state, &used, &gone) {
        Some(answer) => (answer, Vec::new()),
        None => judge_new(state, rules, &used, &gone, (now, lanes)),
    };
    let leases = state.ledger().leases();
    if let (Some(lease), Answer::Refused(ClaimRefusal::Recalling | ClaimRefusal::LaneSilent, _)) =
        (leases.holder(serial).map(|lease| lease.id), answer)
        && leases.is_recalled(serial)
        && is_planted(Fault::SilenceTransfers)
    {
        let serials = Serials::one(serial);
        append.push(LedgerBody::Transferred { lease, serials, number: 0 });
        append.push(LedgerBody::Granted(used));
        return ClaimOutcome { append, answer: Answer::GrantedNow };
    }
    match answer {
        Answer::GrantedNow => append.push(LedgerBody::Granted(used)),
        Answer::Refused(..) => append.extend(asked),
        Answer::GrantedBefore(_) => {}
    }
    ClaimOutcome { append, answer }
}

/// Whether a claim is one that the ledger's layout can hold; else what is wrong with it.
///
/// # Errors
/// What is wrong, for the answer.
pub fn check_claim(claim: &Claim) -> Result<(), &'static str> {
    if claim.used.count == 0 {
        return Err("a claim is for at least one person");
    }
    if claim.used.at.earliest > claim.used.at.latest {
        return Err("the claim's time ends before it begins");
    }
    let enters = claim.used.kind == UseKind::Entry;
    if claim.by_hand.is_some_and(|answers| !enters || answers.count() != claim.used.count) {
        return Err("by hand so many come in as staff counted");
    }
    if claim.abandons.len() > MAX_ABANDONS {
        return Err("a claim gives up at most 64 older claims");
    }
    Ok(())
}

/// The tombstones for the keys that the claim gives up. Only keys that are new, or open grants of
/// the same device and ticket, are given up this way; the rest is already settled.
fn abandonments(state: &impl Book, claim: &Claim) -> Vec<LedgerBody> {
    let serial = claim.used.right.serial;
    let device = claim.used.device;
    if serial.0 >= state.ledger().roster().len() {
        return Vec::new();
    }
    let mut keys = claim.abandons.clone();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter(|key| may_abandon(state, *key, serial, device))
        .map(|key| LedgerBody::Abandoned { serial, claim: key, device })
        .collect()
}

/// Whether `device` may give up `key` for `serial`: the key is unknown, or its own open grant.
#[must_use]
pub fn may_abandon(
    state: &impl Book,
    key: ClaimKey,
    serial: Serial,
    device: crate::id::DeviceId,
) -> bool {
    let unknown = !is_planted(Fault::TombstoneDropped);
    state.claim(&key).map_or(unknown, |known| {
        known.serial == serial
            && known.device == device
            && matches!(known.standing, ClaimStanding::Granted(_))
    })
}

/// The answer to a key that is already known.
fn standing_of(state: &impl Book, used: &Use, gone: &[ClaimKey]) -> Option<Answer> {
    if gone.contains(&used.claim) {
        return Some(Answer::Refused(ClaimRefusal::Abandoned, Facts::EMPTY));
    }
    let known = state.claim(&used.claim)?;
    let first = state.first_use(known.serial, used.claim);
    let same = known.serial == used.right.serial
        && known.device == used.device
        && first.is_none_or(|first| same_claim(&first, used));
    Some(match known.standing {
        _ if !same => Answer::Refused(ClaimRefusal::KeyReused, Facts::EMPTY),
        ClaimStanding::Granted(sequence) | ClaimStanding::Redeemed(sequence) => {
            Answer::GrantedBefore(sequence)
        }
        ClaimStanding::Abandoned if is_planted(Fault::GivenUpGranted) => Answer::GrantedBefore(0),
        ClaimStanding::Abandoned => Answer::Refused(ClaimRefusal::Abandoned, Facts::EMPTY),
    })
}

/// Whether two uses are one claim: the same in every field but the clock's reading, the operator
/// and who decided in the end.
fn same_claim(first: &Use, again: &Use) -> bool {
    (first.right, first.kind, first.count, first.gate, first.device)
        == (again.right, again.kind, again.count, again.gate, again.device)
}

fn judge_new(
    state: &impl Book,
    rules: &EventRules,
    used: &Use,
    gone: &[ClaimKey],
    (now, lanes): (TimeInterval, Lanes<'_>),
) -> (Answer, Vec<LedgerBody>) {
    let Use { right, kind, count, gate, device, .. } = *used;
    let wanted = Wanted { right, kind, count, gate, device: Some(device) };
    match refuse_and_ask(state, rules, wanted, gone, (now, lanes)) {
        None => (Answer::GrantedNow, Vec::new()),
        Some((refusal, facts, asked)) => (Answer::Refused(refusal, facts), asked),
    }
}

/// What a claim asks for, without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The right.
    pub right: RightRef,
    /// In or out.
    pub kind: UseKind,
    /// How many persons.
    pub count: u8,
    /// The gate.
    pub gate: GateId,
    /// Who asks; nobody in particular where a claim is only tried.
    pub device: Option<DeviceId>,
}

/// Why a claim under a key that nobody has used would be refused, if it would. `gone` are keys that
/// are given up with it.
#[must_use]
pub fn refuse(
    state: &impl Book,
    rules: &EventRules,
    wanted: Wanted,
    gone: &[ClaimKey],
    now: TimeInterval,
) -> Option<(ClaimRefusal, Facts)> {
    let refused = refuse_and_ask(state, rules, wanted, gone, (now, &|_| LaneState::Heard))?;
    Some((refused.0, refused.1))
}

/// The same, with what to ask of other lanes so that it may be granted a moment later.
fn refuse_and_ask(
    state: &impl Book,
    rules: &EventRules,
    wanted: Wanted,
    gone: &[ClaimKey],
    (now, lanes): (TimeInterval, Lanes<'_>),
) -> Option<Asked> {
    let refused = |refusal| Some((refusal, Facts::EMPTY, Vec::new()));
    let right = wanted.right;
    let leaves = wanted.kind == UseKind::Exit;
    let roster = state.ledger().roster();
    let restoring = state.ledger().restores().is_open() && !is_planted(Fault::RestoredDecides);
    match roster.membership(right.serial, right.generation, right.fingerprint) {
        Membership::Member => {}
        // Who came in on it before it was reissued may leave.
        Membership::Superseded | Membership::Transferred if leaves => {}
        Membership::Superseded => return refused(ClaimRefusal::Superseded),
        Membership::Transferred => return refused(ClaimRefusal::Transferred),
        // It may have been issued, or made somebody else's, in what isn't got back yet.
        Membership::Unknown if restoring => return refused(ClaimRefusal::ServerRestored),
        Membership::Lost => return refused(ClaimRefusal::ServerRestored),
        Membership::Different | Membership::Unknown => return refused(ClaimRefusal::NotIssued),
    }
    if leaves {
        // An exit is never refused: whoever is inside may leave.
        return None;
    }
    let (ticket_type, entries) = roster.class(right.serial).unwrap_or_default();
    let view = state.view(right.serial, gone);
    let ask = Ask { count: wanted.count, now, reach: state.reach() };
    let terms = rules.terms(ticket_type, entries);
    let validity = roster.validity(right.serial);
    if let Some(refusal) = judge_right(&view, &terms, validity, ask) {
        return Some((ClaimRefusal::of(refusal.code), refusal.facts, Vec::new()));
    }
    // What isn't got back yet may say that somebody else decides, or that it was used.
    let by_server = state.ledger().leases().holder(right.serial).is_none();
    if restoring && by_server && terms.policy() != Policy::Available {
        return refused(ClaimRefusal::ServerRestored);
    }
    let elsewhere = || state.held_elsewhere((terms.policy(), wanted.device), right.serial, lanes);
    if !terms.rules.has_capacity() {
        return elsewhere();
    }
    if restoring && state.ledger().leases().shares().is_used() {
        return refused(ClaimRefusal::ServerRestored);
    }
    let crowd = state.crowd(right.serial, gone);
    let any_room = Ask { reach: Reach::Server, ..ask };
    if let Some(full) = judge_capacity(&terms, wanted.gate, &crowd, any_room) {
        let code = if ask.reach == Reach::Server { full.code } else { ReasonCode::CapacityUnknown };
        return Some((ClaimRefusal::of(code), full.facts, Vec::new()));
    }
    elsewhere().or_else(|| {
        // Room that lanes hold is the server's to ask for. Whoever asks the hub gives their own.
        let held = held_room(&terms, wanted.gate, &crowd, ask)?;
        (ask.reach == Reach::Server).then(|| ask_for_room(state.ledger(), &held, wanted, lanes))
    })
}
