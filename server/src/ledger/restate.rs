//! From what a restored server lost to what it records of it anew. A gate offers entries that this
//! installation's root key signed before; what the ledger doesn't say by now is said again, and what it
//! says already isn't said twice. So in whatever order ledgers and journals are offered, the same is known.

use kaisatsu_shared::{
    bundle::EventRules,
    id::Serial,
    lease::Recipient,
    ledger::{AfterReceipt, Answer, EventState, LedgerBody, Receipt, Right},
    roster::Roster,
};

use super::{
    accept::accept_use,
    chain::{moved, name_lanes},
};

/// What becomes of an entry that was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restated {
    /// It is said again, with what follows from it.
    Anew(Vec<LedgerBody>),
    /// The ledger says so already, or the journals will.
    Known,
    /// It contradicts what was recorded since.
    Unfit,
}

impl Restated {
    fn unless(known: bool, body: &LedgerBody) -> Self {
        if known { Self::Known } else { Self::Anew(vec![body.clone()]) }
    }
}

/// Judges an entry that was lost. Whether its body fits the state is the ledger's fold to say when it is
/// appended.
#[must_use]
pub fn restate(state: &EventState, rules: &EventRules, body: &LedgerBody) -> Restated {
    let empty = Right::default();
    let right = |serial: Serial| state.right(serial).unwrap_or(&empty);
    match body {
        LedgerBody::Issued { .. } => restate_issue(state.roster(), body),
        LedgerBody::Reissued(ticket) => match state.roster().generation(ticket.serial) {
            Some(current) if ticket.generation < current => Restated::Known,
            Some(current) if ticket.generation == current => {
                let same = state.roster().fingerprint(ticket.serial) == Some(ticket.fingerprint);
                if same { Restated::Known } else { Restated::Unfit }
            }
            _ => Restated::Anew(vec![body.clone()]),
        },
        LedgerBody::Voided { serial, reason } => {
            Restated::unless(right(*serial).voided == Some(*reason), body)
        }
        LedgerBody::Blocked { serial, reason } => {
            Restated::unless(right(*serial).blocked == Some(*reason), body)
        }
        LedgerBody::Unblocked { serial } => {
            Restated::unless(right(*serial).blocked.is_none(), body)
        }
        LedgerBody::Payment { serial, paid } => {
            Restated::unless(right(*serial).unpaid != *paid, body)
        }
        LedgerBody::Renewed { first, count, validity } => {
            let last = first.0.saturating_add(u32::from(*count));
            let dated = |serial| state.roster().validity(Serial(serial)) == Some(*validity);
            Restated::unless((first.0..last).all(dated), body)
        }
        LedgerBody::Granted(used) => Restated::unless(state.claim(&used.claim).is_some(), body),
        LedgerBody::Abandoned { claim, .. } => {
            let settled = state.claim(claim).is_some_and(|known| !known.is_granted());
            Restated::unless(settled, body)
        }
        LedgerBody::Redeemed { used, number, by_hand } => {
            if used.right.serial.0 >= state.roster().len() {
                return Restated::Unfit;
            }
            let accepted = accept_use(state, rules, *used, (*number, *by_hand));
            if accepted.append.is_empty() {
                Restated::Known
            } else {
                Restated::Anew(accepted.append)
            }
        }
        LedgerBody::Interrupted { serial, device, number } => {
            let (right, light) = (right(*serial), (*device, *number));
            let known = right.interrupted.contains(&light) || right.is_answered(light);
            Restated::unless(known, body)
        }
        LedgerBody::Answered { serial, device, number, let_in, by } => {
            let light = (*device, *number);
            let same =
                |known: &Answer| (known.light, known.let_in, known.by) == (light, *let_in, *by);
            Restated::unless(right(*serial).answers.iter().any(same), body)
        }
        LedgerBody::Overridden { serial, number, by, .. } => {
            Restated::unless(right(*serial).is_overridden(by.device, *number), body)
        }
        LedgerBody::Annulled { serial, device, number, .. } => {
            match right(*serial).redemption(*device, *number) {
                Some(redemption) => Restated::unless(redemption.annulled.is_some(), body),
                None => Restated::Unfit,
            }
        }
        LedgerBody::Leased { lease, device, gate, .. }
        | LedgerBody::ShareLeased { lease, device, gate, .. } => {
            match state.leases().lease(*lease) {
                None => Restated::Anew(vec![body.clone()]),
                Some(known) if (known.device, known.gate) == (*device, *gate) => Restated::Known,
                Some(_) => Restated::Unfit,
            }
        }
        LedgerBody::Recalled { lease, serials } => {
            let held = state.leases().held_under(*lease, *serials).into_iter();
            let asked = held.flat_map(|serials| state.leases().not_recalled(serials));
            again(asked.map(|serials| LedgerBody::Recalled { lease: *lease, serials }).collect())
        }
        LedgerBody::Transferred { lease, serials, number } => {
            let held = state.leases().held_under(*lease, *serials).into_iter();
            let (lease, number) = (*lease, *number);
            again(held.map(|serials| LedgerBody::Transferred { lease, serials, number }).collect())
        }
        LedgerBody::HandedOn { lease, serials, from, to, gate, number } => {
            if state.leases().was_handed_on(*from, *number) {
                return Restated::Known;
            }
            let held = state.leases().held_by(*lease, *from, *serials).into_iter();
            let to = Recipient::Device(*to);
            let moved = held.flat_map(|run| moved(state, (*lease, run), *from, to, *number));
            let mut bodies: Vec<_> = moved.collect();
            name_lanes(&mut bodies, |device| (to == Recipient::Device(device)).then_some(*gate));
            if bodies.is_empty() { Restated::Unfit } else { Restated::Anew(bodies) }
        }
        LedgerBody::Received(receipt) => restate_receipt(state, receipt),
        // Room counts as full until the holder's own journal says so; asked for it is again when it is
        // wanted. Conflicts are found anew, and restores are this ledger's own.
        LedgerBody::ShareRecalled { .. }
        | LedgerBody::ShareTransferred { .. }
        | LedgerBody::ConflictFound { .. }
        | LedgerBody::Restored
        | LedgerBody::RollbackFound { .. }
        | LedgerBody::Recovered { .. }
        | LedgerBody::Settled { .. } => Restated::Known,
    }
}

/// What a device said of a right it received, unless its giver's journal is here by now, or it said more since.
fn restate_receipt(state: &EventState, receipt: &Receipt) -> Restated {
    let leases = state.leases();
    let known = leases.receipt(receipt.serial, receipt.device);
    let news = match receipt.then {
        AfterReceipt::Held => known.is_none(),
        AfterReceipt::Gave { .. } => known.is_none_or(|it| it.then == AfterReceipt::Held),
        AfterReceipt::Unfounded => known.is_some(),
    };
    let settled = leases.was_handed_on(receipt.from, receipt.number);
    Restated::unless(settled || !news, &LedgerBody::Received(*receipt))
}

fn again(bodies: Vec<LedgerBody>) -> Restated {
    if bodies.is_empty() { Restated::Known } else { Restated::Anew(bodies) }
}

/// Tickets that are there under the same fingerprints, or were reissued since, are known.
fn restate_issue(roster: &Roster, body: &LedgerBody) -> Restated {
    let LedgerBody::Issued { first, fingerprints, .. } = body else { return Restated::Known };
    if first.0 >= roster.len() || roster.is_lost(*first) {
        return Restated::Anew(vec![body.clone()]);
    }
    let serials = (first.0..).map(Serial);
    let same = |(serial, print): (Serial, &_)| {
        roster.fingerprint(serial) == Some(*print)
            || roster.generation(serial).is_some_and(|current| current.0 > 1)
    };
    if serials.zip(fingerprints).all(same) { Restated::Known } else { Restated::Unfit }
}
