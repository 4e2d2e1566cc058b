//! What breaks, when, and for how long.

use super::Plan;
use crate::{
    draw::Draw,
    schedule::{HOUR, MILLI, MINUTE, SECOND},
};

/// Which way a cut link carries nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Neither.
    Both,
    /// From the gate to the server.
    Up,
    /// From the server to the gate: answers are lost.
    Down,
}

/// Where in a write a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before anything is written.
    BeforeWrite,
    /// Once it is durable, before anybody hears of it.
    BeforeReport,
    /// Once it was reported, before what follows from it is done.
    BeforeEffect,
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The link of a gate, or of all.
    Link(Option<usize>, Way),
    /// A gate's process is killed.
    Gate(usize),
    /// A gate's process dies at a moment of its next write.
    GateAt(usize, Moment),
    /// The server's process is killed.
    Server,
    /// The server's process dies at a moment of its next transaction.
    ServerAt(Moment),
    /// A gate's disk takes nothing.
    GateDisk(usize),
    /// A gate's disk takes nothing from the next admission on.
    GateFills(usize),
    /// The server's disk takes nothing.
    ServerDisk,
    /// The next fsync of a gate fails, which ends its process.
    GateSync(usize),
    /// The next fsync of the server fails, which ends its process.
    ServerSync,
    /// A gate's system clock is set wrong by so many milliseconds.
    SystemClock(usize, i64),
    /// The server's clock is wrong by so many milliseconds.
    ServerClock(i64),
    /// A gate's disk is set back to what it was when this began.
    RolledBack(usize),
    /// A second device runs with a copy of a gate's disk and key.
    Cloned(usize),
    /// A gate is lost for good.
    Lost(usize),
    /// The server's database is put back to what it was when this began.
    PutBack(PutBack),
    /// The link to the hub of a gate, or of all.
    Lan(Option<usize>, Way),
    /// Journal entries of a gate get lost on their way, all else gets through.
    Entries(usize),
    /// Somebody between a gate and the server answers in its place, without its key.
    Between(usize, Lie),
}

/// What somebody between tells a revoked gate: that the server has its whole journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// With a receipt that another key signed.
    OtherKey,
    /// With one that the server once gave for a part.
    Older,
}

/// The server's database is put back from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutBack {
    /// Nobody tells the server.
    pub silent: bool,
    /// An admin attends to it so much later.
    pub attended: u64,
    /// They give up gates that they can't reach.
    pub impatient: bool,
}

impl Broken {
    /// Whether a disk is copied or set back, with what was leased to it.
    #[must_use]
    pub const fn copies(self) -> bool {
        matches!(self, Self::RolledBack(_) | Self::Cloned(_))
    }
}

/// A breakdown.
#[derive(Clone, Copy, Debug)]
pub struct Breakdown {
    /// When it begins.
    pub from: u64,
    /// When it ends, where it does.
    pub until: u64,
    /// What breaks.
    pub broken: Broken,
}

/// Breakdowns in order.
pub type Breakdowns = Vec<Breakdown>;

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    let cuts = if draw.chance(780) { draw.between(1, 5) } else { 0 };
    for _ in 0..cuts {
        let way = draw.pick(&[Way::Both, Way::Both, Way::Both, Way::Up, Way::Down], Way::Both);
        let gate = if draw.chance(250) { None } else { Some(draw.place(plan.gates.len())) };
        let longest = if draw.chance(500) { plan.heals } else { 20 * SECOND };
        let lasts = draw.between(SECOND, longest.min(8 * HOUR));
        add(plan, draw, lasts, Broken::Link(gate, way));
    }
    let crashes = if draw.chance(550) { draw.between(1, 4) } else { 0 };
    for _ in 0..crashes {
        let gate = draw.place(plan.gates.len());
        let moments = [Moment::BeforeWrite, Moment::BeforeReport, Moment::BeforeEffect];
        let moment = draw.pick(&moments, Moment::BeforeReport);
        let broken = match draw.below(10) {
            0..2 => Broken::Gate(gate),
            2..7 => Broken::GateAt(gate, moment),
            7 => Broken::Server,
            _ => Broken::ServerAt(moment),
        };
        let lasts = draw.between(200 * MILLI, 20 * SECOND);
        add(plan, draw, lasts, broken);
    }
    let disks = if draw.chance(300) { draw.between(1, 2) } else { 0 };
    for _ in 0..disks {
        let gate = draw.place(plan.gates.len());
        let broken = match draw.below(12) {
            0..3 => Broken::GateDisk(gate),
            3..7 => Broken::GateFills(gate),
            7..9 => Broken::GateSync(gate),
            9..11 => Broken::ServerDisk,
            _ => Broken::ServerSync,
        };
        let longest = if draw.chance(500) { 12 * SECOND } else { MINUTE };
        let lasts = draw.between(SECOND, longest);
        add(plan, draw, lasts, broken);
    }
    if draw.chance(200) {
        let off = draw.pick(&[3_600_000, -3_600_000, -40_000, 90_000], 3_600_000);
        let broken = if draw.chance(700) {
            Broken::SystemClock(draw.place(plan.gates.len()), off)
        } else {
            Broken::ServerClock(off)
        };
        let lasts = draw.between(SECOND, plan.heals.max(2 * SECOND));
        add(plan, draw, lasts, broken);
    }
    if draw.chance(120) {
        let gate = draw.place(plan.gates.len());
        let broken = match draw.below(3) {
            0 => Broken::RolledBack(gate),
            1 => Broken::Cloned(gate),
            _ => Broken::Lost(gate),
        };
        let lasts = draw.between(SECOND, plan.heals.max(2 * SECOND));
        add(plan, draw, lasts, broken);
    }
    plan.breakdowns.sort_by_key(|breakdown| breakdown.from);
}

fn add(plan: &mut Plan, draw: &mut Draw, lasts: u64, broken: Broken) {
    let from = draw.below(plan.heals);
    plan.breakdowns.push(Breakdown { from, until: from.saturating_add(lasts), broken });
}
