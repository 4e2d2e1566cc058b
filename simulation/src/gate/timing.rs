//! The gate's time: kept, asked for, and compared with the true one.

use kaisatsu_gate::{engine::LinkState, time::ClockSource};

use super::Gate;
use crate::{check::Check, clock::truth, stage::Stage};

impl Gate {
    /// The true time lies in the interval, as long as the server's was true.
    pub(super) fn check_time(&self, stage: &mut Stage) {
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
    pub(super) fn keep_time(&mut self, stage: &mut Stage) {
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
        if running.engine.link() == LinkState::Online && monotonic >= running.time_due {
            self.ask_time(stage, monotonic);
        }
    }
}
