//! How many fit into the venue, a zone and a slot. Persons are counted one by one; whoever leaves is
//! the one who came in last on the ticket. An uncertain arrival counts wherever it may have been.

use kaisatsu_shared::{
    id::{GateId, ZoneId},
    rules::{Beyond, Capacity},
};

use super::schedule::open_slots;
use crate::{
    judge::{Family, Moment},
    story::{Passer, Story, Way},
};

pub(crate) const FAMILY: Family = Family {
    name: "capacity",
    concerns: |story| {
        let rules = &story.bundle.rules;
        let mut zones = rules.zones.iter();
        let mut slots = rules.calendar.slots.iter();
        rules.capacity.is_some()
            || zones.any(|zone| zone.capacity.is_some())
            || slots.any(|slot| slot.capacity.is_some())
    },
    allows: |moment| {
        let inside = inside(moment);
        let gates = &moment.story.bundle.rules.gates;
        let into = |id: GateId| gates.iter().find(|gate| gate.id == id).and_then(|gate| gate.into);
        let zone = into(moment.story.gate);
        fits(moment, moment.story.bundle.rules.capacity, inside.len())
            && zone.is_none_or(|zone| {
                let there = inside.iter().filter(|person| into(person.gate) == Some(zone));
                fits(moment, of_zone(moment.story, zone), there.count())
            })
            && fits_a_slot(moment, &inside)
    },
};

fn of_zone(story: &Story, zone: ZoneId) -> Option<Capacity> {
    story.bundle.rules.zones.iter().find(|known| known.id == zone).and_then(|zone| zone.capacity)
}

fn fits(moment: &Moment<'_>, capacity: Option<Capacity>, inside: usize) -> bool {
    capacity.is_none_or(|capacity| {
        let wanted = usize::try_from(moment.wanted).unwrap();
        let most = usize::try_from(capacity.persons.get()).unwrap();
        capacity.beyond == Beyond::Warn || inside + wanted <= most
    })
}

fn fits_a_slot(moment: &Moment<'_>, inside: &[Person]) -> bool {
    let open = open_slots(moment, moment.at);
    open.is_empty()
        || open.iter().any(|slot| {
            let minutes = |minutes: u16| u64::from(minutes) * 60_000;
            let opens = u64::from(slot.from.0) * 1_000 - minutes(slot.early_minutes);
            let closes = u64::from(slot.until.0) * 1_000 + minutes(slot.late_minutes);
            let may_be = |person: &&Person| person.latest >= opens && person.earliest < closes;
            fits(moment, slot.capacity, inside.iter().filter(may_be).count())
        })
}

#[derive(Clone, Copy)]
struct Person {
    gate: GateId,
    earliest: u64,
    latest: u64,
}

/// Everybody who is inside and may have come since the last closing.
fn inside(moment: &Moment<'_>) -> Vec<Person> {
    let story = moment.story;
    let own = moment.known.uses.iter().map(|(_, kind, used)| Passer {
        ticket: 1,
        way: Way::from(*kind),
        count: used.count,
        gate: story.gate,
        at: used.at,
    });
    let under_way = moment.known.under_way.iter().map(|(place, count)| Passer {
        ticket: 1,
        way: Way::In,
        count: *count,
        gate: story.gate,
        at: story.past[*place].at,
    });
    let mut inside: [Vec<Person>; 3] = Default::default();
    for passer in story.crowd.iter().copied().chain(own).chain(under_way) {
        let there = &mut inside[usize::from(passer.ticket)];
        for _ in 0..passer.count {
            if passer.way == Way::Out {
                there.pop();
                continue;
            }
            let (earliest, latest) = (passer.at.earliest.0, passer.at.latest.0);
            there.push(Person { gate: passer.gate, earliest, latest });
        }
    }
    let closing = story.bundle.rules.calendar.closing;
    let since = closing.map_or(0, |closing| moment.wall.day(closing, moment.at).1);
    inside.concat().into_iter().filter(|person| person.latest >= since).collect()
}
