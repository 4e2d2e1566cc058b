//! Who takes batches in: the server's pure judgement with vectors for a database. A test sets the real
//! store beside it.

use kaisatsu_server::ledger::{BatchError, CheckedBatch, CheckedEntry, Place, accept_entry};
use kaisatsu_shared::{
    id::DeviceId,
    journal::JournalHead,
    ledger::EventState,
    sync::{BatchAnswer, EntryAnswer, EntryFate, JournalBatch},
    time::TimeInterval,
};

use super::world::{Device, World};

/// Why a batch isn't taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is empty or too large.
    Size,
    /// The device didn't sign it.
    Signature,
    /// Its entries don't hold together.
    Broken,
    /// Entries after this one are missing.
    Gap(u64),
    /// This entry isn't the one delivered before.
    Fork(u64),
}

/// What was set apart: by whom, under which number, and the entry's bytes.
pub type Apart = (DeviceId, u64, Vec<u8>);

/// A server that takes in journals.
pub trait Server {
    /// Takes in a batch that `device` sent.
    ///
    /// # Errors
    /// [`Refused`].
    fn upload(&mut self, device: DeviceId, batch: JournalBatch) -> Result<BatchAnswer, Refused>;
    /// The ledger's entries after this one.
    fn ledger(&self, after: u64) -> Vec<Vec<u8>>;
    /// A device's journal as it was taken in.
    fn journal(&self, device: DeviceId) -> Vec<Vec<u8>>;
    /// What was set apart.
    fn apart(&self) -> Vec<Apart>;
}

/// The pure judgement, with vectors for a database.
#[derive(Debug)]
pub struct Memory<'a> {
    world: &'a World,
    state: EventState,
    /// The entries after those of the world.
    ledger: Vec<Vec<u8>>,
    journals: Vec<Vec<CheckedEntry>>,
    apart: Vec<Apart>,
}

impl<'a> Memory<'a> {
    /// A server to which nothing was delivered yet.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        let journals = world.devices.iter().map(|_| Vec::new()).collect();
        Self { world, state: world.state.clone(), ledger: Vec::new(), journals, apart: Vec::new() }
    }

    fn index(&self, device: DeviceId) -> usize {
        let found = self.world.devices.iter().position(|known| known.id == device);
        found.expect("scripts know the world's devices only")
    }

    fn set_apart(&mut self, device: DeviceId, entry: &CheckedEntry) {
        let apart = (device, entry.entry.number, entry.bytes.clone());
        if !self.apart.contains(&apart) {
            self.apart.push(apart);
        }
    }

    fn accept(&mut self, device: &Device, entry: &CheckedEntry) -> EntryFate {
        let index = self.index(device.id);
        self.journals[index].push(entry.clone());
        if device.revoked {
            self.set_apart(device.id, entry);
            return EntryFate::Quarantined;
        }
        let accepted = accept_entry(&self.state, &self.world.rules, &entry.entry, device.gate);
        if accepted.fate == EntryFate::Quarantined {
            self.set_apart(device.id, entry);
        }
        for body in accepted.append {
            let at = TimeInterval::exact(self.world.now);
            let (_, bytes) = self.state.append(body, at).expect("what is accepted fits the ledger");
            self.ledger.push(bytes);
        }
        accepted.fate
    }
}

impl Server for Memory<'_> {
    fn upload(&mut self, device: DeviceId, batch: JournalBatch) -> Result<BatchAnswer, Refused> {
        let world = self.world;
        let index = self.index(device);
        let known = &world.devices[index];
        let batch = CheckedBatch::check(world.installation, device, &known.key.public(), batch);
        let batch = batch.map_err(|error| match error {
            BatchError::Size => Refused::Size,
            BatchError::Signature => Refused::Signature,
            BatchError::Chain(_) | BatchError::OtherHead => Refused::Broken,
        })?;
        let (mut entries, mut suspicious_times) = (Vec::new(), Vec::new());
        for (at, entry) in batch.entries().iter().enumerate() {
            let number = entry.entry.number;
            let journal = &self.journals[index];
            let head = journal.last().map_or(JournalHead::default(), |last| JournalHead {
                number: last.entry.number,
                hash: last.hash,
            });
            let stored = journal.iter().find(|known| known.entry.number == number);
            let fate = match entry.place(head, stored.map(|known| known.hash)) {
                Place::Gap => return Err(Refused::Gap(head.number)),
                Place::Fork => {
                    for rest in &batch.entries()[at..] {
                        self.set_apart(device, rest);
                    }
                    return Err(Refused::Fork(number));
                }
                Place::Known => EntryFate::AlreadyKnown,
                Place::Next => self.accept(known, entry),
            };
            if entry.has_impossible_time(Some(world.now), world.now) {
                suspicious_times.push(number);
            }
            entries.push(EntryAnswer { number, fate });
        }
        let acknowledged = self.journals[index].last().map_or(0, |last| last.entry.number);
        Ok(BatchAnswer { acknowledged, entries, suspicious_times })
    }

    fn ledger(&self, after: u64) -> Vec<Vec<u8>> {
        let skipped = after - self.world.state.cursor().sequence;
        self.ledger.iter().skip(usize::try_from(skipped).expect("it is short")).cloned().collect()
    }

    fn journal(&self, device: DeviceId) -> Vec<Vec<u8>> {
        self.journals[self.index(device)].iter().map(|entry| entry.bytes.clone()).collect()
    }

    fn apart(&self) -> Vec<Apart> {
        self.apart.clone()
    }
}
