//! An ordinary evening with the policy `strict`: nothing breaks. What it costs guests is measured by it.

use kaisatsu_shared::{bundle::Policy, id::Serial};

use super::{
    Breakdown, Broken, Deed, DeedKind, GatePlan, HubPlan, Mistake, Plan, Shows, Visit, Way, Weather,
};
use crate::{
    draw::Draw,
    house::Class,
    schedule::{MILLI, SECOND},
};

/// Tickets below this serial are of all classes; nobody comes with one.
const MIXED: u32 = 64;
/// Guests of each lane, one every four seconds.
const GUESTS: u32 = 60;
const BETWEEN: u64 = 4 * SECOND;
/// When the lanes have their leases and the first guest comes.
const BEGINS: u64 = 15 * SECOND;

/// What an evening is like.
#[derive(Clone, Copy, Debug)]
pub struct Ordinary {
    /// Lanes, at least one.
    pub lanes: u32,
    /// How long a message takes, in microseconds.
    pub delay: (u64, u64),
    /// Guests who come to the lane of their ticket because they know it, of a thousand; the others come to
    /// any.
    pub know: u64,
    /// Whether every lane is cut off from the server while guests come.
    pub cut: bool,
    /// Whether the first lane is the venue's hub.
    pub hub: Option<Leases>,
}

/// To whom the tickets are leased where there is a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leases {
    /// All to the hub.
    Hub,
    /// To all lanes, the hub among them, which fetches them.
    Lanes,
}

impl Plan {
    /// An ordinary evening.
    #[must_use]
    pub fn ordinary(seed: u64, evening: Ordinary) -> Self {
        let Ordinary { lanes, delay, know, cut, hub } = evening;
        let mut draw = Draw::of(seed, 5);
        let guests = lanes.saturating_mul(GUESTS);
        let tickets = MIXED.saturating_add(guests);
        let gate = GatePlan { exit: false, ppm: 0, system: Some(0), write: (500, 12_000) };
        let each = BETWEEN / u64::from(lanes.max(1));
        let visits = (0..guests).map(|guest| {
            let serial = Serial(MIXED.saturating_add(guest));
            let own = draw.chance(know).then(|| lane(serial, tickets, lanes));
            let place = usize::try_from(lanes).unwrap_or(1);
            Visit {
                at: BEGINS + u64::from(guest) * each + draw.below(each),
                gate: own.unwrap_or_else(|| draw.place(place)),
                serial,
                shows: Shows::Ticket,
                persons: 1,
                mistake: Mistake::None,
                insists: false,
            }
        });
        let mut visits: Vec<_> = visits.collect();
        visits.sort_by_key(|visit| visit.at);
        let ends = BEGINS + u64::from(guests) * each + 30 * SECOND;
        let calm = Weather { drop: 0, duplicate: 0, delay };
        let leased = (hub == Some(Leases::Hub)).then_some(0);
        let all = Broken::Link(None, Way::Both);
        let cut = cut.then_some(Breakdown { from: BEGINS - 2 * SECOND, until: ends, broken: all });
        Self {
            seed,
            policy: Policy::Strict,
            small: false,
            tickets,
            gates: (0..lanes).map(|_| gate.clone()).collect(),
            visits,
            deeds: vec![Deed { at: 5 * SECOND, kind: DeedKind::Lease(leased) }],
            breakdowns: cut.into_iter().collect(),
            weather: calm,
            heals: ends + 100 * MILLI,
            pace: 1,
            ends: false,
            hub: hub.map(|_| HubPlan { gate: 0, lan: calm }),
        }
    }
}

/// The lane that is leased a ticket where all are shared out at once: rights of one class are given in a row.
fn lane(serial: Serial, tickets: u32, lanes: u32) -> usize {
    let single = |serial: &u32| Class::of(Serial(*serial)) == Class::Single;
    let before = (0..serial.0).filter(single).fold(0_u32, |count, _| count + 1);
    let all = (0..tickets).filter(single).fold(0_u32, |count, _| count + 1);
    let (size, longer) = (all / lanes.max(1), all % lanes.max(1));
    // The first lanes have one more.
    let of_longer = longer * (size + 1);
    let lane = match before.checked_sub(of_longer) {
        None => before / (size + 1),
        Some(rest) => longer + rest / size.max(1),
    };
    usize::try_from(lane).unwrap_or(0)
}
