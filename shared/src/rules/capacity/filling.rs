//! How full a place is.

use core::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{EventRules, Rules},
    calendar::{Slot, TimeZone},
    id::{DeviceId, GateId, ZoneId},
    ledger::{Counted, Crowd, Room, Who},
    place::Place,
    planted::{Fault, is_planted},
    rules::{Ask, Reach, Terms, instant::FOREVER},
    time::UnixMillis,
};

use super::Capacity;

/// A place with a capacity, and how full it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Filling {
    /// The place.
    pub place: Place,
    /// How many fit.
    pub capacity: Capacity,
    /// Persons inside, as far as is known.
    pub inside: u32,
    /// Room that lanes hold and haven't given to guests, as far as is known: for so many persons.
    #[serde(default)]
    pub held: u32,
    /// Of that, room for so many persons is this gate's own; none where no lane holds any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<u32>,
}

/// Persons inside at `at`.
#[must_use]
pub fn persons_inside(rules: &EventRules, crowd: &Crowd<'_>, at: UnixMillis) -> u32 {
    let count = Count { rules: rules.rules(), zone: rules.zone(), crowd, at };
    count.inside(Place::Venue, None)
}

/// How full every place with a capacity is at `at`.
#[must_use]
pub fn fillings(rules: &EventRules, crowd: &Crowd<'_>, at: UnixMillis) -> Vec<Filling> {
    let count = Count { rules: rules.rules(), zone: rules.zone(), crowd, at };
    let zones = count.rules.zones.iter().filter_map(|zone| count.in_zone(zone.id));
    let slots = count.rules.calendar.slots.iter().filter_map(|slot| count.in_slot(slot));
    count.in_venue().into_iter().chain(zones).chain(slots).collect()
}

/// The places in which a guest with this ticket takes room when they enter by `gate`.
pub(super) fn entered(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    at: UnixMillis,
    ask: Ask,
) -> impl Iterator<Item = Filling> {
    let count = Count { rules: terms.rules, zone: terms.zone, crowd, at };
    let into = terms.rules.gate(gate).and_then(|gate| gate.into);
    let zone = into.and_then(|zone| count.in_zone(zone));
    // One open slot with room is enough; the gate's own room is better than other lanes', one that only
    // warns is better than one that doesn't, and then the one with most room.
    let slots = count.in_open_slots(terms, at);
    let wanted = u32::from(ask.count);
    let rank = |slot: &Filling| {
        let held = slot.is_held(wanted) && slot.here < Some(wanted);
        let lacks = slot.lacks(ask, terms.policy()) || slot.is_over(wanted);
        (lacks, held, slot.is_hard(), Reverse(slot.free()))
    };
    let slot = slots.and_then(|slots| slots.into_iter().min_by_key(rank));
    [count.in_venue(), zone, slot].into_iter().flatten()
}

/// Room that lanes hold and that persons who want to enter need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRoom {
    /// Where.
    pub filling: Filling,
    /// For so many persons room must be given back.
    pub missing: u32,
    /// Who holds it, and for how many more persons each has room, as far as is known.
    pub lanes: Vec<(DeviceId, u32)>,
}

/// The first place of which the persons need room that lanes hold, if they need any.
#[must_use]
pub fn held_room(terms: &Terms<'_>, gate: GateId, crowd: &Crowd<'_>, ask: Ask) -> Option<HeldRoom> {
    let (at, wanted) = (ask.now.latest, u32::from(ask.count));
    let mut fillings = entered(terms, gate, crowd, at, ask);
    let filling = fillings.find(|filling| filling.is_held(wanted))?;
    let count = Count { rules: terms.rules, zone: terms.zone, crowd, at };
    let lanes = count.rooms(filling.place).map(|(room, free)| (room.device, free)).collect();
    Some(HeldRoom { filling, missing: filling.missing(wanted), lanes })
}

/// How many persons with this ticket fit when they enter by `gate`; none where no capacity keeps
/// anybody out.
pub(super) fn free(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    at: UnixMillis,
    reach: Reach,
) -> Option<u32> {
    let count = Count { rules: terms.rules, zone: terms.zone, crowd, at };
    let into = terms.rules.gate(gate).and_then(|gate| gate.into);
    let zone = into.and_then(|zone| count.in_zone(zone));
    let open = |filling: &Filling| filling.open_to(reach, terms.policy());
    // They enter on one of the open slots: the one with most room.
    let slots = count.in_open_slots(terms, at).filter(|slots| slots.iter().all(Filling::is_hard));
    let slot = slots.and_then(|slots| slots.into_iter().max_by_key(open));
    let hard = [count.in_venue(), zone, slot].into_iter().flatten().filter(Filling::is_hard);
    hard.map(|filling| open(&filling)).min()
}

/// Who counts at an instant.
#[derive(Clone, Copy)]
struct Count<'a> {
    rules: &'a Rules,
    zone: TimeZone,
    crowd: &'a Crowd<'a>,
    at: UnixMillis,
}

impl Count<'_> {
    fn in_venue(&self) -> Option<Filling> {
        Some(self.filling(Place::Venue, self.rules.capacity?))
    }

    fn in_zone(&self, zone: ZoneId) -> Option<Filling> {
        Some(self.filling(Place::Zone(zone), self.rules.zone(zone)?.capacity?))
    }

    fn in_slot(&self, slot: &Slot) -> Option<Filling> {
        Some(self.filling(Place::Slot(slot.id), slot.capacity?))
    }

    /// The open slots that admit the ticket; none where one of them holds any number.
    fn in_open_slots(&self, terms: &Terms<'_>, at: UnixMillis) -> Option<Vec<Filling>> {
        terms.slots().filter(|slot| slot.is_open(at)).map(|slot| self.in_slot(slot)).collect()
    }

    fn filling(&self, place: Place, capacity: Capacity) -> Filling {
        let (mut held, mut here) = (0_u32, None);
        for (room, free) in self.rooms(place) {
            if !is_planted(Fault::HeldRoomGiven) {
                held = held.saturating_add(free);
            }
            let own = match room.here {
                true if is_planted(Fault::ShareIgnored) => room.persons,
                true => free,
                false => 0,
            };
            here = Some(here.unwrap_or(0_u32).saturating_add(own));
        }
        Filling { place, capacity, inside: self.inside(place, None), held, here }
    }

    /// Each lane's share of the place, and for how many more persons it has room.
    fn rooms(&self, place: Place) -> impl Iterator<Item = (&Room, u32)> {
        self.crowd.rooms(place).map(move |room| {
            let taken = self.inside(place, Some(room.device));
            (room, room.persons.saturating_sub(taken))
        })
    }

    /// Persons inside; only whom one device let in by its own word, where one is named.
    fn inside(&self, place: Place, by: Option<DeviceId>) -> u32 {
        let always = (UnixMillis(0), FOREVER);
        match place {
            Place::Venue => self.persons(always, Who::By(&|_| true), by),
            Place::Zone(zone) => {
                let into = |gate| self.rules.gate(gate).is_some_and(|gate| gate.into == Some(zone));
                self.persons(always, Who::By(&into), by)
            }
            Place::Slot(id) => {
                let Some(slot) = self.rules.calendar.slot(id) else { return 0 };
                let admitted = |id| {
                    let found = self.rules.ticket_type(id);
                    found.is_some_and(|found| found.admission.schedule.slots.contains(&slot.id))
                };
                self.persons((slot.opens(), slot.closes()), Who::With(&admitted), by)
            }
        }
    }

    /// Persons who came in since the last closing, between two instants.
    fn persons(
        &self,
        (from, until): (UnixMillis, UnixMillis),
        who: Who<'_>,
        by: Option<DeviceId>,
    ) -> u32 {
        let closing = self.rules.calendar.closing;
        let session = closing.map(|closing| self.zone.day(closing, self.at).begins);
        let from = session.map_or(from, |begins| begins.max(from));
        self.crowd.persons(&Counted { from, until, who, by })
    }
}
