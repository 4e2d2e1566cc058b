//! What other lanes hold: the right, or the room that is left. Whoever is alive is asked for it, so that
//! the claim can be granted a moment later.

use super::Wanted;
use crate::{
    id::DeviceId,
    lease::Serials,
    ledger::{EventState, Lease, LedgerBody},
    rules::{Facts, Filling, HeldRoom, Refusal},
    sync::ClaimRefusal,
};

/// What is known of a lane that holds a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    /// It was heard a moment ago.
    Heard,
    /// It isn't heard.
    Silent,
    /// Its device was revoked: it gives nothing back any more.
    Lost,
}

/// Tells what is known of the lane that holds a lease.
pub type Lanes<'a> = &'a dyn Fn(&Lease) -> LaneState;

/// What stands in a claim's way, with its numbers, and what to ask of other lanes.
pub type Asked = (ClaimRefusal, Facts, Vec<LedgerBody>);

/// Asks a right's holder for it, unless that was done.
pub(super) fn ask_for_right(
    state: &EventState,
    serials: Serials,
    lease: &Lease,
    lanes: Lanes<'_>,
) -> Asked {
    let facts = Facts { lane: Some(lease.gate), ..Facts::EMPTY };
    let asked = state.leases().not_recalled(serials).into_iter();
    let recalls = asked.map(|serials| LedgerBody::Recalled { lease: lease.id, serials }).collect();
    match lanes(lease) {
        LaneState::Heard => (ClaimRefusal::Recalling, facts, recalls),
        LaneState::Silent => (ClaimRefusal::LaneSilent, facts, recalls),
        LaneState::Lost => (ClaimRefusal::LaneLost, facts, Vec::new()),
    }
}

/// A share that may give room back.
struct Source<'a> {
    lease: &'a Lease,
    /// For so many more persons, as far as is known.
    free: u32,
    /// Room for so many was asked for and isn't back.
    owed: u32,
    heard: bool,
}

/// Asks lanes for room, as much as is missing and not yet under way.
pub(super) fn ask_for_room(
    state: &EventState,
    held: &HeldRoom,
    wanted: Wanted,
    lanes: Lanes<'_>,
) -> Asked {
    let holder = state.leases().holder(wanted.right.serial).map(|lease| lease.device);
    let own = holder.is_some() && holder == wanted.device;
    // A holder has given what room it knows to have; from others it is next at hand.
    let comes_last = |device: DeviceId| (Some(device) == wanted.device) == own;
    let Filling { place, .. } = held.filling;
    let leases = state.leases();
    let shares = leases.shares().held().filter(|(_, share)| share.place == place);
    let mut sources: Vec<_> = shares
        .filter_map(|(id, share)| {
            let lease = leases.lease(id)?;
            let known = held.lanes.iter().find(|(device, _)| *device == share.device);
            let free = known.map_or(0, |(_, free)| (*free).min(share.persons()));
            let standing = lanes(lease);
            let heard = standing == LaneState::Heard;
            (standing != LaneState::Lost).then_some(Source {
                lease,
                free,
                owed: share.owed(),
                heard,
            })
        })
        .filter(|source| source.free > 0)
        .collect();
    sources.sort_by_key(|source| {
        let last = comes_last(source.lease.device);
        (!source.heard, last, core::cmp::Reverse(source.free), source.lease.id)
    });
    // What a silent lane owes may never come.
    let under_way = sources.iter().filter(|source| source.heard);
    let under_way = under_way.fold(0_u32, |sum, source| sum.saturating_add(source.owed));
    let mut missing = held.missing.saturating_sub(under_way);
    let mut recalls = Vec::new();
    for source in &sources {
        let persons = source.free.saturating_sub(source.owed).min(missing);
        if persons > 0 {
            recalls.push(LedgerBody::ShareRecalled { lease: source.lease.id, persons });
            missing = missing.saturating_sub(persons);
        }
    }
    let Some(first) = sources.first() else {
        // Only lost lanes hold it: it counts as full.
        let Refusal { code, facts } = held.filling.full();
        return (ClaimRefusal::of(code), facts, Vec::new());
    };
    let facts = Facts { lane: Some(first.lease.gate), ..held.filling.facts() };
    let refusal = if first.heard { ClaimRefusal::RoomRecalling } else { ClaimRefusal::RoomHeld };
    (refusal, facts, recalls)
}
