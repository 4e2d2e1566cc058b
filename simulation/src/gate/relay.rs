//! The hub's way to the server for what other gates told it.

use super::{Asked, Gate};
use crate::{
    event::Event,
    message::{Address, Ask},
    schedule::SECOND,
    stage::Stage,
};

/// How long the server may take to take others' entries.
const LIMIT: u64 = 4 * SECOND;
/// The pause after a delivery that went unanswered.
const PAUSE: u64 = 2 * SECOND;

impl Gate {
    /// Brings the next batch of others to the server.
    pub(super) fn relay(&mut self, stage: &mut Stage) {
        let own = self.device;
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some(hub) = hub.filter(|hub| !hub.relay.under_way) else { return };
        while hub.relay.waits.is_empty() && hub.relay.after < hub.told.count() {
            let (others, next) = hub.told.others(own, hub.relay.after);
            hub.relay.after = next;
            hub.relay.waits.extend(others);
        }
        let Some(batch) = hub.relay.waits.front().cloned() else { return };
        hub.relay.under_way = true;
        let ask = Ask::Journal(Box::new(batch));
        self.ask_of(stage, Some(Address::Server), Asked::Relay, ask, LIMIT);
    }

    /// The server took a batch of others, or refused it: the gate then delivers it itself.
    pub(super) fn relayed(&mut self, stage: &mut Stage) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        let Some(hub) = hub.filter(|hub| hub.relay.under_way) else { return };
        hub.relay.under_way = false;
        hub.relay.waits.pop_front();
        self.relay(stage);
    }

    /// It said nothing: after a pause the same again.
    pub(super) fn relay_failed(&mut self, stage: &mut Stage) {
        let hub = self.running.as_mut().and_then(|running| running.hub.as_mut());
        if let Some(hub) = hub {
            hub.relay.rests = true;
        }
        let pace = if stage.healed { 1 } else { stage.plan.pace };
        let (gate, boot) = (self.place, self.boot);
        stage.after(PAUSE.saturating_mul(pace), Event::Relays { gate, boot });
    }

    /// A pause is over.
    pub fn relay_again(&mut self, stage: &mut Stage, boot: u32) {
        let running = self.running.as_mut().filter(|_| boot == self.boot);
        let hub = running.and_then(|running| running.hub.as_mut());
        if let Some(hub) = hub.filter(|hub| hub.relay.rests) {
            (hub.relay.rests, hub.relay.under_way) = (false, false);
            self.relay(stage);
        }
    }
}
