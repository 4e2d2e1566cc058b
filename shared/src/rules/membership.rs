//! Membership: a good signature alone admits nobody, the ticket must have been issued.

use crate::{
    key::KeyStanding,
    reason::ReasonCode,
    right::RightRef,
    roster::Membership,
    token::{Body, Fingerprint},
};

use super::{Context, Direction, Knowledge, Reach};

pub(super) fn judge_membership(
    body: &Body,
    standing: KeyStanding,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> Result<RightRef, ReasonCode> {
    let bundle = knowledge.bundle;
    let fingerprint = fingerprint(body, knowledge);
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

/// The ticket's fingerprint. Whether it renews is the bundle's to say, and also the ledger's, which says
/// the dates of tickets that do: rules may be older than the first ticket of their type.
fn fingerprint(body: &Body, knowledge: &Knowledge<'_>) -> Fingerprint {
    let known = knowledge.bundle.ticket_type(body.ticket_type);
    let dated = knowledge.roster.validity(body.serial).is_some();
    let renewing = dated || known.is_some_and(|known| known.renewing);
    body.fingerprint(knowledge.bundle.installation, renewing)
}
