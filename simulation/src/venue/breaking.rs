//! What breaks in a venue, and what works again.

use super::Venue;
use crate::{
    event::Event,
    gate::{Gate, Strange},
    plan::{Broken, PutBack, Way},
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
            Broken::PutBack(_) => self.server.back_up(),
            Broken::Lan(gate, way) => self.cut_lan(gate, way, true),
            Broken::Entries(gate) => self.between.swallow(gate, true),
            Broken::Between(gate, lie) => {
                self.between.begin(gate, lie);
                self.gate(gate, |it, _| it.misled = true);
            }
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
            Broken::PutBack(put_back) => self.put_back(put_back),
            Broken::Lan(gate, way) => self.cut_lan(gate, way, false),
            Broken::Entries(gate) => self.between.swallow(gate, false),
            Broken::Between(gate, _) => self.between.end(gate),
            Broken::SystemClock(..) | Broken::Cloned(_) | Broken::Lost(_) => {}
        }
        self.stage.tell(format_args!("mended: {:?}", breakdown.broken));
    }

    /// The server's database is put back. Gates that keep what it signed can prove it.
    fn put_back(&mut self, PutBack { silent, attended, impatient }: PutBack) {
        self.server.put_back(&mut self.stage, silent);
        if silent {
            let lacks = |gate: &&Gate| gate.disk.page_ends.iter().any(|it| self.server.lacks(it));
            let prove = self.gates.iter().filter(lacks);
            self.stage.record.proofs.extend(prove.map(|gate| gate.place));
        }
        let lost = self.gates.iter().filter(|gate| gate.strange.is_none()).flat_map(|gate| {
            self.server.lost_entries(&gate.disk).into_iter().map(|body| (gate.place, body))
        });
        self.stage.record.kept_elsewhere.extend(lost);
        self.stage.after(attended, Event::Attends { impatient });
    }

    /// An admin attends to a restore. Lost gates are given up; who is impatient gives up those they can't reach.
    pub(super) fn attend(&mut self, impatient: bool) {
        let unreachable = |gate: &&Gate| {
            let silent = !gate.is_up() || self.stage.links.is_cut(gate.place);
            gate.strange == Some(Strange::Lost) || (impatient && silent && !self.stage.healed)
        };
        let given_up = self.gates.iter().filter(unreachable).map(|gate| gate.device).collect();
        self.server.attend(&mut self.stage, impatient, given_up);
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
        self.stage.record.copied.extend([gate, place]);
        self.stage.devices.push(copy.device);
        copy.start(&mut self.stage);
        self.gates.push(copy);
    }
}
