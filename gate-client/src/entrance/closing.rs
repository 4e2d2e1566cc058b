//! The orderly end: finish what is under way, hand over what can be handed over, not for ever.

use crate::engine::{Engine, LinkState};

/// How long the end of the source may take, in milliseconds.
const AFTER_SOURCE: u64 = 10_000;
/// How long a signal to end may take, in milliseconds.
const AFTER_SIGNAL: u64 = 2_000;
/// A link that is down for so long isn't waited for, in milliseconds.
const GIVE_UP_LINK: u64 = 1_500;

/// Whether and until when the gate is ending.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Closing {
    deadline: Option<u64>,
    alone_since: Option<u64>,
}

impl Closing {
    /// The source ended.
    pub(super) fn source_ended(&mut self, now: u64) {
        self.by(now.saturating_add(AFTER_SOURCE));
    }

    /// The process is to end.
    pub(super) fn signalled(&mut self, now: u64) {
        self.by(now.saturating_add(AFTER_SIGNAL));
    }

    fn by(&mut self, deadline: u64) {
        self.deadline = Some(self.deadline.map_or(deadline, |earlier| earlier.min(deadline)));
    }

    /// Whether the gate is ending.
    pub(super) const fn has_begun(&self) -> bool {
        self.deadline.is_some()
    }

    /// Whether the gate may end now.
    pub(super) fn is_over(&mut self, engine: &Engine, now: u64) -> bool {
        let status = engine.status();
        // A hub takes no journals.
        if matches!(status.link, LinkState::Alone | LinkState::Hub) {
            self.alone_since.get_or_insert(now);
        } else {
            self.alone_since = None;
        }
        let Some(deadline) = self.deadline else { return false };
        let cut = self.alone_since.is_some_and(|since| now.saturating_sub(since) >= GIVE_UP_LINK);
        let settled = engine.is_idle() && (status.unsynced == 0 || cut);
        settled || now >= deadline
    }
}
