//! The start with what the disk holds, and the death that may come at any time.

use std::collections::{BTreeMap, VecDeque};

use kaisatsu_gate::{
    engine::{Engine, Identity, Input, Now, Revoking},
    time::{SystemTrust, Timekeeper, Who},
};
use kaisatsu_shared::{
    id::{GateId, OperatorId},
    rules::Direction,
};

use super::{Gate, Running, Strange, following};
use crate::{
    check::Check,
    event::Event,
    house::{self, EVENT, INSTALLATION},
    schedule::SECOND,
    stage::Stage,
};

/// How far a system clock that a battery keeps may be off, in milliseconds.
const KEPT_WITHIN: u64 = 2_000;

impl Gate {
    /// The process starts with what the disk holds.
    pub fn start(&mut self, stage: &mut Stage) {
        let gone = self.strange == Some(Strange::Lost) || self.disk.wiped;
        if self.running.is_some() || gone {
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
        let restored = self.disk.restored(self.device, stage.plan.regime());
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
            lan: super::lan::Lan::default(),
            hub: None,
            own_end: None,
            revoking: Revoking::new(self.disk.revoked),
            learnt: None,
        });
        self.carry_out(stage, effects);
        if self.is_told_revoked() {
            self.stop_for_good(stage);
        }
        self.open_lan(stage);
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
}
