//! What happened before the scan, as ledger entries.

use kaisatsu_shared::{
    id::{Generation, LeaseId, OperatorId, Serial},
    lease::Serials,
    ledger::{AskedAt, IssuedTicket, LedgerBody, Share},
    reason::ReasonCode,
    right::{OverrideReason, Use, UseKind},
};

use crate::{
    Unusable,
    case::claim_key,
    operation::{Operation, What},
    world::{World, time},
};

/// Records one operation. Those without a claim key of their own get one by their place.
pub(crate) fn play(world: &mut World, index: usize, operation: &Operation) -> Result<(), Unusable> {
    let Operation { ticket: serial, device, number, .. } = *operation;
    let at = time(operation.at)?;
    let own = u8::try_from(index.saturating_add(100))
        .map_err(|_| Unusable("the history is too long".into()))?;
    let claim = claim_key(operation.claim.unwrap_or(own));
    let current = world.state.roster().generation(serial).unwrap_or(Generation::FIRST);
    let kind = match operation.what {
        What::Exited => UseKind::Exit,
        _ => UseKind::Entry,
    };
    let used = || {
        Ok(Use {
            right: world.right(serial, current)?,
            kind,
            count: operation.count,
            claim,
            gate: operation.gate,
            device,
            operator: OperatorId(0),
            epoch: world.open.epoch,
            at,
            authority: operation.authority,
        })
    };
    let by = AskedAt { device, gate: operation.gate, operator: OperatorId(0), at };
    let body = match operation.what {
        What::Issued => {
            let batch = operation.tickets.clone();
            let batch = batch.ok_or_else(|| Unusable("`issued` needs `tickets`".into()))?;
            return world.issue(&batch, operation.unseen);
        }
        What::Reissued => {
            let generation = Generation(current.0.saturating_add(1));
            let fingerprint = world.right(serial, generation)?.fingerprint;
            let reason = operation.cause;
            LedgerBody::Reissued(IssuedTicket { serial, generation, fingerprint, reason })
        }
        What::Voided => LedgerBody::Voided { serial, reason: operation.reason },
        What::Blocked => LedgerBody::Blocked { serial, reason: operation.block },
        What::Unblocked => LedgerBody::Unblocked { serial },
        What::Paid => LedgerBody::Payment { serial, paid: true },
        What::Unpaid => LedgerBody::Payment { serial, paid: false },
        What::Renewed => {
            let valid =
                operation.valid.ok_or_else(|| Unusable("`renewed` needs `valid`".into()))?;
            let (first, count) = (serial, u16::from(operation.count));
            LedgerBody::Renewed { first, count, validity: valid.validity()? }
        }
        What::Granted => LedgerBody::Granted(used()?),
        What::Redeemed | What::Exited => {
            LedgerBody::Redeemed { used: used()?, number, by_hand: false }
        }
        What::Abandoned => LedgerBody::Abandoned { serial, claim, device },
        What::Interrupted => LedgerBody::Interrupted { serial, device, number },
        What::Overridden => LedgerBody::Overridden {
            serial,
            count: operation.count,
            code: ReasonCode::AlreadyUsed,
            reason: OverrideReason::Courtesy,
            number,
            by,
        },
        What::Annulled => LedgerBody::Annulled { serial, device, number, by },
        What::Leased => LedgerBody::Leased {
            lease: world.state.leases().next(),
            device,
            gate: operation.gate,
            serials: serials(operation)?,
        },
        What::Recalled => {
            LedgerBody::Recalled { lease: lease(world, serial)?, serials: serials(operation)? }
        }
        What::Transferred => LedgerBody::Transferred {
            lease: lease(world, serial)?,
            serials: serials(operation)?,
            number,
        },
        What::ShareLeased => LedgerBody::ShareLeased {
            lease: world.state.leases().next(),
            device,
            gate: operation.gate,
            place: operation.place,
            persons: operation.persons,
        },
        What::ShareRecalled => LedgerBody::ShareRecalled {
            lease: share(world, operation)?,
            persons: operation.persons,
        },
        What::ShareTransferred => LedgerBody::ShareTransferred {
            lease: share(world, operation)?,
            persons: operation.persons,
            number,
        },
        What::RollbackFound => LedgerBody::RollbackFound { lost: world.state.cursor() },
        What::Answered => {
            LedgerBody::Answered { serial, device, number, let_in: operation.let_in, by }
        }
    };
    world.append(body, at, operation.unseen)
}

/// So many tickets in a row as `count` says.
fn serials(operation: &Operation) -> Result<Serials, Unusable> {
    let last = operation.ticket.0.saturating_add(u32::from(operation.count).saturating_sub(1));
    Serials::new(operation.ticket, Serial(last)).ok_or_else(|| Unusable("no tickets".into()))
}

/// The lease under which a ticket is held.
fn lease(world: &World, serial: Serial) -> Result<LeaseId, Unusable> {
    let lease = world.state.leases().holder(serial).map(|lease| lease.id);
    lease.ok_or_else(|| Unusable("the ticket isn't leased".into()))
}

/// The lease by which a device holds room in the place.
fn share(world: &World, operation: &Operation) -> Result<LeaseId, Unusable> {
    let mut held = world.state.leases().shares().held();
    let its = |share: &Share| (share.device, share.place) == (operation.device, operation.place);
    let found = held.find(|(_, share)| its(share)).map(|(lease, _)| lease);
    found.ok_or_else(|| Unusable("the device holds no room there".into()))
}
