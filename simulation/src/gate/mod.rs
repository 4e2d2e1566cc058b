//! A gate: its engine and its keeper of time, and around them a disk, clocks and a link that break.

mod asking;
mod effects;
mod ends;
mod fetching;
mod following;
mod from_hub;
mod hub;
mod hub_record;
mod lan;
mod offering;
mod records;
mod relay;
mod replies;
mod revoked;
mod showing;
mod staff;
mod starting;
mod strange;
mod timing;

pub use showing::walked;

use std::collections::{BTreeMap, VecDeque};

use kaisatsu_gate::{
    engine::{Engine, Input, Now, Record, Revoking, ScanId, StoreId},
    time::Timekeeper,
};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Serial},
    journal::SignedJournalHead,
    sync::Claim,
};

use crate::{
    clock::Clocks,
    disk::Disk,
    event::{Event, StaffAct},
    hub::Hub,
    plan::{GatePlan, Moment},
    record::LightKind,
    stage::Stage,
};

/// Why a gate's doubles and losses are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// It never came back.
    Lost,
    /// Its disk was set back.
    RolledBack,
    /// Two devices had its key.
    Cloned,
}

/// A durable entry whose light wasn't shown yet.
#[derive(Clone, Copy, Debug)]
struct Unlit {
    number: u64,
    serial: Serial,
    kind: LightKind,
    count: u8,
}

/// The guest at the gate.
#[derive(Clone, Copy, Debug)]
struct Visitor {
    visit: usize,
    attempt: u8,
    scan: ScanId,
    /// Whether a verdict is awaited.
    waits: bool,
    /// Whether a lead is letting them in against the rules.
    overrules: bool,
}

/// What a request was for.
#[derive(Clone, Debug)]
enum Asked {
    Follow,
    Claim(Box<Claim>),
    Journal,
    Time,
    /// Something of the venue's hub.
    Hub(lan::HubAsked),
    /// As the hub: to take another gate's entries in.
    Relay,
    /// As the hub: to note where others' journals end, of which so many are known then.
    Ends(u64),
}

/// The running process.
#[derive(Debug)]
struct Running {
    engine: Engine,
    time: Timekeeper,
    follower: following::Follower,
    asked: BTreeMap<u64, Asked>,
    writing: VecDeque<(StoreId, Vec<Record>)>,
    visitor: Option<Visitor>,
    /// When the engine is woken next.
    wakes: u64,
    /// When the time is asked for, in monotonic milliseconds.
    time_due: u64,
    /// The claim answered last: its answer may come again.
    late: Option<(u64, ClaimKey)>,
    /// The way to the venue's hub.
    lan: lan::Lan,
    /// What it has in memory as the venue's hub, if it is.
    hub: Option<Hub>,
    /// Where its journal ends, as it signed that last.
    own_end: Option<SignedJournalHead>,
    /// The way to its end, if it was revoked.
    revoking: Revoking,
    /// Scans from this one on came after it learnt so.
    learnt: Option<ScanId>,
}

/// A gate.
#[derive(Debug)]
pub struct Gate {
    /// Its place in the venue.
    pub place: usize,
    /// Its device.
    pub device: DeviceId,
    /// The plan it was set up by.
    pub plan: GatePlan,
    /// What outlives its process.
    pub disk: Disk,
    /// An image of it that was kept.
    pub image: Option<Disk>,
    /// Its clocks.
    pub clocks: Clocks,
    /// Whether its system clock was set wrong while it was trusted.
    pub clock_lied: bool,
    /// Why it is counted apart, if it is.
    pub strange: Option<Strange>,
    /// Whether it noticed that the server's copy of its journal isn't its own.
    pub told_apart: bool,
    /// Whether somebody between told it that the server has what it may not have.
    pub misled: bool,
    /// Whether its disk takes nothing.
    pub disk_full: bool,
    /// Whether a write ever failed.
    pub write_failed: bool,
    /// Whether its disk fills with the next admission.
    pub fills: bool,
    /// Whether its next fsync fails.
    pub sync_fails: bool,
    /// Where its process is to die.
    pub dies: Option<Moment>,
    running: Option<Running>,
    boot: u32,
    requests: u64,
    unlit: Vec<Unlit>,
    /// When staff last said that they take a use back, until that is durable.
    taken_back: Option<u64>,
}

impl Gate {
    /// A gate that was set up before the doors open: it has rules and ledger.
    #[must_use]
    pub fn new(place: usize, plan: &GatePlan, ledger: Vec<Vec<u8>>) -> Self {
        let number = u32::try_from(place).unwrap_or_default().saturating_add(1);
        let clocks = Clocks { ppm: plan.ppm, system: plan.system, started: 0 };
        Self {
            place,
            device: DeviceId(number),
            plan: plan.clone(),
            disk: Disk { ledger, rules: 1, ..Disk::default() },
            image: None,
            clocks,
            clock_lied: false,
            strange: None,
            told_apart: false,
            misled: false,
            disk_full: false,
            write_failed: false,
            fills: false,
            sync_fails: false,
            dies: None,
            running: None,
            boot: 0,
            requests: 0,
            unlit: Vec::new(),
            taken_back: None,
        }
    }

    /// A second device with this one's key and a copy of its disk.
    #[must_use]
    pub fn clone_at(&self, place: usize) -> Self {
        let mut clone = Self::new(place, &self.plan, Vec::new());
        clone.device = self.device;
        clone.disk = self.disk.clone();
        clone.strange = Some(Strange::Cloned);
        clone
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// Its engine, while it runs.
    #[must_use]
    pub fn engine(&self) -> Option<&Engine> {
        self.running.as_ref().map(|running| &running.engine)
    }

    /// Writes under way.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.running.as_ref().map_or(0, |running| running.writing.len())
    }

    /// Its run, to tell late answers and events of an earlier one.
    #[must_use]
    pub const fn boot(&self) -> u32 {
        self.boot
    }

    /// Whether staff can take another guest now.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let free = |it: &Running| it.visitor.is_none() && !it.engine.is_deciding();
        self.running.as_ref().is_some_and(free)
    }

    /// Gives the engine an input and carries out what follows.
    fn handle(&mut self, stage: &mut Stage, input: Input) {
        let Some(running) = &mut self.running else { return };
        let reading = self.clocks.read(stage.now());
        let time = running.time.now(reading);
        let now = Now { monotonic: reading.monotonic, time };
        let effects = running.engine.handle(input, now);
        self.check_time(stage);
        self.carry_out(stage, effects);
        self.keep_time(stage);
        self.keep_revoked(stage);
        self.wake(stage);
    }

    /// Plans the engine's next tick.
    fn wake(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        let Some(next) = running.engine.next_tick() else { return };
        let left = next.saturating_sub(self.clocks.monotonic(stage.now()));
        let at = stage.now().saturating_add(Clocks::until(left));
        if at < running.wakes || running.wakes <= stage.now() {
            running.wakes = at;
            stage.schedule.at(at, Event::Tick { gate: self.place, boot: self.boot });
        }
    }

    /// The engine has something to do.
    pub fn tick(&mut self, stage: &mut Stage, boot: u32) {
        if boot == self.boot {
            self.handle(stage, Input::Tick);
        }
    }

    /// Staff close the lane.
    pub fn close_lane(&mut self, stage: &mut Stage) {
        stage.tell(format_args!("the lane of gate {} closes", self.place));
        self.handle(stage, Input::ReturnLeases);
    }

    /// Staff act.
    pub fn staff(&mut self, stage: &mut Stage, boot: u32, visit: usize, act: StaffAct) {
        if boot == self.boot && self.running.is_some() {
            self.act(stage, visit, act);
        }
    }

    fn key(stage: &mut Stage) -> ClaimKey {
        ClaimKey(stage.draw.bytes())
    }
}
