//! Transfers of rights: back to the server, or on to another device, which transfers them in turn. Only a
//! holder's own word moves a right. Journals arrive in any order, so what a device says of a right that it
//! received is kept until its giver's journal is here as far as that; then everything falls into place.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{AfterReceipt, EventState, LedgerBody, Receipt},
    planted::{Fault, is_planted},
    sync::EntryFate,
};

use super::Acceptance;

/// Only the holder's own word moves its rights. What it uploaded before is in the ledger by now: journals are
/// taken in without gaps.
pub(super) fn accept_transfer(
    state: &EventState,
    entry: &JournalEntry,
    (lease, serials): (LeaseId, Serials),
    to: Recipient,
) -> Acceptance {
    let (leases, from, number) = (state.leases(), entry.device, entry.number);
    let to = if is_planted(Fault::AddresseeIgnored) { Recipient::Server } else { to };
    let itself = to == Recipient::Device(from);
    if itself || leases.lease(lease).is_none() {
        return Acceptance::only(EntryFate::Quarantined);
    }
    let held = leases.held_by(lease, from, serials);
    let mut append: Vec<_> =
        held.iter().flat_map(|serials| moved(state, (lease, *serials), from, to, number)).collect();
    append.extend(said(state, (lease, serials), from, (to, number)));
    if append.is_empty() && !is_known(state, (lease, serials), from, (to, number)) {
        return Acceptance::only(EntryFate::Quarantined);
    }
    Acceptance { append, fate: EntryFate::Accepted }
}

/// What a holder's transfer does, and what its recipient has said before of what it did then.
pub(super) fn moved(
    state: &EventState,
    (lease, serials): (LeaseId, Serials),
    from: DeviceId,
    to: Recipient,
    number: u64,
) -> Vec<LedgerBody> {
    let Recipient::Device(to) = to else {
        return vec![LedgerBody::Transferred { lease, serials, number }];
    };
    let mut append = vec![handed_on(state, (lease, serials), from, to, number)];
    let said = state.leases().receipts(serials);
    let serials: BTreeSet<_> = said.map(|receipt| receipt.serial).collect();
    for serial in serials {
        let (mut giver, mut number, mut holder) = (from, number, to);
        // Each receipt names its giver's entry, and each device is in the chain once at most.
        let mut passed = vec![from];
        while let Some(receipt) = state.leases().receipt(serial, holder) {
            let AfterReceipt::Gave { to, number: next } = receipt.then else { break };
            if (receipt.lease, receipt.from, receipt.number) != (lease, giver, number) {
                break;
            }
            let serials = Serials::one(serial);
            passed.push(holder);
            match to {
                Recipient::Server => {
                    append.push(LedgerBody::Transferred { lease, serials, number: next });
                    break;
                }
                Recipient::Device(device) if passed.contains(&device) => break,
                Recipient::Device(device) => {
                    append.push(handed_on(state, (lease, serials), holder, device, next));
                    (giver, number, holder) = (holder, next, device);
                }
            }
        }
    }
    append
}

/// The new holder's gate is where the lease was given, until somebody who knows better says so.
fn handed_on(
    state: &EventState,
    (lease, serials): (LeaseId, Serials),
    from: DeviceId,
    to: DeviceId,
    number: u64,
) -> LedgerBody {
    let gate = state.leases().lease(lease).map_or(GateId(0), |lease| lease.gate);
    LedgerBody::HandedOn { lease, serials, from, to, gate, number }
}

/// What a device that isn't known as holder says of rights that it says it received.
fn said(
    state: &EventState,
    (lease, serials): (LeaseId, Serials),
    device: DeviceId,
    (to, number): (Recipient, u64),
) -> Vec<LedgerBody> {
    let open = state.leases().receipts(serials).filter(|receipt| {
        (receipt.lease, receipt.device) == (lease, device) && receipt.then == AfterReceipt::Held
    });
    let then = AfterReceipt::Gave { to, number };
    open.map(|receipt| LedgerBody::Received(Receipt { then, ..*receipt })).collect()
}

/// Whether a transfer that moves nothing may be an honest one: it was taken before, in what a restored server got
/// back, or it gives the server what nobody holds.
fn is_known(
    state: &EventState,
    (lease, serials): (LeaseId, Serials),
    from: DeviceId,
    (to, number): (Recipient, u64),
) -> bool {
    let leases = state.leases();
    let then = AfterReceipt::Gave { to, number };
    let mut receipts = leases.receipts(serials);
    if receipts.any(|it| (it.lease, it.device, it.then) == (lease, from, then)) {
        return true;
    }
    match to {
        Recipient::Device(_) => leases.was_handed_on(from, number),
        Recipient::Server => {
            leases.held_under(lease, serials).is_empty() && leases.has_held(lease, from)
        }
    }
}

/// A device says that it received a right. Where its giver's word is known, that says it already.
pub(super) fn accept_receipt(state: &EventState, entry: &JournalEntry) -> Acceptance {
    let JournalBody::Received { lease, serial, from, number } = entry.body else {
        return Acceptance::only(EntryFate::Accepted);
    };
    let (leases, device) = (state.leases(), entry.device);
    let there = leases.lease(lease).is_some() && serial.0 < state.roster().len();
    if !there || from == device {
        return Acceptance::only(EntryFate::Quarantined);
    }
    if leases.was_handed_on(from, number) || leases.receipt(serial, device).is_some() {
        return Acceptance::only(EntryFate::Accepted);
    }
    let then = AfterReceipt::Held;
    Acceptance::append(LedgerBody::Received(Receipt { lease, serial, device, from, number, then }))
}

/// Whether a device says that it received a ticket's right from its holder, whose journal isn't here.
pub(super) fn is_said_to_hold(state: &EventState, serial: Serial, device: DeviceId) -> bool {
    let leases = state.leases();
    let receipt = leases.receipt(serial, device);
    receipt.is_some_and(|receipt| {
        leases.holder(serial).is_some_and(|holder| holder.id == receipt.lease)
    })
}

/// Now that this entry of a giver is here, those who named it and aren't the ones that it names said what isn't so.
pub(super) fn unfounded(state: &EventState, entry: &JournalEntry) -> Vec<LedgerBody> {
    let named = state.leases().receipts_naming(entry.device, entry.number);
    let says = |receipt: &Receipt| match entry.body {
        JournalBody::Transferred { lease, serials, to } => {
            (lease, to) == (receipt.lease, Recipient::Device(receipt.device))
                && serials.contains(receipt.serial)
        }
        _ => false,
    };
    let then = AfterReceipt::Unfounded;
    let wrong = named.filter(|receipt| !says(receipt));
    wrong.map(|receipt| LedgerBody::Received(Receipt { then, ..*receipt })).collect()
}

/// Names the gates of new holders, as far as they are known.
pub fn name_lanes(append: &mut [LedgerBody], gate_of: impl Fn(DeviceId) -> Option<GateId>) {
    for body in append {
        if let LedgerBody::HandedOn { to, gate, .. } = body
            && let Some(known) = gate_of(*to)
        {
            *gate = known;
        }
    }
}
