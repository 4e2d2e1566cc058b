//! Which lanes are alive. A guest is sent only to a lane that was heard a moment ago.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{EventId, GateId},
    sync::{ClaimAnswer, ClaimRefusal},
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

    fn is_heard(&self, event: EventId, gate: GateId, now: UnixMillis) -> bool {
        // A clock that was set back tells nothing of when.
        let heard = self.0.get(&(event, gate));
        heard.is_some_and(|heard| *heard <= now && now <= heard.plus(SILENT_AFTER))
    }

    /// The answer to a claim, with what is known of the lane that was asked for the right.
    #[must_use]
    pub fn told(&self, event: EventId, answer: ClaimAnswer, now: UnixMillis) -> ClaimAnswer {
        match answer {
            ClaimAnswer::Refused { refusal: ClaimRefusal::Recalling, facts }
                if facts.lane.is_none_or(|lane| !self.is_heard(event, lane, now)) =>
            {
                ClaimAnswer::Refused { refusal: ClaimRefusal::LaneSilent, facts }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::rules::Facts;

    use super::*;

    const EVENT: EventId = EventId(1);
    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn refused(refusal: ClaimRefusal, lane: u16) -> ClaimAnswer {
        let facts = Facts { lane: Some(GateId(lane)), ..Facts::EMPTY };
        ClaimAnswer::Refused { refusal, facts }
    }

    #[test]
    fn guests_are_sent_to_lanes_that_were_heard_a_moment_ago() {
        let mut lanes = Lanes::default();
        lanes.hear(EVENT, GateId(3), NOW);
        let asked = refused(ClaimRefusal::Recalling, 3);
        for (after, lane, expected) in [
            (0, 3, ClaimRefusal::Recalling),
            (SILENT_AFTER, 3, ClaimRefusal::Recalling),
            (SILENT_AFTER + 1, 3, ClaimRefusal::LaneSilent),
            (0, 4, ClaimRefusal::LaneSilent),
        ] {
            let answer = refused(ClaimRefusal::Recalling, lane);
            let told = lanes.told(EVENT, answer, NOW.plus(after));
            assert_eq!(told, refused(expected, lane), "{after} ms, lane {lane}");
        }
        let back = lanes.told(EVENT, asked, NOW.minus(1));
        assert_eq!(back, refused(ClaimRefusal::LaneSilent, 3), "a clock that was set back");
        let used = refused(ClaimRefusal::AlreadyUsed, 4);
        assert_eq!(lanes.told(EVENT, used, NOW), used);
        assert_eq!(lanes.told(EventId(2), asked, NOW), refused(ClaimRefusal::LaneSilent, 3));
    }
}
