//! A gate: its engine and its keeper of time, and around them a disk, clocks and a link that break.

mod asking;
mod effects;
mod following;
mod replies;
mod showing;
mod staff;
mod strange;

pub use showing::walked;

use std::collections::{BTreeMap, VecDeque};

use kaisatsu_gate::{
    engine::{Engine, Identity, Input, LinkState, Now, Record, ScanId, StoreId},
    time::{ClockSource, SystemTrust, Timekeeper, Who},
};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, GateId, OperatorId, Serial},
    rules::Direction,
    sync::Claim,
};

use crate::{
    check::Check,
    clock::{Clocks, truth},
    disk::Disk,
    event::{Event, StaffAct},
    house::{self, EVENT, INSTALLATION},
    plan::{GatePlan, Moment},
    record::LightKind,
    schedule::SECOND,
    stage::Stage,
};

/// How far a system clock that a battery keeps may be off, in milliseconds.
const KEPT_WITHIN: u64 = 2_000;

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
}

/// What a request was for.
#[derive(Clone, Debug)]
enum Asked {
    Follow,
    Claim(Box<Claim>),
    Journal,
    Time,
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
    /// The annulment under way is of this light.
    taking_back: Option<usize>,
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
    /// Whether its disk takes nothing.
    pub disk_full: bool,
    /// Whether its next fsync fails.
    pub sync_fails: bool,
    /// Where its process is to die.
    pub dies: Option<Moment>,
    running: Option<Running>,
    boot: u32,
    requests: u64,
    unlit: Vec<Unlit>,
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
            disk_full: false,
            sync_fails: false,
            dies: None,
            running: None,
            boot: 0,
            requests: 0,
            unlit: Vec::new(),
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

    /// The process starts with what the disk holds.
    pub fn start(&mut self, stage: &mut Stage) {
        if self.running.is_some() || self.strange == Some(Strange::Lost) {
            return;
        }
        self.boot = self.boot.saturating_add(1);
        self.clocks.started = stage.now();
        self.dies = None;
        if self.boot > 1 {
            stage.tell(format_args!("gate {} starts", self.place));
        }
        let who = Who {
            installation: INSTALLATION,
            root: house::root().public(),
            event: EVENT,
            device: self.device,
        };
        let trust = match self.plan.system {
            Some(_) => SystemTrust::Within(KEPT_WITHIN),
            None => SystemTrust::Never,
        };
        let reading = self.clocks.read(stage.now());
        let time = Timekeeper::start(who, trust, self.disk.floor, reading);
        let now = Now { monotonic: reading.monotonic, time: time.now(reading) };
        let gate = u16::try_from(self.device.0).unwrap_or_default();
        let identity = Identity {
            installation: INSTALLATION,
            event: EVENT,
            gate: GateId(gate),
            device: self.device,
            operator: OperatorId(0),
        };
        let ledger = self.disk.ledger.iter().map(Vec::as_slice);
        let restored = self.disk.restored(self.device, stage.plan.policy);
        let started = restored.and_then(|restored| {
            Engine::start(identity, restored, ledger, now).map_err(|error| error.to_string())
        });
        let (engine, effects) = match started {
            Ok(started) => started,
            Err(why) => {
                let what = format!("gate {} can't start: {why}", self.place);
                return stage.wrong(Check::GatesRestart, what);
            }
        };
        self.running = Some(Running {
            engine,
            time,
            follower: following::Follower::default(),
            asked: BTreeMap::new(),
            writing: VecDeque::new(),
            visitor: None,
            wakes: u64::MAX,
            time_due: 0,
            late: None,
            taking_back: None,
        });
        self.carry_out(stage, effects);
        if self.plan.exit {
            self.handle(stage, Input::Direction(Direction::Exit));
        }
        self.light_by_itself(stage);
        let soon = stage.draw.below(SECOND / 10);
        self.follow_after(stage, soon);
    }

    /// The process dies. What it was writing may or may not have reached the disk.
    pub fn die(&mut self, stage: &mut Stage, why: &str) {
        let Some(mut running) = self.running.take() else { return };
        stage.tell(format_args!("gate {} dies: {why}", self.place));
        if let Some((_, records)) = running.writing.pop_front()
            && !self.disk_full
            && stage.draw.chance(500)
        {
            self.reach_disk(stage, &records);
        }
        self.dark(stage);
        if let Some(visitor) = running.visitor.filter(|_| !stage.healed) {
            // The guest is still there when it is back, or gone.
            let waits = stage.draw.between(SECOND, 20 * SECOND);
            let (visit, attempt) = (visitor.visit, visitor.attempt.saturating_add(1));
            stage.after(waits, Event::Visits { visit, attempt });
        }
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
        self.wake(stage);
    }

    /// The true time lies in the interval, as long as the server's was true.
    fn check_time(&self, stage: &mut Stage) {
        let Some(running) = &self.running else { return };
        let reading = self.clocks.read(stage.now());
        let source = running.time.health(reading).source;
        let trusted = source == ClockSource::Signed || !self.clock_lied;
        let (time, truth) = (running.time.now(reading), truth(stage.now()));
        let floor = self.disk.floor.at;
        if time.earliest < floor && !stage.server_lied {
            let what = format!("gate {} takes {time:?}, and {} is past", self.place, floor.0);
            stage.wrong(Check::FloorRises, what);
        }
        if trusted && !stage.server_lied && !(time.earliest <= truth && truth <= time.latest) {
            let what = format!("gate {} takes {} for {time:?}", self.place, truth.0);
            stage.wrong(Check::TimeIsTrue, what);
        }
    }

    /// Keeps what is certainly past, and asks for the time where it is due.
    fn keep_time(&mut self, stage: &mut Stage) {
        let monotonic = self.clocks.monotonic(stage.now());
        let Some(running) = &mut self.running else { return };
        if let Some(floor) = running.time.floor_due(monotonic).filter(|_| !self.disk_full) {
            if floor.at < self.disk.floor.at && floor.version <= self.disk.floor.version {
                let what = format!("gate {} keeps an earlier floor", self.place);
                stage.wrong(Check::FloorRises, what);
            }
            self.disk.floor = floor;
            running.time.floor_kept(floor);
        }
        if running.engine.status().link == LinkState::Online && monotonic >= running.time_due {
            self.ask_time(stage, monotonic);
        }
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
