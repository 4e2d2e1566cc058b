//! What breaks in a venue, and what works again.

use super::Venue;
use crate::{
    gate::{Gate, Strange},
    plan::{Broken, Way},
};

impl Venue {
    /// Something breaks.
    pub(super) fn breaks(&mut self, place: usize) {
        let Some(breakdown) = self.stage.plan.breakdowns.get(place).copied() else { return };
        if self.stage.healed {
            return;
        }
        self.stage.tell(format_args!("breaks: {:?}", breakdown.broken));
        match breakdown.broken {
            Broken::Link(gate, way) => self.cut(gate, way, true),
            Broken::Gate(gate) => self.gate(gate, |it, on| it.die(on, "killed")),
            Broken::GateAt(gate, moment) => self.gate(gate, |it, _| it.dies = Some(moment)),
            Broken::Server => self.server.die(&mut self.stage, "killed"),
            Broken::ServerAt(moment) => self.server.dies = Some(moment),
            Broken::GateDisk(gate) => self.gate(gate, |it, _| it.disk_full = true),
            Broken::GateFills(gate) => self.gate(gate, |it, _| it.fills = true),
            Broken::ServerDisk => self.server.disk_full = true,
            Broken::GateSync(gate) => self.gate(gate, |it, _| it.sync_fails = true),
            Broken::ServerSync => self.server.sync_fails = true,
            Broken::SystemClock(gate, off) => self.gate(gate, |it, _| it.set_clock(off)),
            Broken::ServerClock(off) => {
                self.stage.server_off = off;
                self.stage.server_lied = true;
            }
            Broken::RolledBack(gate) => self.gate(gate, |it, _| it.image = Some(it.disk.clone())),
            Broken::Cloned(gate) => self.copy(gate),
            Broken::Lost(gate) => self.gate(gate, |it, on| {
                it.die(on, "lost for good");
                it.strange = Some(Strange::Lost);
            }),
            Broken::Lan(gate, way) => self.cut_lan(gate, way, true),
        }
    }

    /// It works again.
    pub(super) fn mends(&mut self, place: usize) {
        let Some(breakdown) = self.stage.plan.breakdowns.get(place).copied() else { return };
        if self.stage.healed {
            return;
        }
        match breakdown.broken {
            Broken::Link(gate, way) => self.cut(gate, way, false),
            Broken::Gate(gate) | Broken::GateAt(gate, _) | Broken::GateSync(gate) => {
                self.gate(gate, |it, on| {
                    it.dies = None;
                    it.sync_fails = false;
                    it.start(on);
                });
            }
            Broken::Server | Broken::ServerAt(_) | Broken::ServerSync => {
                self.server.dies = None;
                self.server.sync_fails = false;
                self.server.start(&mut self.stage);
            }
            Broken::GateDisk(gate) | Broken::GateFills(gate) => self.gate(gate, |it, _| {
                it.disk_full = false;
                it.fills = false;
            }),
            Broken::ServerDisk => self.server.disk_full = false,
            Broken::ServerClock(_) => self.stage.server_off = 0,
            Broken::RolledBack(gate) => self.gate(gate, Gate::roll_back),
            Broken::Lan(gate, way) => self.cut_lan(gate, way, false),
            Broken::SystemClock(..) | Broken::Cloned(_) | Broken::Lost(_) => {}
        }
        self.stage.tell(format_args!("mended: {:?}", breakdown.broken));
    }

    fn cut(&mut self, gate: Option<usize>, way: Way, begins: bool) {
        match gate {
            Some(gate) => self.stage.links.cut(gate, way, begins),
            None => (0..self.gates.len()).for_each(|gate| self.stage.links.cut(gate, way, begins)),
        }
    }

    /// The same of the way to the hub.
    fn cut_lan(&mut self, gate: Option<usize>, way: Way, begins: bool) {
        let gates = gate.map_or(0..self.gates.len(), |gate| gate..gate.saturating_add(1));
        gates.for_each(|gate| self.stage.lan.cut(gate, way, begins));
    }

    /// A second device with a gate's key and disk. One copy is enough.
    fn copy(&mut self, gate: usize) {
        let place = self.gates.len();
        if place > self.stage.plan.gates.len() {
            return;
        }
        let Some(original) = self.gates.get_mut(gate).filter(|it| it.strange.is_none()) else {
            return;
        };
        let mut copy = original.clone_at(place);
        original.strange = Some(Strange::Cloned);
        self.stage.devices.push(copy.device);
        copy.start(&mut self.stage);
        self.gates.push(copy);
    }
}
