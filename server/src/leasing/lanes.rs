//! Which lanes are alive. A guest is sent only to a lane that was heard a moment ago.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{EventId, GateId},
    time::UnixMillis,
};

/// A lane that wasn't heard for longer, in milliseconds, is silent. Whoever follows the feed is heard at
/// least every eight seconds ([`crate::auth::MAX_WAIT`]).
const SILENT_AFTER: u64 = 10_000;

/// When a device at each gate was heard last.
#[derive(Debug, Default)]
pub struct Lanes(BTreeMap<(EventId, GateId), UnixMillis>);

impl Lanes {
    /// A device at a gate sent something.
    pub fn hear(&mut self, event: EventId, gate: GateId, now: UnixMillis) {
        self.0.insert((event, gate), now);
    }

    /// The gates at which a device was heard a moment ago.
    #[must_use]
    pub fn heard(&self, event: EventId, now: UnixMillis) -> BTreeSet<GateId> {
        // A clock that was set back tells nothing of when.
        let recent = |heard: UnixMillis| heard <= now && now <= heard.plus(SILENT_AFTER);
        let gates = self.0.iter().filter(|((at, _), heard)| *at == event && recent(**heard));
        gates.map(|((_, gate), _)| *gate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: EventId = EventId(1);
    const NOW: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn lanes_are_heard_that_sent_something_a_moment_ago() {
        let mut lanes = Lanes::default();
        lanes.hear(EVENT, GateId(3), NOW);
        let heard = |at| lanes.heard(EVENT, at).contains(&GateId(3));
        assert!(heard(NOW) && heard(NOW.plus(SILENT_AFTER)));
        assert!(!heard(NOW.plus(SILENT_AFTER + 1)));
        assert!(!heard(NOW.minus(1)), "a clock that was set back");
        assert!(!lanes.heard(EVENT, NOW).contains(&GateId(4)));
        assert!(lanes.heard(EventId(2), NOW).is_empty());
    }
}
