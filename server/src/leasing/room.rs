//! Giving out room where a capacity keeps guests out.

use kaisatsu_shared::{
    bundle::{EventRules, Policy},
    id::LeaseId,
    ledger::{Crowd, EventState, LedgerBody},
    place::Place,
    rules::{Filling, fillings},
    time::UnixMillis,
};

use super::Lane;

/// Shares the room that nobody holds and that isn't taken at `now` among the lanes by which it can be
/// entered. The server keeps a part as large as a lane's, so that the busiest lane finds more room at once.
/// A lane that holds some gets no more; it asks when it needs it.
pub(super) fn share_out_room(
    state: &EventState,
    rules: &EventRules,
    lanes: &[Lane],
    (mut lease, now): (LeaseId, UnixMillis),
) -> Vec<LedgerBody> {
    let mut given = Vec::new();
    for filling in fillings(rules, &Crowd::of(state, |_| false), now) {
        let place = filling.place;
        let wants = |lane: &&Lane| leads_to(rules, place, lane) && !holds(state, place, lane);
        let lanes: Vec<_> = lanes.iter().filter(wants).collect();
        for (Lane { device, gate }, persons) in lanes.iter().zip(parts(&filling, lanes.len())) {
            let (device, gate) = (*device, *gate);
            given.push(LedgerBody::ShareLeased { lease, device, gate, place, persons });
            lease = LeaseId(lease.0.saturating_add(1));
        }
    }
    given
}

/// Whether somebody may come into the place by that lane, also without the server.
fn leads_to(rules: &EventRules, place: Place, lane: &Lane) -> bool {
    let rules = rules.rules();
    let into = rules.gate(lane.gate).and_then(|gate| gate.into);
    let there = match place {
        Place::Zone(zone) => into == Some(zone),
        Place::Venue | Place::Slot(_) => true,
    };
    there
        && rules.types.iter().any(|known| {
            let slot = match place {
                Place::Slot(slot) => known.admission.schedule.slots.contains(&slot),
                Place::Venue | Place::Zone(_) => true,
            };
            let policy = known.admission.policy.unwrap_or(rules.policy);
            slot && policy != Policy::OnlineOnly && rules.may_use(known, lane.gate)
        })
}

fn holds(state: &EventState, place: Place, lane: &Lane) -> bool {
    let mut held = state.leases().shares().held();
    held.any(|(_, share)| (share.device, share.place) == (lane.device, place))
}

/// Each lane's part, at least one person; the lanes after them get nothing.
fn parts(filling: &Filling, lanes: usize) -> impl Iterator<Item = u32> + use<> {
    let free = if filling.is_hard() { filling.free().saturating_sub(filling.held) } else { 0 };
    let lanes = u32::try_from(lanes).unwrap_or(u32::MAX);
    let parts = lanes.saturating_add(1);
    let size = move |lane: u32| (free / parts).saturating_add(u32::from(lane < free % parts));
    (0..lanes).map(size).take_while(|persons| *persons > 0)
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use kaisatsu_shared::rules::{Beyond, Capacity};

    use super::*;

    #[test]
    fn the_server_keeps_a_part_and_nothing_is_given_twice() {
        for (persons, inside, held, lanes, expected) in [
            (100, 0, 0, 4, vec![20; 4]),
            (101, 0, 0, 4, vec![21, 20, 20, 20]),
            (100, 70, 10, 1, vec![10]),
            (3, 0, 0, 4, vec![1; 3]),
            (3, 3, 0, 4, vec![]),
            (3, 2, 5, 4, vec![]),
            (9, 0, 0, 0, vec![]),
        ] {
            let persons = NonZeroU32::new(persons).unwrap();
            let capacity = Capacity { persons, beyond: Beyond::Deny };
            let filling = Filling { place: Place::Venue, capacity, inside, held, here: None };
            assert_eq!(parts(&filling, lanes).collect::<Vec<_>>(), expected, "{filling:?}");
            let soft = Capacity { persons, beyond: Beyond::Warn };
            assert_eq!(parts(&Filling { capacity: soft, ..filling }, lanes).count(), 0);
        }
    }
}
