//! Where other gates' journals end, as they said: the newest of each device, for whoever hasn't heard of it. Each was
//! checked before.

use std::collections::BTreeMap;

use kaisatsu_shared::{id::DeviceId, journal::SignedJournalHead, sync::HeardHead};

/// The newest end of each device of the event.
#[derive(Debug, Default)]
pub struct Ends {
    known: BTreeMap<DeviceId, (u64, HeardHead)>,
    /// How often one became known.
    count: u64,
}

impl Ends {
    /// Whether an end lies beyond the one that is known.
    #[must_use]
    pub fn is_news(&self, head: &SignedJournalHead) -> bool {
        let number = self.known.get(&head.device).map_or(0, |(_, heard)| heard.head.head.number);
        head.head.number > number
    }

    /// Keeps one; gives how often one became known.
    pub fn keep(&mut self, heard: HeardHead) -> u64 {
        self.count = self.count.saturating_add(1);
        self.known.insert(heard.head.device, (self.count, heard));
        self.count
    }

    /// Those that became known after this count, and the count now.
    #[must_use]
    pub fn after(&self, count: u64) -> (Vec<HeardHead>, u64) {
        let news = self.known.values().filter(|(at, _)| *at > count);
        (news.map(|(_, heard)| heard.clone()).collect(), self.count.max(count))
    }
}
