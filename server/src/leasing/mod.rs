//! Giving out leases and asking for them back. Pure: what to append to the ledger, from its fold and
//! the event's rules. Who decides about a right follows from the ledger alone
//! ([`kaisatsu_shared::ledger::Leases`]).

mod lanes;
mod room;

use kaisatsu_shared::{
    bundle::{EventRules, Policy},
    id::{DeviceId, GateId, LeaseId, Serial, TypeId},
    lease::Serials,
    ledger::{EventState, LedgerBody},
    time::UnixMillis,
};

pub use lanes::Lanes;

use crate::store::types::Leasable;

/// A device that may hold leases, and the gate where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The device.
    pub device: DeviceId,
    /// Its gate.
    pub gate: GateId,
}

/// Shares the rights that nobody holds evenly among the lanes where their types are admitted: all those
/// of types with the policy `strict`, but for tickets on which somebody is being admitted now. Each lane gets
/// serials in a row, as far as that goes, so that tickets bought together stay together. Room in places of
/// hard capacity that is free at `now` is shared out likewise. With `only` the one or the other.
#[must_use]
pub fn share_out(
    state: &EventState,
    rules: &EventRules,
    lanes: &[Lane],
    (now, only): (UnixMillis, Option<Leasable>),
) -> Vec<LedgerBody> {
    let mut lease = state.leases().next();
    let mut given = Vec::new();
    let all = lanes;
    let rights = if only == Some(Leasable::Room) { Vec::new() } else { free_by_type(state, rules) };
    for (ticket_type, free) in rights {
        let admits = |lane: &&Lane| {
            let known = rules.rules().ticket_type(ticket_type);
            known.is_some_and(|known| rules.rules().may_use(known, lane.gate))
        };
        let lanes: Vec<_> = lanes.iter().filter(admits).collect();
        for (lane, shares) in lanes.iter().zip(divide(&free, lanes.len())) {
            for serials in shares {
                let Lane { device, gate } = **lane;
                given.push(LedgerBody::Leased { lease, device, gate, serials });
                lease = LeaseId(lease.0.saturating_add(1));
            }
        }
    }
    if only != Some(Leasable::Tickets) {
        given.extend(room::share_out_room(state, rules, all, (lease, now)));
    }
    given
}

/// Asks for everything that is leased, room too, to `device` or to anybody, unless it was asked for before.
#[must_use]
pub fn recall(state: &EventState, device: Option<DeviceId>) -> Vec<LedgerBody> {
    let leases = state.leases();
    let held = leases.held().filter(|(_, lease)| device.is_none_or(|it| it == lease.device));
    let asked = held.flat_map(|(serials, lease)| {
        let open = leases.not_recalled(serials).into_iter();
        open.map(|serials| LedgerBody::Recalled { lease: lease.id, serials })
    });
    let shares = leases.shares().held().filter(|(_, it)| device.is_none_or(|id| id == it.device));
    let room = shares.filter_map(|(lease, share)| {
        let persons = share.persons().saturating_sub(share.owed());
        (persons > 0).then_some(LedgerBody::ShareRecalled { lease, persons })
    });
    asked.chain(room).collect()
}

/// The rights that may be leased, in runs, by type.
fn free_by_type(state: &EventState, rules: &EventRules) -> Vec<(TypeId, Vec<Serials>)> {
    let mut found: Vec<(TypeId, Vec<Serials>)> = Vec::new();
    let runs = state.leases().unleased(state.roster().len());
    let serials = runs.iter().flat_map(|run| (run.first().0..=run.last().0).map(Serial));
    for serial in serials {
        let Some((ticket_type, entries)) = state.roster().class(serial) else { continue };
        let open = state.right(serial).is_some_and(|right| !right.grants.is_empty());
        if open || rules.terms(ticket_type, entries).policy() != Policy::Strict {
            continue;
        }
        let known = found.iter_mut().find(|(known, _)| *known == ticket_type);
        match known {
            Some((_, runs)) => extend(runs, serial),
            None => found.push((ticket_type, vec![Serials::one(serial)])),
        }
    }
    found
}

/// Adds the next serial to runs.
fn extend(runs: &mut Vec<Serials>, serial: Serial) {
    let next = runs.last().filter(|run| run.last().0.checked_add(1) == Some(serial.0));
    match next.and_then(|run| Serials::new(run.first(), serial)) {
        Some(longer) => {
            runs.pop();
            runs.push(longer);
        }
        None => runs.push(Serials::one(serial)),
    }
}

/// Cuts runs into `parts` of as equal size as can be.
fn divide(runs: &[Serials], parts: usize) -> Vec<Vec<Serials>> {
    let Ok(parts) = u64::try_from(parts) else { return Vec::new() };
    let total: u64 = runs.iter().map(|run| run.count()).sum();
    let mut rest = runs.iter().copied();
    let mut left = rest.next();
    let mut shares = Vec::new();
    for part in 0..parts {
        let size = total / parts + u64::from(part < total % parts);
        shares.push(take(&mut left, &mut rest, size));
    }
    shares
}

/// The next `size` serials.
fn take(
    left: &mut Option<Serials>,
    rest: &mut impl Iterator<Item = Serials>,
    size: u64,
) -> Vec<Serials> {
    let (mut taken, mut wanted) = (Vec::new(), size);
    while wanted > 0 {
        let Some(run) = *left else { break };
        let first = u64::from(run.first().0);
        let cut = u32::try_from(first.saturating_add(wanted).saturating_sub(1)).map(Serial);
        let last = cut.map_or(run.last(), |cut| cut.min(run.last()));
        let Some(share) = Serials::new(run.first(), last) else { break };
        taken.push(share);
        wanted = wanted.saturating_sub(share.count());
        *left = last.0.checked_add(1).and_then(|next| Serials::new(Serial(next), run.last()));
        if left.is_none() {
            *left = rest.next();
        }
    }
    taken
}

#[cfg(test)]
mod tests;
