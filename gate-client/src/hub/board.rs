//! What gates told the hub of themselves, for the others: in memory, as each of them has its own on disk and
//! tells it again to a hub that started anew. Their signatures vouch for it, not the hub.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kaisatsu_shared::{
    bundle::SignedCredential,
    id::{DeviceId, InstallationId},
    journal::{JournalEntry, JournalHead},
    sync::{HeardBatch, HeardPage, JournalBatch, Kept},
};
use tokio::{
    sync::watch,
    time::{Duration, sleep, timeout},
};

/// Most entries that are kept; a day at a large venue.
const ROOM: usize = 200_000;
/// A page ends with the batch that reaches this many entries.
const PAGE: usize = 1_024;
/// So long the way to the server waits for something to deliver.
const RELAY_WAIT: Duration = Duration::from_secs(60);
/// So long a page waits for what comes right after.
const GATHER: Duration = Duration::from_millis(60);

#[derive(Debug)]
pub(super) struct Board {
    run: u64,
    installation: InstallationId,
    told: Mutex<Told>,
    /// How many batches there are.
    count: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Told {
    batches: Vec<HeardBatch>,
    heads: BTreeMap<DeviceId, JournalHead>,
    entries: usize,
}

impl Board {
    pub(super) fn new(run: u64, installation: InstallationId) -> Self {
        Self { run, installation, told: Mutex::default(), count: watch::Sender::new(0) }
    }

    pub(super) const fn run(&self) -> u64 {
        self.run
    }

    /// Keeps a device's batch, whose signature was checked. Gives how much of its journal is there now, and
    /// which entries are new. What doesn't follow from the entries before, or finds no room, is not kept;
    /// entries may be missing in between: the server has those.
    pub(super) fn post(
        &self,
        credential: &SignedCredential,
        mut batch: JournalBatch,
        mut entries: Vec<JournalEntry>,
    ) -> (Kept, Vec<JournalEntry>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let end = batch.head.head;
        let device = batch.head.device;
        let head = told.heads.get(&device).copied().unwrap_or_default();
        let known = entries.iter().take_while(|entry| entry.number <= head.number).count();
        entries.drain(..known);
        batch.entries.drain(..known.min(batch.entries.len()));
        let follows = entries.first().is_some_and(|first| {
            first.number > head.number.saturating_add(1) || first.previous == head.hash
        });
        if !(follows || head == JournalHead::default())
            || entries.is_empty()
            || told.entries.saturating_add(entries.len()) > ROOM
        {
            return (Kept { number: head.number }, Vec::new());
        }
        told.entries = told.entries.saturating_add(entries.len());
        told.heads.insert(device, end);
        told.batches.push(HeardBatch { credential: credential.clone(), batch });
        self.count.send_modify(|count| *count = count.saturating_add(1));
        (Kept { number: end.number }, entries)
    }

    /// Keeps entries of this device itself, as they were written.
    pub(super) fn post_own(&self, credential: &SignedCredential, batch: JournalBatch) {
        let entries: Vec<_> =
            batch.entries.iter().filter_map(|bytes| JournalEntry::decode(bytes).ok()).collect();
        self.post(credential, batch, entries);
    }

    /// The next page; waits for one at most so long.
    pub(super) async fn page(&self, run: u64, after: u64, wait: Duration) -> HeardPage {
        let after = if run == self.run { after } else { 0 };
        let mut count = self.count.subscribe();
        let more = timeout(wait, count.wait_for(|count| *count > after)).await.is_ok();
        if more && wait > GATHER {
            sleep(GATHER).await;
        }
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let mut size = 0_usize;
        let mut batches = Vec::new();
        for heard in told.batches.iter().skip(start) {
            if size >= PAGE {
                break;
            }
            size = size.saturating_add(heard.batch.entries.len());
            batches.push(heard.clone());
        }
        let next = after.saturating_add(u64::try_from(batches.len()).unwrap_or_default());
        HeardPage { run: self.run, next, batches, recalls: Vec::new() }
    }

    /// Batches of other devices than `own` from this place on, and the next place; waits for one.
    pub(super) async fn others(&self, own: DeviceId, after: u64) -> (Vec<JournalBatch>, u64) {
        let page = self.page(self.run, after, RELAY_WAIT).await;
        let others = page.batches.into_iter().map(|heard| heard.batch);
        (others.filter(|batch| batch.head.device != own).collect(), page.next)
    }

    pub(super) const fn installation(&self) -> InstallationId {
        self.installation
    }
}
