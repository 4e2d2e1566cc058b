//! Letting a guest in by hand: they show no code, and staff found their ticket by looking it up. The
//! server judges such a guest from the ticket it issued, by the rules of a scan; a gate says before
//! what it can know without the ticket.

use serde::{Deserialize, Serialize};

use crate::{
    operator::Role,
    reason::ReasonCode,
    right::{Authority, RightRef},
    roster::Membership,
    token::Token,
};

use super::{
    Ask, Context, Decision, Facts, Knowledge, Look, Reach, Refusal, Search, Verdict,
    capacity::Room,
    decide::{Scan, decide_watched, judge_room},
    right::judge_watched,
    trail::{End, Unwatched},
};

/// Who may let guests in by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdmittedBy {
    /// Nobody.
    Nobody,
    /// Leads who have signed in.
    #[default]
    Leads,
    /// Everybody who has signed in.
    Staff,
}

/// Decides about a guest who shows no code, from the ticket that was issued to them. `role` is that of
/// whoever is signed in at the gate.
#[must_use]
pub fn decide_by_hand(
    token: &Token,
    role: Option<Role>,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> Decision {
    decide_watched(Scan::ByHand(token, role), knowledge, context, &mut Unwatched)
}

/// What a gate can say of such a guest, who has only the right that the server found. What is admitted
/// here is still to be claimed.
#[must_use]
pub fn prejudge_by_hand(
    right: &RightRef,
    role: Option<Role>,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> Decision {
    let class = knowledge.roster.class(right.serial);
    let mut facts = Facts {
        event: Some(right.event),
        serial: Some(right.serial),
        ticket_type: class.map(|(ticket_type, _)| ticket_type),
        ..Facts::EMPTY
    };
    let search = knowledge.bundle.rules.search;
    let code = match judge_by_hand(search, role, context) {
        Some(code) => code,
        None => match judge_known(right, knowledge, context) {
            Some(refusal) => {
                facts = facts.with(refusal.facts);
                refusal.code
            }
            None => {
                let known = admitted(right, knowledge, context);
                facts = facts.with(known.facts);
                known.code
            }
        },
    };
    let authority = match context.reach {
        Reach::Server => Authority::Server,
        Reach::Hub | Reach::Nobody => Authority::Alone,
    };
    let verdict = Verdict { code, facts, at: context.now };
    Decision { verdict, right: Some(*right), authority }
}

/// Whether somebody may be let in by hand at all, and whether they are the ticket's holder.
pub(super) fn judge_by_hand(
    search: Option<Search>,
    role: Option<Role>,
    context: &Context,
) -> Option<ReasonCode> {
    match (admitted_by(search), role) {
        (AdmittedBy::Nobody, _) => return Some(ReasonCode::ByHandOff),
        (AdmittedBy::Leads, Some(Role::Lead)) | (AdmittedBy::Staff, Some(_)) => {}
        (AdmittedBy::Leads | AdmittedBy::Staff, _) => return Some(ReasonCode::ByHandRole),
    }
    if context.reach != Reach::Server {
        return Some(ReasonCode::ByHandOffline);
    }
    match context.answers.holder {
        None => Some(ReasonCode::ConfirmHolder),
        Some(false) => Some(ReasonCode::IdentityMismatch),
        Some(true) => None,
    }
}

/// What is looked at, for the trail.
pub(super) fn look_at(search: Option<Search>, role: Option<Role>, context: &Context) -> Look {
    Look::ByHand { by: admitted_by(search), role, holder: context.answers.holder }
}

fn admitted_by(search: Option<Search>) -> AdmittedBy {
    search.map_or(AdmittedBy::Nobody, |search| search.admit)
}

/// What stands in the way as far as it is known without the ticket: own uses that the server doesn't
/// have yet are known only here. How long a ticket that renews is valid the server knows best.
fn judge_known(right: &RightRef, knowledge: &Knowledge<'_>, context: &Context) -> Option<Refusal> {
    let roster = knowledge.roster;
    let code = match roster.membership(right.serial, right.generation, right.fingerprint) {
        Membership::Member => None,
        // Perhaps issued a moment ago: the claim asks the server, whose word is final.
        Membership::Unknown => return None,
        Membership::Superseded => Some(ReasonCode::Superseded),
        Membership::Transferred => Some(ReasonCode::Transferred),
        Membership::Different => Some(ReasonCode::NotIssued),
        Membership::Lost => Some(ReasonCode::ServerRestored),
    };
    if let Some(code) = code {
        return Some(Refusal::of(code));
    }
    let (ticket_type, entries) = roster.class(right.serial)?;
    let terms = knowledge.bundle.terms(ticket_type, entries);
    let count = context.answers.count();
    let ask = Ask { count, now: context.now, reach: context.reach };
    let view = knowledge.rights.view(right.serial);
    judge_watched(&view, &terms, ask, &mut Unwatched).err().map(End::into_refusal)
}

/// What is left after the admission, how many of a group come in, and whether there is room, as far
/// as it is known.
fn admitted(right: &RightRef, knowledge: &Knowledge<'_>, context: &Context) -> Refusal {
    let Some((ticket_type, entries)) = knowledge.roster.class(right.serial) else {
        return Refusal::of(ReasonCode::Admitted);
    };
    let terms = knowledge.bundle.terms(ticket_type, entries);
    let count = context.answers.count();
    let facts = Facts {
        left: terms.left_after(&knowledge.rights.view(right.serial), count),
        persons: terms.admission.group.then_some(count),
        ..Facts::EMPTY
    };
    match judge_room(&terms, knowledge, right.serial, context, &mut Unwatched) {
        Err(end) => end.into_refusal(),
        Ok(Room { beyond: Some(filling), .. }) => {
            let code = ReasonCode::AdmittedOverCapacity;
            Refusal { code, facts: facts.with(filling.facts()) }
        }
        Ok(_) => Refusal { code: ReasonCode::Admitted, facts },
    }
}
