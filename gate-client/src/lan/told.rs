//! What gates told the hub of themselves, for the others: in memory, as each of them has its own on disk and
//! tells it again to a hub that started anew. Their signatures vouch for it, not the hub.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    bundle::SignedCredential,
    id::{DeviceId, InstallationId},
    journal::{JournalEntry, JournalHead, SignedJournalHead},
    key::DeviceKey,
    sync::{HeardBatch, HeardPage, JournalBatch, Kept, MAX_BATCH_ENTRIES},
};

use crate::engine::Record;

/// Most entries that are kept; a day at a large venue.
const ROOM: usize = 200_000;
/// A page ends with the batch that reaches this many entries.
const PAGE: usize = 1_024;

/// Signed batches of journals, in the order in which the hub heard them.
#[derive(Debug)]
pub struct Told {
    run: u64,
    batches: Vec<HeardBatch>,
    heads: BTreeMap<DeviceId, JournalHead>,
    entries: usize,
}

impl Told {
    /// Nothing yet. `run` is drawn anew for each start.
    #[must_use]
    pub const fn new(run: u64) -> Self {
        Self { run, batches: Vec::new(), heads: BTreeMap::new(), entries: 0 }
    }

    /// Numbers the start.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// How many batches there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.batches.len()).unwrap_or(u64::MAX)
    }

    /// Keeps a device's batch, whose signature was checked and which holds these `entries`. Gives how much of its
    /// journal is there now, and which entries are new. What doesn't follow from the entries before, or finds no
    /// room, is not kept; entries may be missing in between: the server has those.
    pub fn post(
        &mut self,
        credential: &SignedCredential,
        mut batch: JournalBatch,
        mut entries: Vec<JournalEntry>,
    ) -> (Kept, Vec<JournalEntry>) {
        let end = batch.head.head;
        let device = batch.head.device;
        let head = self.heads.get(&device).copied().unwrap_or_default();
        let known = entries.iter().take_while(|entry| entry.number <= head.number).count();
        entries.drain(..known);
        batch.entries.drain(..known.min(batch.entries.len()));
        let follows = entries.first().is_some_and(|first| {
            first.number > head.number.saturating_add(1) || first.previous == head.hash
        });
        if !(follows || head == JournalHead::default())
            || entries.is_empty()
            || self.entries.saturating_add(entries.len()) > ROOM
        {
            return (Kept { number: head.number }, Vec::new());
        }
        self.entries = self.entries.saturating_add(entries.len());
        self.heads.insert(device, end);
        self.batches.push(HeardBatch { credential: credential.clone(), batch });
        (Kept { number: end.number }, entries)
    }

    /// Keeps entries of the hub's own device, as they were written.
    pub fn post_own(&mut self, credential: &SignedCredential, batch: JournalBatch) {
        let entries: Vec<_> =
            batch.entries.iter().filter_map(|bytes| JournalEntry::decode(bytes).ok()).collect();
        self.post(credential, batch, entries);
    }

    /// Where somebody goes on who has the first `after` batches of that `run`.
    #[must_use]
    pub const fn place(&self, run: u64, after: u64) -> u64 {
        if run == self.run { after } else { 0 }
    }

    /// The next page from a place on.
    #[must_use]
    pub fn page(&self, place: u64) -> HeardPage {
        let start = usize::try_from(place).unwrap_or(usize::MAX);
        let mut size = 0_usize;
        let mut batches = Vec::new();
        for heard in self.batches.iter().skip(start) {
            if size >= PAGE {
                break;
            }
            size = size.saturating_add(heard.batch.entries.len());
            batches.push(heard.clone());
        }
        let next = place.saturating_add(u64::try_from(batches.len()).unwrap_or_default());
        HeardPage { run: self.run, next, batches, ..HeardPage::default() }
    }

    /// Batches of other devices than `own` from a place on, for the server; and the next place.
    #[must_use]
    pub fn others(&self, own: DeviceId, place: u64) -> (Vec<JournalBatch>, u64) {
        let page = self.page(place);
        let others = page.batches.into_iter().map(|heard| heard.batch);
        (others.filter(|batch| batch.head.device != own).collect(), page.next)
    }
}

/// Journal entries among records that became durable, in batches that the device signs.
pub fn written<'a>(
    (installation, device, key): (InstallationId, DeviceId, &'a DeviceKey),
    records: &[Record],
) -> impl Iterator<Item = JournalBatch> + use<'a> {
    let written = records.iter().filter_map(|record| match record {
        Record::Journal { number, bytes } => Some((*number, bytes.clone())),
        _ => None,
    });
    let written: Vec<_> = written.collect();
    let chunks: Vec<Vec<_>> = written.chunks(MAX_BATCH_ENTRIES).map(<[_]>::to_vec).collect();
    chunks.into_iter().filter_map(move |entries| {
        let (number, last) = entries.last()?;
        let head = JournalEntry::head_of(installation, *number, last);
        let head = SignedJournalHead::sign(installation, device, head, key);
        let entries = entries.into_iter().map(|(_, bytes)| bytes).collect();
        Some(JournalBatch { entries, head })
    })
}
