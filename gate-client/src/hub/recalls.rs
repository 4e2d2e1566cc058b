//! Rights that the hub wants from other gates. A gate gets the question with its next one for news, which waits
//! at the hub as a rule; one that nobody came for is worth nothing a moment later.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kaisatsu_shared::{
    id::{DeviceId, LeaseId, Serial},
    sync::{MAX_RECALLS, Recall},
};
use tokio::sync::watch;

/// So long the guest waits for whom the right is wanted, in milliseconds.
const WORTH: u64 = 2_000;

/// By gate and right: the question, and since when.
type Wanted = BTreeMap<DeviceId, BTreeMap<(LeaseId, Serial), (Recall, u64)>>;

/// What is wanted from whom.
#[derive(Debug)]
pub(super) struct Recalls {
    wanted: Mutex<Wanted>,
    /// Counts the questions, so that who waits looks again.
    posted: watch::Sender<u64>,
}

impl Recalls {
    pub(super) fn new() -> Self {
        Self { wanted: Mutex::default(), posted: watch::Sender::new(0) }
    }

    /// Asks a gate, at this monotonic time, for a right. Where too much is asked for already, this is not.
    pub(super) fn post(&self, device: DeviceId, recall: Recall, now: u64) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let of_gate = wanted.entry(device).or_default();
        of_gate.retain(|_, (_, since)| now.saturating_sub(*since) < WORTH);
        let key = (recall.lease, recall.serial);
        if of_gate.len() < MAX_RECALLS || of_gate.contains_key(&key) {
            of_gate.insert(key, (recall, now));
            self.posted.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// What is wanted from a gate, at this monotonic time; it isn't told twice.
    pub(super) fn take(&self, device: DeviceId, now: u64) -> Vec<Recall> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let of_gate = wanted.remove(&device).unwrap_or_default().into_values();
        let fresh = of_gate.filter(|(_, since)| now.saturating_sub(*since) < WORTH);
        fresh.map(|(recall, _)| recall).collect()
    }

    /// Waits until something is wanted from a gate.
    pub(super) async fn wait(&self, device: DeviceId) {
        let mut posted = self.posted.subscribe();
        loop {
            posted.borrow_and_update();
            // Whoever posts lives as long as this.
            if self.has(device) || posted.changed().await.is_err() {
                return;
            }
        }
    }

    fn has(&self, device: DeviceId) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&device)
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::id::{Epoch, GateId};

    use super::*;

    const LANE: DeviceId = DeviceId(2);

    fn recall(serial: u32) -> Recall {
        let (to, gate) = (DeviceId(1), GateId(1));
        Recall { lease: LeaseId(1), serial: Serial(serial), to, gate, epoch: Epoch(1), ledger: 9 }
    }

    #[test]
    fn a_gate_is_told_once_and_only_while_somebody_waits_for_it() {
        let recalls = Recalls::new();
        recalls.post(LANE, recall(1), 0);
        recalls.post(LANE, recall(1), 100);
        recalls.post(LANE, recall(2), 1_500);
        assert_eq!(recalls.take(DeviceId(3), 1_500), []);
        assert_eq!(recalls.take(LANE, 1_500), [recall(1), recall(2)]);
        assert_eq!(recalls.take(LANE, 1_500), []);
        recalls.post(LANE, recall(1), 2_000);
        assert_eq!(recalls.take(LANE, 2_000 + WORTH), []);
    }

    #[test]
    fn only_so_much_is_asked_of_one_gate() {
        let recalls = Recalls::new();
        (0..100).for_each(|serial| recalls.post(LANE, recall(serial), 0));
        assert_eq!(recalls.take(LANE, 0).len(), MAX_RECALLS);
    }
}
