//! Where each event's ledger stands, for those who wait for more.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kaisatsu_shared::id::EventId;
use tokio::sync::watch;

/// The watched events' heads.
#[derive(Debug, Default)]
pub(super) struct Heads(Mutex<BTreeMap<EventId, watch::Sender<u64>>>);

impl Heads {
    /// A receiver of the event's head. True if it is the event's first: its head is then unknown.
    pub(super) fn subscribe(&self, event: EventId) -> (watch::Receiver<u64>, bool) {
        let mut heads = self.lock();
        let mut first = false;
        let sender = heads.entry(event).or_insert_with(|| {
            first = true;
            watch::Sender::new(0)
        });
        (sender.subscribe(), first)
    }

    /// Tells the event's watchers that its ledger reaches `head`. It never falls.
    pub(super) fn raise(&self, event: EventId, head: u64) {
        if let Some(sender) = self.lock().get(&event) {
            sender.send_if_modified(|known| {
                let rises = head > *known;
                *known = head.max(*known);
                rises
            });
        }
    }

    /// The events that somebody has watched.
    pub(super) fn watched(&self) -> Vec<EventId> {
        let heads = self.lock();
        heads.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<EventId, watch::Sender<u64>>> {
        // Nothing panics while holding the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
