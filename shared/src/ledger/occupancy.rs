//! Persons inside, by where and when they came in: what capacities are counted with. It knows no
//! rules: a reader says which of them count.

use crate::{
    id::{DeviceId, GateId, LeaseId, TypeId},
    place::Place,
    right::{Authority, Use, UseKind},
    time::{TimeInterval, UnixMillis},
};

use super::{
    EventState, Lease, Right, Share,
    tally::{Span, Tally},
};

/// Somebody passed a gate, in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// In or out.
    pub kind: UseKind,
    /// How many persons.
    pub count: u8,
    /// The gate.
    pub gate: GateId,
    /// When, as far as the gate's clock could tell.
    pub at: TimeInterval,
    /// The device that let them in by its own word; they take room of its share, where it has one.
    pub by: Option<DeviceId>,
}

impl From<&Use> for Passage {
    fn from(used: &Use) -> Self {
        let by = (used.authority != Authority::Server).then_some(used.device);
        Self { kind: used.kind, count: used.count, gate: used.gate, at: used.at, by }
    }
}

/// Where and when persons who are still inside came in, and with what type of ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arrival {
    at: TimeInterval,
    gate: GateId,
    ticket_type: TypeId,
    by: Option<DeviceId>,
}

/// Which of the persons inside count.
#[derive(Clone, Copy)]
pub struct Counted<'a> {
    /// Those who may have come in at this instant or after it, in whole minutes …
    pub from: UnixMillis,
    /// … and before this one; the last instant there is means without end.
    pub until: UnixMillis,
    /// Of these.
    pub who: Who<'a>,
    /// Only whom this device let in by its own word, where one is named.
    pub by: Option<DeviceId>,
}

/// Who counts.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// Who came in by such a gate.
    By(&'a dyn Fn(GateId) -> bool),
    /// Who came in with such a type of ticket.
    With(&'a dyn Fn(TypeId) -> bool),
}

impl Counted<'_> {
    fn counts(&self, arrival: &Arrival) -> bool {
        let known = match self.who {
            Who::By(gate) => gate(arrival.gate),
            Who::With(ticket_type) => ticket_type(arrival.ticket_type),
        };
        let by = self.by.is_none_or(|by| arrival.by == Some(by));
        known && by && Span::of(arrival.at).meets(Span::between(self.from, self.until))
    }
}

/// Persons inside, by where and when they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    by: Tally<(GateId, Option<DeviceId>)>,
    with: Tally<(TypeId, Option<DeviceId>)>,
}

impl Occupancy {
    /// One ticket's passages were `before` and are `after`.
    pub(super) fn change(&mut self, ticket_type: TypeId, before: &[Passage], after: &[Passage]) {
        for (arrival, persons) in still_inside(ticket_type, before) {
            let span = Span::of(arrival.at);
            self.by.remove(span, (arrival.gate, arrival.by), persons);
            self.with.remove(span, (arrival.ticket_type, arrival.by), persons);
        }
        for (arrival, persons) in still_inside(ticket_type, after) {
            let span = Span::of(arrival.at);
            self.by.add(span, (arrival.gate, arrival.by), persons);
            self.with.add(span, (arrival.ticket_type, arrival.by), persons);
        }
    }

    fn persons(&self, counted: &Counted<'_>) -> u64 {
        let span = Span::between(counted.from, counted.until);
        let named = |by: Option<DeviceId>| counted.by.is_none_or(|named| by == Some(named));
        match counted.who {
            Who::By(counts) => self.by.persons(span, &|(gate, by)| named(by) && counts(gate)),
            Who::With(counts) => self.with.persons(span, &|(kind, by)| named(by) && counts(kind)),
        }
    }
}

/// A share of a place's room, as a reader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Who holds it.
    pub device: DeviceId,
    /// Room in what.
    pub place: Place,
    /// For so many persons, those whom the device let in and who are inside among them.
    pub persons: u32,
    /// Whether the reader holds it.
    pub here: bool,
}

/// An occupancy, and what a reader knows otherwise.
#[derive(Clone, Debug)]
pub struct Crowd<'a> {
    known: &'a Occupancy,
    changes: Vec<(Arrival, i64)>,
    rooms: Vec<Room>,
}

impl<'a> From<&'a Occupancy> for Crowd<'a> {
    fn from(known: &'a Occupancy) -> Self {
        Self { known, changes: Vec::new(), rooms: Vec::new() }
    }
}

impl<'a> Crowd<'a> {
    /// The persons inside by a ledger, for a reader who holds such leases, and who gives back what is asked
    /// for.
    #[must_use]
    pub fn of(state: &'a EventState, here: impl Fn(&Lease) -> bool) -> Self {
        Self::with_shares(state, here, |_, share| share.persons().saturating_sub(share.owed()))
    }

    /// The same where the reader knows better for how many persons a share of theirs is: it gave room
    /// back that the ledger doesn't know of yet.
    #[must_use]
    pub fn with_shares(
        state: &'a EventState,
        here: impl Fn(&Lease) -> bool,
        left: impl Fn(LeaseId, &Share) -> u32,
    ) -> Self {
        let leases = state.leases();
        let mut rooms: Vec<Room> = Vec::new();
        for (id, share) in leases.shares().held() {
            let here = leases.lease(id).is_some_and(&here);
            let persons = if here { left(id, share) } else { share.persons() };
            let Share { device, place, .. } = *share;
            match rooms.iter_mut().find(|room| (room.device, room.place) == (device, place)) {
                Some(room) => room.persons = room.persons.saturating_add(persons),
                None => rooms.push(Room { device, place, persons, here }),
            }
        }
        Self { rooms, ..Self::from(state.occupancy()) }
    }

    /// Shares of a place's room, one for each holder.
    pub fn rooms(&self, place: Place) -> impl Iterator<Item = &Room> {
        self.rooms.iter().filter(move |room| room.place == place)
    }

    /// Reckons one ticket's passages as `after` where the occupancy has `before`.
    pub fn change(&mut self, ticket_type: TypeId, before: &[Passage], after: &[Passage]) {
        let gone = still_inside(ticket_type, before);
        let come = still_inside(ticket_type, after);
        self.changes.extend(gone.map(|(arrival, persons)| (arrival, -i64::from(persons))));
        self.changes.extend(come.map(|(arrival, persons)| (arrival, i64::from(persons))));
    }

    /// Persons inside who count.
    #[must_use]
    pub fn persons(&self, counted: &Counted<'_>) -> u32 {
        let known = i64::try_from(self.known.persons(counted)).unwrap_or(i64::MAX);
        let changes = self.changes.iter().filter(|(arrival, _)| counted.counts(arrival));
        let persons = changes.fold(known, |sum, (_, change)| sum.saturating_add(*change));
        u32::try_from(persons.max(0)).unwrap_or(u32::MAX)
    }
}

/// Who of one ticket's persons is inside: whoever leaves is the one who came in last.
fn still_inside(
    ticket_type: TypeId,
    passages: &[Passage],
) -> impl Iterator<Item = (Arrival, u32)> + use<> {
    let mut inside: Vec<(Arrival, u32)> = Vec::new();
    for passage in passages {
        let mut persons = u32::from(passage.count);
        if passage.kind == UseKind::Entry {
            let Passage { gate, at, by, .. } = *passage;
            inside.push((Arrival { at, gate, ticket_type, by }, persons));
            continue;
        }
        while let Some((arrival, there)) = inside.pop() {
            if there > persons {
                inside.push((arrival, there.saturating_sub(persons)));
                break;
            }
            persons = persons.saturating_sub(there);
        }
    }
    inside.into_iter()
}

impl Right {
    /// Who came in and left on it, in the order recorded: its uses, those let in against the rules,
    /// and last the entries being admitted by a claim that `counts`.
    pub fn passages(&self, counts: impl Fn(&Use) -> bool) -> Vec<Passage> {
        let uses = self.uses().map(|known| (known.sequence, Passage::from(&known.used)));
        let overrides = self.overrides.iter().map(|known| (known.sequence, known.passage()));
        let mut recorded: Vec<_> = uses.chain(overrides).collect();
        recorded.sort_by_key(|(sequence, _)| *sequence);
        let grants = self.grants.iter().map(|grant| &grant.used);
        let open = grants.filter(|used| used.kind == UseKind::Entry && counts(used));
        recorded.into_iter().map(|(_, passage)| passage).chain(open.map(Passage::from)).collect()
    }
}

impl super::Override {
    const fn passage(&self) -> Passage {
        let (gate, at) = (self.by.gate, self.by.at);
        Passage { kind: UseKind::Entry, count: self.count, gate, at, by: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: TypeId = TypeId(1);
    const MINUTE: u64 = 60_000;

    fn passage(kind: UseKind, count: u8, gate: u16, from: u64, until: u64) -> Passage {
        let at = TimeInterval {
            earliest: UnixMillis(from * MINUTE),
            latest: UnixMillis(until * MINUTE + MINUTE - 1),
        };
        Passage { kind, count, gate: GateId(gate), at, by: None }
    }

    fn entry(count: u8, gate: u16, minute: u64) -> Passage {
        passage(UseKind::Entry, count, gate, minute, minute)
    }

    fn exit(count: u8, minute: u64) -> Passage {
        passage(UseKind::Exit, count, 1, minute, minute)
    }

    fn between(crowd: &Crowd<'_>, from: u64, until: u64) -> u32 {
        let (from, until) = (UnixMillis(from * MINUTE), UnixMillis(until.saturating_mul(MINUTE)));
        crowd.persons(&Counted { from, until, who: Who::By(&|_| true), by: None })
    }

    fn occupancy(passages: &[Passage]) -> Occupancy {
        let mut occupancy = Occupancy::default();
        occupancy.change(TYPE, &[], passages);
        occupancy
    }

    #[test]
    fn who_leaves_is_the_one_who_came_last() {
        // Yesterday's guest who was never scanned out doesn't take today's exit.
        let passages = [entry(2, 1, 10), entry(3, 1, 50), exit(2, 55), exit(9, 60), exit(1, 61)];
        for (known, today, ever) in [(2, 3, 5), (3, 1, 3), (4, 0, 0), (5, 0, 0)] {
            let occupancy = occupancy(&passages[..known]);
            let crowd = Crowd::from(&occupancy);
            assert_eq!(
                (between(&crowd, 40, u64::MAX), between(&crowd, 0, u64::MAX)),
                (today, ever)
            );
        }
    }

    #[test]
    fn an_uncertain_arrival_counts_wherever_it_may_lie() {
        let occupancy = occupancy(&[passage(UseKind::Entry, 1, 1, 10, 20)]);
        let crowd = Crowd::from(&occupancy);
        for (from, until, persons) in
            [(0, 10, 0), (0, 11, 1), (15, 16, 1), (20, 30, 1), (21, 30, 0), (20, u64::MAX, 1)]
        {
            assert_eq!(between(&crowd, from, until), persons, "{from} to {until}");
        }
        let open_ended = TimeInterval { earliest: UnixMillis(0), latest: UnixMillis(u64::MAX) };
        let unproven = Passage { at: open_ended, ..entry(1, 1, 0) };
        let mut occupancy = Occupancy::default();
        occupancy.change(TYPE, &[], &[unproven]);
        assert_eq!(between(&Crowd::from(&occupancy), 1_000, 1_001), 1);
    }

    #[test]
    fn a_reader_knows_more_and_says_who_counts() {
        let occupancy = occupancy(&[entry(2, 1, 10), entry(3, 2, 10)]);
        let mut crowd = Crowd::from(&occupancy);
        let at_two = |crowd: &Crowd<'_>| {
            let (from, until) = (UnixMillis(0), UnixMillis(u64::MAX));
            let who = Who::By(&|gate| gate == GateId(2));
            crowd.persons(&Counted { from, until, who, by: None })
        };
        assert_eq!(at_two(&crowd), 3);
        crowd.change(TypeId(2), &[], &[entry(1, 2, 11)]);
        assert_eq!((at_two(&crowd), between(&crowd, 0, u64::MAX)), (4, 6));
        let known = [entry(2, 1, 10), entry(3, 2, 10)];
        crowd.change(TYPE, &known, &[known[0], known[1], exit(4, 12)]);
        assert_eq!((at_two(&crowd), between(&crowd, 0, u64::MAX)), (1, 2));
        let other = Counted {
            from: UnixMillis(0),
            until: UnixMillis(u64::MAX),
            who: Who::With(&|found| found == TypeId(2)),
            by: None,
        };
        assert_eq!(crowd.persons(&other), 1);
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let mut occupancy = occupancy(&[entry(2, 1, 10)]);
        occupancy.change(TYPE, &[entry(2, 1, 10)], &[entry(2, 1, 10), entry(1, 1, 10)]);
        assert_eq!(between(&Crowd::from(&occupancy), 0, u64::MAX), 3);
        occupancy.change(TYPE, &[entry(2, 1, 10), entry(1, 1, 10)], &[]);
        assert_eq!(occupancy, Occupancy::default());
    }
}
