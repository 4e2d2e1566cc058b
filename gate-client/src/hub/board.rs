//! What gates told the hub of themselves (`lan::Told`), for connections that wait for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kaisatsu_shared::{
    bundle::SignedCredential,
    id::{DeviceId, InstallationId},
    journal::JournalEntry,
    sync::{HeardPage, JournalBatch, Kept},
};
use tokio::{
    sync::watch,
    time::{Duration, sleep, timeout},
};

use crate::lan::Told;

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

impl Board {
    pub(super) fn new(run: u64, installation: InstallationId) -> Self {
        let told = Mutex::new(Told::new(run));
        Self { run, installation, told, count: watch::Sender::new(0) }
    }

    pub(super) const fn run(&self) -> u64 {
        self.run
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a device's batch, as [`Told::post`] does.
    pub(super) fn post(
        &self,
        credential: &SignedCredential,
        batch: JournalBatch,
        entries: Vec<JournalEntry>,
    ) -> (Kept, Vec<JournalEntry>) {
        let mut told = self.told();
        let kept = told.post(credential, batch, entries);
        self.count.send_replace(told.count());
        kept
    }

    /// Keeps entries of this device itself, as they were written.
    pub(super) fn post_own(&self, credential: &SignedCredential, batch: JournalBatch) {
        let mut told = self.told();
        told.post_own(credential, batch);
        self.count.send_replace(told.count());
    }

    /// The next page; waits for one at most so long.
    pub(super) async fn page(&self, run: u64, after: u64, wait: Duration) -> HeardPage {
        let place = self.wait_for(run, after, wait).await;
        self.told().page(place)
    }

    /// Batches of other devices than `own` from this place on, and the next place; waits for one.
    pub(super) async fn others(&self, own: DeviceId, after: u64) -> (Vec<JournalBatch>, u64) {
        let place = self.wait_for(self.run, after, RELAY_WAIT).await;
        self.told().others(own, place)
    }

    /// Waits until there is more than that; gives the place of what comes next.
    async fn wait_for(&self, run: u64, after: u64, wait: Duration) -> u64 {
        let place = self.told().place(run, after);
        let mut count = self.count.subscribe();
        let more = timeout(wait, count.wait_for(|count| *count > place)).await.is_ok();
        if more && wait > GATHER {
            sleep(GATHER).await;
        }
        place
    }

    pub(super) const fn installation(&self) -> InstallationId {
        self.installation
    }
}
