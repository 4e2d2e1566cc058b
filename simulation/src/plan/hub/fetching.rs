//! A lane holds the tickets, and while the server can't be asked their guests stand elsewhere, so that the hub
//! fetches them. Then they come to whoever could think that these are its own all the same: the lane that gave
//! them away, the server that heard of it first, a hub that couldn't write.

use kaisatsu_shared::{bundle::Policy, id::Serial};

use crate::{
    draw::Draw,
    plan::{
        Breakdown, Broken, Deed, DeedKind, HubPlan, Mistake, Moment, Plan, Shows, Visit, Way,
        Weather, aimed, guests::entrances,
    },
    schedule::{MILLI, SECOND},
};

/// A scene is over after so long.
const LASTS: u64 = 60 * SECOND;
/// When it begins at the earliest.
const SETTLED: u64 = 3 * SECOND;
/// So long before, as a rule, the lane is leased the tickets.
const EARLIER: u64 = 2 * SECOND;
/// Links to the hub on which nothing is lost.
const CALM: Weather = Weather { drop: 0, duplicate: 0, delay: (1_000, 12_000) };

/// Who plays which part, and when it begins. Its times are milliseconds from then on.
struct Scene<'a> {
    plan: &'a mut Plan,
    hub: usize,
    lane: usize,
    /// The gate to which guests of the lane come.
    other: usize,
    begins: u64,
}

pub(in crate::plan) fn draw(plan: &mut Plan, draw: &mut Draw) {
    let Some(hub) = plan.hub.map(|hub| hub.gate) else { return };
    let latest = plan.heals.saturating_sub(LASTS);
    let ordinary = plan.policy == Policy::Strict && plan.pace == 1 && !plan.is_restored();
    if !ordinary || latest < SETTLED || !draw.chance(600) {
        return;
    }
    let entrances = entrances(plan, false);
    let without = |gate: usize| entrances.iter().copied().filter(move |it| *it != gate);
    let lane = draw.pick(&without(hub).collect::<Vec<_>>(), hub);
    let other = draw.pick(&without(lane).collect::<Vec<_>>(), lane);
    if lane == hub || other == lane {
        return;
    }
    let begins = draw.between(SETTLED, latest);
    aimed::clear(plan, begins.saturating_add(LASTS));
    if draw.chance(700) {
        plan.hub = Some(HubPlan { gate: hub, lan: CALM });
    }
    let mut scene = Scene { plan, hub, lane, other, begins };
    match draw.below(9) {
        0..3 => scene.comes_back(draw),
        3 => scene.hub_is_behind(draw),
        4 => scene.hears_late_of_its_lease(draw),
        5 => scene.lane_is_back_first(draw),
        6 | 7 => scene.hub_cannot_write(draw),
        _ => scene.takes_back(draw),
    }
    aimed::sort(plan);
}

impl Scene<'_> {
    /// They come back to the lane; meanwhile it, or the hub, may die in the middle of a write.
    fn comes_back(&mut self, draw: &mut Draw) {
        self.leases(self.begins.saturating_sub(EARLIER));
        self.cut(None, 12, 52);
        for _ in 0..4 {
            let serial = aimed::single(draw);
            self.comes(self.other, draw.between(14_000, 21_000), serial);
            self.comes(self.lane, draw.between(24_000, 42_000), serial);
        }
        if draw.chance(500) {
            self.lane_forgets(22_000);
        }
        if draw.chance(600) {
            let moments = [Moment::BeforeWrite, Moment::BeforeReport, Moment::BeforeEffect];
            let moment = draw.pick(&moments, Moment::BeforeReport);
            let gate = if draw.chance(600) { self.lane } else { self.hub };
            let killed = draw.chance(200);
            let broken = if killed { Broken::Gate(gate) } else { Broken::GateAt(gate, moment) };
            self.breaks(broken, draw.between(13_500, 21_000), draw.between(300, 3_000));
        }
    }

    /// Guests came to the lane while it alone could ask the server; then they come to another gate.
    fn hub_is_behind(&mut self, draw: &mut Draw) {
        self.leases(self.begins.saturating_sub(EARLIER));
        for gate in 0..self.plan.gates.len() {
            self.cut(Some(gate), if gate == self.lane { 12 } else { 0 }, 52);
        }
        for place in 0..4 {
            let serial = aimed::single(draw);
            self.comes(self.lane, 3_000 + place * 2_000, serial);
            self.comes(self.other, 14_000 + place * 4_000, serial);
        }
    }

    /// The lane can't be told that it is leased the tickets; it hears of it when they are gone.
    fn hears_late_of_its_lease(&mut self, draw: &mut Draw) {
        self.leases(self.after(8_000));
        for gate in 0..self.plan.gates.len() {
            let (from, until) = if gate == self.lane { (0, 34) } else { (12, 52) };
            self.cut(Some(gate), from, until);
        }
        self.lane_forgets(30_500);
        self.first_there_then_here(draw);
    }

    /// The server hears of what the lane gave away, and not what became of it.
    fn lane_is_back_first(&mut self, draw: &mut Draw) {
        self.leases(self.begins.saturating_sub(EARLIER));
        for gate in 0..self.plan.gates.len() {
            self.cut(Some(gate), 12, if gate == self.lane { 32 } else { 58 });
        }
        self.lane_forgets(30_000);
        self.first_there_then_here(draw);
    }

    /// The lane starts anew, and can't hear through the hub what others did with its tickets.
    fn lane_forgets(&mut self, millis: u64) {
        self.breaks(Broken::Lan(Some(self.lane), Way::Both), millis, 28_000);
        self.breaks(Broken::Gate(self.lane), millis.saturating_add(300), 900);
    }

    fn first_there_then_here(&mut self, draw: &mut Draw) {
        for place in 0..4 {
            let serial = aimed::single(draw);
            self.comes(self.other, 14_000 + place * 4_000, serial);
            self.comes(self.lane, 38_000 + place * 4_000, serial);
        }
    }

    /// The hub's disk takes nothing for a moment.
    fn hub_cannot_write(&mut self, draw: &mut Draw) {
        self.leases(self.begins.saturating_sub(EARLIER));
        self.cut(None, 12, 58);
        for place in 0..5 {
            let serial = aimed::single(draw);
            self.comes(self.other, 14_000 + place * 5_000, serial);
            self.comes(self.lane, 42_000 + place * 3_000, serial);
        }
        let disk = Broken::GateDisk(self.hub);
        self.breaks(disk, draw.between(13_500, 32_000), draw.between(400, 4_000));
    }

    /// Staff of the lane take a use back. The server hears so through the hub, and the lane doesn't hear the server.
    fn takes_back(&mut self, draw: &mut Draw) {
        self.leases(self.begins.saturating_sub(EARLIER));
        self.cut(Some(self.lane), 12, 58);
        // It admits three: some is left at the lane.
        let serial = aimed::triple(draw);
        self.comes_and(self.lane, 14_000, serial, Mistake::TurnsBack);
        for place in 0..3 {
            self.comes(self.other, 32_000 + place * 3_000, serial);
        }
        for place in 0..2 {
            self.comes(self.lane, 44_000 + place * 4_000, serial);
        }
    }

    fn after(&self, millis: u64) -> u64 {
        self.begins.saturating_add(millis.saturating_mul(MILLI))
    }

    /// All tickets are the lane's.
    fn leases(&mut self, at: u64) {
        self.plan.deeds.push(Deed { at, kind: DeedKind::Lease(Some(self.lane)) });
    }

    fn comes(&mut self, gate: usize, millis: u64, serial: Serial) {
        self.comes_and(gate, millis, serial, Mistake::None);
    }

    fn comes_and(&mut self, gate: usize, millis: u64, serial: Serial, mistake: Mistake) {
        let (at, shows) = (self.after(millis), Shows::Ticket);
        let (persons, insists) = (1, false);
        self.plan.visits.push(Visit { at, gate, serial, shows, persons, mistake, insists });
    }

    /// A gate, or all, can't reach the server from one second to another.
    fn cut(&mut self, gate: Option<usize>, from: u64, until: u64) {
        let lasts = until.saturating_sub(from).saturating_mul(1_000);
        self.breaks(Broken::Link(gate, Way::Both), from.saturating_mul(1_000), lasts);
    }

    fn breaks(&mut self, broken: Broken, millis: u64, lasts: u64) {
        let (from, until) = (self.after(millis), self.after(millis.saturating_add(lasts)));
        self.plan.breakdowns.push(Breakdown { from, until, broken });
    }
}
