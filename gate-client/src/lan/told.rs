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

    /// Batches of other devices than `own` from a place on, for the server; and the next place. What a device told
    /// bit by bit is one batch: its newest signature vouches for all that leads to it.
    #[must_use]
    pub fn others(&self, own: DeviceId, place: u64) -> (Vec<JournalBatch>, u64) {
        let page = self.page(place);
        let mut joined: Vec<JournalBatch> = Vec::new();
        for batch in page.batches.into_iter().map(|heard| heard.batch) {
            let device = batch.head.device;
            let mut before = joined.iter_mut().rev();
            match before.find(|it| it.head.device == device) {
                _ if device == own => {}
                Some(before) if follows(before, &batch) => {
                    before.entries.extend(batch.entries);
                    before.head = batch.head;
                }
                _ => joined.push(batch),
            }
        }
        (joined, page.next)
    }
}

/// Whether a batch goes on where another of its device ends, and both fit into one.
fn follows(before: &JournalBatch, batch: &JournalBatch) -> bool {
    let count = u64::try_from(batch.entries.len()).unwrap_or(u64::MAX);
    let all = before.entries.len().saturating_add(batch.entries.len());
    before.head.head.number.checked_add(count) == Some(batch.head.head.number)
        && all <= MAX_BATCH_ENTRIES
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

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        bundle::Credential,
        id::{Epoch, EventId, GateId, OperatorId, OrganisationId},
        journal::JournalBody,
        key::RootKey,
        time::{TimeInterval, UnixMillis},
    };

    use super::*;

    const INSTALLATION: InstallationId = InstallationId([7; 16]);

    fn key(device: DeviceId) -> DeviceKey {
        DeviceKey::from_seed([u8::try_from(device.0).unwrap(); 32])
    }

    fn credential(device: DeviceId) -> SignedCredential {
        let credential = Credential {
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EventId(9),
            gate: GateId(1),
            device,
            public: key(device).public(),
            enrolled_at: UnixMillis(0),
        };
        SignedCredential::sign(&credential, &RootKey::from_seed([200; 32])).unwrap()
    }

    /// Tells entries of a device one by one: those that follow from `head`, without the `missing`.
    fn tell(told: &mut Told, device: DeviceId, head: &mut JournalHead, missing: &[u64]) {
        let entry = JournalEntry {
            device,
            gate: GateId(1),
            operator: OperatorId(0),
            epoch: Epoch(1),
            number: head.number + 1,
            previous: head.hash,
            at: TimeInterval::exact(UnixMillis(1)),
            body: JournalBody::SignedIn,
        };
        let bytes = entry.encode();
        *head = JournalEntry::head_of(INSTALLATION, entry.number, &bytes);
        if !missing.contains(&entry.number) {
            let head = SignedJournalHead::sign(INSTALLATION, device, *head, &key(device));
            let batch = JournalBatch { entries: vec![bytes], head };
            told.post(&credential(device), batch, vec![entry]);
        }
    }

    #[test]
    fn what_others_told_bit_by_bit_goes_to_the_server_at_once() {
        let mut told = Told::new(1);
        let devices = [1, 2, 3].map(DeviceId);
        let mut heads = [JournalHead::default(); 3];
        for _ in 0..5 {
            for (device, head) in devices.iter().zip(&mut heads) {
                let missing: &[u64] = if device.0 == 3 { &[2] } else { &[] };
                tell(&mut told, *device, head, missing);
            }
        }
        // The hub's own left out; where something is missing, another batch begins.
        let (others, next) = told.others(DeviceId(1), 0);
        let seen: Vec<_> = others
            .iter()
            .map(|it| (it.head.device.0, it.entries.len(), it.head.head.number))
            .collect();
        assert_eq!(seen, [(2, 5, 5), (3, 1, 1), (3, 3, 5)]);
        for batch in &others {
            let device = batch.head.device;
            assert!(batch.open(INSTALLATION, device, &key(device).public()).is_some());
        }
        assert_eq!(next, told.count());
        assert_eq!(told.others(DeviceId(1), next), (Vec::new(), next));
        // No more than a batch may hold.
        for _ in 0..MAX_BATCH_ENTRIES {
            tell(&mut told, devices[1], &mut heads[1], &[]);
        }
        let (others, _) = told.others(DeviceId(1), 0);
        assert!(others.iter().all(|batch| batch.entries.len() <= MAX_BATCH_ENTRIES));
        let all: usize = others.iter().map(|batch| batch.entries.len()).sum();
        assert_eq!(all, 9 + MAX_BATCH_ENTRIES);
    }
}
