//! What a seed's world is: gates, guests, what the organiser does and what breaks, drawn before
//! anything happens, so that a failing plan can be made smaller.

mod aimed;
mod breakdowns;
mod guests;
mod hub;
mod leases;
mod ordinary;
mod restores;
mod revoking;
mod room;
mod shrink;
mod tails;

use kaisatsu_shared::{bundle::Policy, id::Serial};

pub use breakdowns::{Breakdown, Breakdowns, Broken, Lie, Moment, PutBack, Way};
pub use guests::{Deed, DeedKind, Mistake, Shows, Visit};
pub use hub::HubPlan;
pub use ordinary::{Leases, Ordinary};
pub use shrink::shrink;

use crate::{
    draw::Draw,
    house::Regime,
    schedule::{HOUR, MINUTE, SECOND},
};

/// A gate as it is set up.
#[derive(Clone, Debug)]
pub struct GatePlan {
    /// Whether guests leave by it.
    pub exit: bool,
    /// How fast its clock goes wrong, in millionths.
    pub ppm: i64,
    /// How far its system clock is off, in milliseconds; nothing where no battery keeps it.
    pub system: Option<i64>,
    /// How long a write takes, in microseconds.
    pub write: (u64, u64),
}

/// How the links are when they aren't cut.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Messages lost, of a thousand.
    pub drop: u64,
    /// Messages that arrive twice, of a thousand.
    pub duplicate: u64,
    /// How long a message takes, in microseconds.
    pub delay: (u64, u64),
}

/// A seed's world.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// Who has the last word.
    pub policy: Policy,
    /// Whether the venue has room for few.
    pub small: bool,
    /// Tickets issued.
    pub tickets: u32,
    /// The gates.
    pub gates: Vec<GatePlan>,
    /// Who comes where and when.
    pub visits: Vec<Visit>,
    /// What the organiser does.
    pub deeds: Vec<Deed>,
    /// What breaks.
    pub breakdowns: Vec<Breakdown>,
    /// The links.
    pub weather: Weather,
    /// When everything that can work again works again.
    pub heals: u64,
    /// Gates wait so many times as long between two attempts: a day is told in as many steps as an hour.
    pub pace: u64,
    /// The venue's hub, if it has one.
    pub hub: Option<HubPlan>,
    /// Whether gates tell where their journals end with all that they ask. Each end costs a signature.
    pub ends: bool,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut draw = Draw::of(seed, 1);
        let policy = if draw.chance(120) { Policy::OnlineOnly } else { Policy::Available };
        let (span, pace) = match draw.below(100) {
            0..70 => (draw.between(30 * SECOND, 4 * MINUTE), 1),
            70..92 => (draw.between(5 * MINUTE, 40 * MINUTE), 6),
            _ => (draw.between(HOUR, 8 * HOUR), 60),
        };
        let count = match draw.below(100) {
            0..75 => draw.between(1, 4),
            75..97 => draw.between(3, 9),
            _ => draw.between(10, 32),
        };
        let gates: Vec<_> = (0..count).map(|place| gate(&mut draw, place)).collect();
        let tickets = match draw.below(1_000) {
            0..900 => draw.between(50, 120),
            900..992 => draw.between(120, 600),
            _ => draw.between(600, 5_000),
        };
        let weather = weather(&mut draw);
        let mut plan = Self {
            seed,
            policy,
            small: false,
            tickets: u32::try_from(tickets).unwrap_or(50),
            gates,
            visits: Vec::new(),
            deeds: Vec::new(),
            breakdowns: Vec::new(),
            weather,
            heals: span,
            pace,
            hub: None,
            ends: false,
        };
        guests::draw(&mut plan, &mut draw);
        breakdowns::draw(&mut plan, &mut draw);
        // Drawn apart, so that what the other policies meet stays as it is.
        leases::draw(&mut plan, &mut Draw::of(seed, 3));
        room::draw(&mut plan, &mut Draw::of(seed, 4));
        restores::draw(&mut plan, &mut Draw::of(seed, 9));
        restores::draw_unheard(&mut plan, &mut Draw::of(seed, 13));
        hub::draw(&mut plan, &mut Draw::of(seed, 8));
        revoking::draw(&mut plan, &mut Draw::of(seed, 10));
        tails::draw(&mut plan, &mut Draw::of(seed, 11));
        let aimed = &mut Draw::of(seed, 12);
        hub::fetching::draw(&mut plan, aimed);
        restores::given_up::draw(&mut plan, aimed);
        plan
    }

    /// What the event's rules are.
    #[must_use]
    pub const fn regime(&self) -> Regime {
        (self.policy, self.small)
    }

    /// Whether the server's database is put back from a backup.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        self.breakdowns.iter().any(|it| matches!(it.broken, Broken::PutBack(_)))
    }

    /// Whether somebody between a gate and the server answers in its place.
    #[must_use]
    pub fn is_lied_to(&self) -> bool {
        self.breakdowns.iter().any(|it| matches!(it.broken, Broken::Between(..)))
    }

    /// The serials that were issued.
    pub fn serials(&self) -> impl Iterator<Item = Serial> {
        (0..self.tickets).map(Serial)
    }
}

fn gate(draw: &mut Draw, place: u64) -> GatePlan {
    let kept = draw.chance(750);
    GatePlan {
        exit: place > 0 && draw.chance(200),
        ppm: draw.either(200),
        system: kept.then(|| draw.either(1_900)),
        write: if draw.chance(850) { (500, 12_000) } else { (20_000, 400_000) },
    }
}

fn weather(draw: &mut Draw) -> Weather {
    let rough = draw.chance(450);
    Weather {
        drop: if rough { draw.below(300) } else { 0 },
        duplicate: if rough { draw.below(100) } else { 0 },
        delay: match draw.below(10) {
            0..6 => (1_000, 12_000),
            6..9 => (20_000, 120_000),
            _ => (5_000, 450_000),
        },
    }
}
