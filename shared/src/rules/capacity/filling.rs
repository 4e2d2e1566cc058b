//! How full a place is.

use core::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{EventRules, Rules},
    calendar::{Slot, TimeZone},
    id::{GateId, SlotId, ZoneId},
    ledger::{Counted, Crowd, Who},
    rules::{Terms, instant::FOREVER},
    time::UnixMillis,
};

use super::Capacity;

/// What holds only so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The whole venue: whoever came in by any gate.
    Venue,
    /// A zone: whoever came in by a gate that leads into it.
    Zone(ZoneId),
    /// A slot: whoever came in while it was open, with a ticket of a type that it admits.
    Slot(SlotId),
}

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
}

/// Persons inside at `at`.
#[must_use]
pub fn persons_inside(rules: &EventRules, crowd: &Crowd<'_>, at: UnixMillis) -> u32 {
    let count = Count { rules: rules.rules(), zone: rules.zone(), crowd, at };
    count.persons((UnixMillis(0), FOREVER), Who::By(&|_| true))
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
    wanted: u32,
) -> impl Iterator<Item = Filling> {
    let count = Count { rules: terms.rules, zone: terms.zone, crowd, at };
    let into = terms.rules.gate(gate).and_then(|gate| gate.into);
    let zone = into.and_then(|zone| count.in_zone(zone));
    // One open slot with room is enough; one that only warns is better than one that doesn't, and
    // then the one with most room.
    let slots = count.in_open_slots(terms, at);
    let rank = |slot: &Filling| (slot.is_over(wanted), slot.is_hard(), Reverse(slot.free()));
    let slot = slots.and_then(|slots| slots.into_iter().min_by_key(rank));
    [count.in_venue(), zone, slot].into_iter().flatten()
}

/// How many persons with this ticket fit when they enter by `gate`; none where no capacity keeps
/// anybody out.
pub(super) fn free(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    at: UnixMillis,
) -> Option<u32> {
    let count = Count { rules: terms.rules, zone: terms.zone, crowd, at };
    let into = terms.rules.gate(gate).and_then(|gate| gate.into);
    let zone = into.and_then(|zone| count.in_zone(zone));
    // They enter on one of the open slots: the one with most room.
    let slots = count.in_open_slots(terms, at).filter(|slots| slots.iter().all(Filling::is_hard));
    let slot = slots.and_then(|slots| slots.into_iter().max_by_key(Filling::free));
    let hard = [count.in_venue(), zone, slot].into_iter().flatten().filter(Filling::is_hard);
    hard.map(|filling| filling.free()).min()
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
        let capacity = self.rules.capacity?;
        let inside = self.persons((UnixMillis(0), FOREVER), Who::By(&|_| true));
        Some(Filling { place: Place::Venue, capacity, inside })
    }

    fn in_zone(&self, zone: ZoneId) -> Option<Filling> {
        let capacity = self.rules.zone(zone)?.capacity?;
        let into = |gate| self.rules.gate(gate).is_some_and(|gate| gate.into == Some(zone));
        let inside = self.persons((UnixMillis(0), FOREVER), Who::By(&into));
        Some(Filling { place: Place::Zone(zone), capacity, inside })
    }

    /// The open slots that admit the ticket; none where one of them holds any number.
    fn in_open_slots(&self, terms: &Terms<'_>, at: UnixMillis) -> Option<Vec<Filling>> {
        terms.slots().filter(|slot| slot.is_open(at)).map(|slot| self.in_slot(slot)).collect()
    }

    fn in_slot(&self, slot: &Slot) -> Option<Filling> {
        let capacity = slot.capacity?;
        let admitted = |id| {
            let found = self.rules.ticket_type(id);
            found.is_some_and(|found| found.admission.schedule.slots.contains(&slot.id))
        };
        let inside = self.persons((slot.opens(), slot.closes()), Who::With(&admitted));
        Some(Filling { place: Place::Slot(slot.id), capacity, inside })
    }

    /// Persons who came in since the last closing, between two instants.
    fn persons(&self, (from, until): (UnixMillis, UnixMillis), who: Who<'_>) -> u32 {
        let closing = self.rules.calendar.closing;
        let session = closing.map(|closing| self.zone.day(closing, self.at).begins);
        let from = session.map_or(from, |begins| begins.max(from));
        self.crowd.persons(&Counted { from, until, who })
    }
}
