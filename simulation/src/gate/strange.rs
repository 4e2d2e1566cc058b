//! What happens to a device from outside: clocks set wrong, disks set back, and healing.

use kaisatsu_gate::engine::{Input, Revoking};

use super::{Gate, Strange};
use crate::stage::Stage;

impl Gate {
    /// Somebody sets the system clock wrong.
    pub fn set_clock(&mut self, off: i64) {
        self.clocks.system = self.clocks.system.map(|before| before.saturating_add(off));
        self.clock_lied |= self.clocks.system.is_some();
    }

    /// The disk is set back to the image that was kept of it.
    pub fn roll_back(&mut self, stage: &mut Stage) {
        let Some(image) = self.image.take().filter(|_| self.strange.is_none()) else { return };
        self.die(stage, "its disk is set back");
        self.disk = image;
        self.strange = Some(Strange::RolledBack);
        stage.record.copied.insert(self.place);
        self.start(stage);
    }

    /// Everything works again: what was planned by a slower pace is done by the usual one.
    pub fn hurry(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        if let Some(word) = self.disk.revoked {
            // It asks at once, as after a start.
            running.revoking = Revoking::new(Some(word));
        }
        self.handle(stage, Input::Tick);
        self.doubt_hub(stage);
        self.relay_again(stage, self.boot);
        if let Some(running) = &mut self.running {
            // Who waits for a verdict gets it; who waits for staff goes.
            running.visitor = running.visitor.filter(|visitor| visitor.waits);
        }
        if stage.plan.pace > 1 {
            self.try_now(stage);
        }
    }
}
