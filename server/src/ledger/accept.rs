//! From a device's journal entry to the ledger. A redemption is always recorded, whatever it
//! contradicts: two that together exceed a right are a conflict, never a merge.

use kaisatsu_shared::{
    bundle::EventRules,
    claims::may_abandon,
    id::{ClaimKey, DeviceId, GateId, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{Answer, AskedAt, EventState, Grant, LastUse, LedgerBody, Light, Right},
    planted::{Fault, is_planted},
    right::{Authority, RightRef, Use, UseKind},
    rules::{exceeds, past_uses},
    sync::EntryFate,
};

use super::{
    chain,
    conflict::{conflict, counts_before, newest},
};

/// What an entry adds to the ledger and what the device is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Entries to append, in order. A `ConflictFound` names the redemption appended before it by
    /// the sequence number it will have.
    pub append: Vec<LedgerBody>,
    /// The entry's fate.
    pub fate: EntryFate,
}

impl Acceptance {
    pub(super) const fn only(fate: EntryFate) -> Self {
        Self { append: Vec::new(), fate }
    }

    pub(super) fn append(body: LedgerBody) -> Self {
        Self { append: vec![body], fate: EntryFate::Accepted }
    }
}

/// Judges the next entry of a device's journal. The caller has verified chain and signature, and
/// gives the gate that the device was enrolled for: what an entry says of itself isn't believed.
#[must_use]
pub fn accept_entry(
    state: &EventState,
    rules: &EventRules,
    entry: &JournalEntry,
    gate: GateId,
) -> Acceptance {
    let mut acceptance = accept_body(state, rules, entry, gate);
    acceptance.append.extend(chain::unfounded(state, entry));
    acceptance
}

fn accept_body(
    state: &EventState,
    rules: &EventRules,
    entry: &JournalEntry,
    gate: GateId,
) -> Acceptance {
    match entry.body {
        JournalBody::Redeemed { right, by_hand, .. } => match entry.redeemed() {
            Some(used) if belongs(state, &right) => {
                let authority = authority_of(state, &used);
                let used = Use { gate, authority, ..used };
                accept_use(state, rules, used, (entry.number, by_hand))
            }
            _ => Acceptance::only(EntryFate::Quarantined),
        },
        JournalBody::Abandoned { claim, right } => {
            accept_abandonment(state, claim, right, entry.device)
        }
        JournalBody::GaveUp { device, claim, right } => {
            accept_abandonment(state, claim, right, device)
        }
        JournalBody::Granted { right, .. } => match entry.granted() {
            Some(used) if belongs(state, &right) => accept_grant(state, entry.device, used),
            _ => Acceptance::only(EntryFate::Quarantined),
        },
        JournalBody::Interrupted { number, right } => {
            if !belongs(state, &right) {
                return Acceptance::only(EntryFate::Quarantined);
            }
            let (serial, device) = (right.serial, entry.device);
            let answered =
                state.right(serial).is_some_and(|right| right.is_answered((device, number)));
            if answered {
                return Acceptance::only(EntryFate::Accepted);
            }
            Acceptance::append(LedgerBody::Interrupted { serial, device, number })
        }
        JournalBody::Answered { device, number, right, let_in } => {
            if !belongs(state, &right) {
                return Acceptance::only(EntryFate::Quarantined);
            }
            let by = asked_at(entry, gate);
            accept_answer(state, right.serial, (device, number), let_in, by)
        }
        JournalBody::Overridden { right, count, code, reason } => {
            if !belongs(state, &right) {
                return Acceptance::only(EntryFate::Quarantined);
            }
            let (serial, number, by) = (right.serial, entry.number, asked_at(entry, gate));
            let known = state.right(serial);
            if known.is_some_and(|known| known.is_overridden(entry.device, number)) {
                return Acceptance::only(EntryFate::AlreadyKnown);
            }
            Acceptance::append(LedgerBody::Overridden { serial, count, code, reason, number, by })
        }
        JournalBody::Annulled { device, number, right } => {
            let by = asked_at(entry, gate);
            accept_annulment(state, rules, right.serial, (device, number), by)
        }
        JournalBody::Transferred { lease, serials, to } => {
            chain::accept_transfer(state, entry, (lease, serials), to)
        }
        JournalBody::ShareTransferred { lease, persons, to } => {
            accept_room(state, entry, (lease, persons), to)
        }
        JournalBody::Received { .. } => chain::accept_receipt(state, entry),
        // They change nothing about a right; the journal itself is their record.
        JournalBody::Shown { .. }
        | JournalBody::Refused { .. }
        | JournalBody::Checked { .. }
        | JournalBody::Recounted { .. }
        | JournalBody::SignedIn
        | JournalBody::SignedOut
        | JournalBody::PinRefused { .. }
        | JournalBody::TimeSet { .. } => Acceptance::only(EntryFate::Accepted),
    }
}

/// A claim was given up by `device`, as it says itself or has told the venue's hub.
fn accept_abandonment(
    state: &EventState,
    claim: ClaimKey,
    right: RightRef,
    device: DeviceId,
) -> Acceptance {
    if !belongs(state, &right) {
        return Acceptance::only(EntryFate::Quarantined);
    }
    let serial = right.serial;
    if may_abandon(state, claim, serial, device) {
        Acceptance::append(LedgerBody::Abandoned { serial, claim, device })
    } else {
        Acceptance::only(EntryFate::Accepted)
    }
}

/// What the venue's hub granted to another gate is an open grant until that gate's journal says what came
/// of it, unless that, or the server's own grant, is known already. Of what a device holds, nobody else
/// grants anything, but who says that it has it from that device, whose journal may be late.
fn accept_grant(state: &EventState, hub: DeviceId, used: Use) -> Acceptance {
    let holder = state.leases().holder(used.right.serial);
    if state.claim(&used.claim).is_some() || is_planted(Fault::HubGrantDropped) {
        Acceptance::only(EntryFate::Accepted)
    } else if used.kind == UseKind::Entry
        && holder.is_some_and(|lease| lease.device != hub)
        && !chain::is_said_to_hold(state, used.right.serial, hub)
    {
        Acceptance::only(EntryFate::Quarantined)
    } else {
        Acceptance::append(LedgerBody::Granted(used))
    }
}

/// The holder gives room back: whoever is inside on it is in the ledger by now, and counts there.
fn accept_room(
    state: &EventState,
    entry: &JournalEntry,
    (lease, persons): (LeaseId, u32),
    to: Recipient,
) -> Acceptance {
    let share = state.leases().shares().share(lease);
    let own = share.filter(|share| share.device == entry.device && to == Recipient::Server);
    let Some(share) = own else { return Acceptance::only(EntryFate::Quarantined) };
    let (number, persons) = (entry.number, persons.min(share.persons()));
    let append = LedgerBody::ShareTransferred { lease, persons, number };
    let append = (persons > 0).then_some(append).into_iter().collect();
    Acceptance { append, fate: EntryFate::Accepted }
}

/// Who stood at the device when it wrote the entry.
const fn asked_at(entry: &JournalEntry, gate: GateId) -> AskedAt {
    AskedAt { device: entry.device, gate, operator: entry.operator, at: entry.at }
}

/// A use is taken back only by those who may, once.
fn accept_annulment(
    state: &EventState,
    rules: &EventRules,
    serial: Serial,
    (device, number): (DeviceId, u64),
    by: AskedAt,
) -> Acceptance {
    let known = state.right(serial).and_then(|right| right.redemption(device, number));
    let Some(redemption) = known else { return Acceptance::only(EntryFate::Quarantined) };
    if redemption.annulled.is_some() {
        return Acceptance::only(EntryFate::AlreadyKnown);
    }
    let role = rules.role(by.operator);
    if !rules.interventions().allow_annul(role, &by, &redemption.used) {
        return Acceptance::only(EntryFate::Quarantined);
    }
    let mut append = vec![LedgerBody::Annulled { serial, device, number, by }];
    if let Some(lease) = state.leases().holder(serial).filter(|_| is_planted(Fault::AnnulFreesHeld))
    {
        let (lease, serials, number) = (lease.id, Serials::one(serial), 0);
        append.push(LedgerBody::Transferred { lease, serials, number });
    }
    Acceptance { append, fate: EntryFate::Accepted }
}

/// A use of a serial that was issued. Superseded generations and other fingerprints are recorded
/// all the same: somebody went in.
fn belongs(state: &EventState, right: &RightRef) -> bool {
    right.event == state.event() && right.serial.0 < state.roster().len()
}

fn is_known(right: &Right, device: DeviceId, number: u64) -> bool {
    right.redemptions.iter().any(|known| known.used.device == device && known.number == number)
}

pub(super) fn accept_use(
    state: &EventState,
    rules: &EventRules,
    used: Use,
    (number, by_hand): (u64, bool),
) -> Acceptance {
    let empty = Right::default();
    let serial = used.right.serial;
    let right = state.right(serial).unwrap_or(&empty);
    if is_known(right, used.device, number) {
        return Acceptance::only(EntryFate::AlreadyKnown);
    }
    let sequence = state.cursor().sequence.saturating_add(1);
    let mut append = vec![LedgerBody::Redeemed { used, number, by_hand }];
    // A key that its device gave up, or that means another ticket, counts like any other use.
    let (ticket_type, entries) = state.roster().class(serial).unwrap_or_default();
    let terms = rules.terms(ticket_type, entries);
    let before = past_uses(right, |known| counts_before(state, known, &used));
    if used.kind == UseKind::Exit || !exceeds(before, &terms, &used) {
        return Acceptance { append, fate: EntryFate::Accepted };
    }
    let others = newest(&right.redemptions);
    append.push(conflict(right, serial, [sequence]));
    let with = others.iter().map(|other| LastUse::from(&other.used)).collect();
    Acceptance { append, fate: EntryFate::Conflict { with } }
}

/// Who decided: the server or the hub what they granted and what wasn't given up since, a lease's holder
/// what it hadn't transferred yet.
fn authority_of(state: &EventState, used: &Use) -> Authority {
    let holder = state.leases().holder(used.right.serial);
    match (grant_of(state, used), holder) {
        (Some(grant), _) => grant.used.authority,
        (None, Some(lease)) if lease.device == used.device => Authority::Lease,
        _ => Authority::Alone,
    }
}

/// The grant of a use, unless that was given up since: only then did its giver decide. A claim that was
/// granted by the one may be answered by the other: the ledger knows by whom it was first.
pub(super) fn grant_of<'a>(state: &'a EventState, used: &Use) -> Option<&'a Grant> {
    let asked = matches!(used.authority, Authority::Server | Authority::Hub);
    let right = state.right(used.right.serial).filter(|_| asked)?;
    let owner = (used.claim, used.device);
    right.grants.iter().find(|grant| (grant.used.claim, grant.used.device) == owner)
}

/// An answer is kept also where the interrupted device hasn't delivered its journal yet.
fn accept_answer(
    state: &EventState,
    serial: Serial,
    light: Light,
    let_in: bool,
    by: AskedAt,
) -> Acceptance {
    let (device, number) = light;
    let same = |known: &Answer| (known.light, known.let_in, known.by) == (light, let_in, by);
    if state.right(serial).is_some_and(|right| right.answers.iter().any(same)) {
        // The ledger got it back from another gate before its journal came.
        return Acceptance::only(EntryFate::AlreadyKnown);
    }
    let answered = LedgerBody::Answered { serial, device, number, let_in, by };
    let Some(right) = state.right(serial).filter(|right| !let_in && right.is_answered(light))
    else {
        return Acceptance::append(answered);
    };
    // Two gates each had the guest of the same interruption in.
    let others = right.answers.iter().filter(|answer| answer.light == light);
    let sequence = state.cursor().sequence.saturating_add(1);
    let answers = others.clone().map(|answer| answer.sequence).chain([sequence]);
    let conflict = conflict(right, serial, answers);
    let with = others.map(|answer| LastUse::from(&answer.by)).collect();
    Acceptance { append: vec![answered, conflict], fate: EntryFate::Conflict { with } }
}
