//! Membership: a good signature alone admits nobody, the ticket must have been issued.

use crate::{
    key::KeyStanding,
    reason::ReasonCode,
    right::RightRef,
    roster::Membership,
    token::{Body, Fingerprint},
};

use super::{Context, Direction, Knowledge, Reach};

/// Whether a ticket was issued, as far as is known here. The right is named where the ticket is genuine:
/// a lead may then let its guest in, also where this gate hasn't heard of it yet.
pub(super) fn judge_membership(
    body: &Body,
    standing: KeyStanding,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> (Option<RightRef>, Result<(), ReasonCode>) {
    let bundle = knowledge.bundle;
    let fingerprint = fingerprint(body, knowledge);
    let right = RightRef {
        event: body.event,
        serial: body.serial,
        generation: body.generation,
        fingerprint,
    };
    let leaves = context.direction == Direction::Exit;
    match knowledge.roster.membership(body.serial, body.generation, fingerprint) {
        Membership::Member => (Some(right), Ok(())),
        // Who came in on it before it was reissued may leave.
        Membership::Superseded | Membership::Transferred if leaves => (Some(right), Ok(())),
        Membership::Superseded => (None, Err(ReasonCode::Superseded)),
        Membership::Transferred => (None, Err(ReasonCode::Transferred)),
        Membership::Different => (None, Err(ReasonCode::NotIssued)),
        Membership::Lost if leaves => (Some(right), Ok(())),
        Membership::Lost => (Some(right), Err(ReasonCode::ServerRestored)),
        Membership::Unknown if standing != KeyStanding::Current || bundle.roster_complete => {
            (None, Err(ReasonCode::NotIssued))
        }
        // Perhaps issued a moment ago: the claim asks the server, whose word is final. Who came in with
        // it elsewhere may leave here.
        Membership::Unknown if context.reach == Reach::Server || leaves => (Some(right), Ok(())),
        Membership::Unknown => (Some(right), Err(ReasonCode::NotInRoster)),
    }
}

/// The ticket's fingerprint. Whether it renews is the bundle's to say, and also the ledger's, which says
/// the dates of tickets that do: rules may be older than the first ticket of their type.
fn fingerprint(body: &Body, knowledge: &Knowledge<'_>) -> Fingerprint {
    let known = knowledge.bundle.ticket_type(body.ticket_type);
    let dated = knowledge.roster.validity(body.serial).is_some();
    let renewing = dated || known.is_some_and(|known| known.renewing);
    body.fingerprint(knowledge.bundle.installation, renewing)
}
