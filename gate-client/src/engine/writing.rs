//! The way to disk. One store effect is under way at a time, and journal numbers are given when it
//! is made: a failed write leaves no hole in the journal.

use kaisatsu_shared::{
    id::{Epoch, OperatorId},
    journal::{JournalBody, JournalEntry, JournalHead},
    time::TimeInterval,
};

use super::{Done, Effect, Identity, Intent, Record, ScanId, StoreId, outbox::Outbox};

/// What waits for the disk.
#[derive(Clone, Debug)]
pub(super) enum Write {
    /// A journal entry.
    Journal { body: JournalBody, operator: OperatorId, at: TimeInterval, then: Then },
    /// An intent, before its claim is made.
    Intent(Intent, ScanId),
    /// A record that nothing waits for.
    Record(Record),
}

/// What waits for a journal entry to be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// A green light.
    Light(ScanId),
    /// Nothing, and the entry may be lost if it can't be written: it admitted nobody.
    Nothing,
    /// Nothing, but the entry must be written once the disk allows it.
    MustFollow,
    /// Staff hears of it, once the disk has allowed it to be written.
    Tell(Done),
}

/// The store effect under way.
#[derive(Debug)]
struct UnderWay {
    id: StoreId,
    writes: Vec<Write>,
    entries: Vec<(JournalEntry, Vec<u8>)>,
    head: JournalHead,
}

/// A store effect that ended well.
pub(super) struct Written {
    pub(super) writes: Vec<Write>,
    pub(super) entries: Vec<JournalEntry>,
}

/// The writes in order, and the journal's head.
#[derive(Debug)]
pub(super) struct Writing {
    head: JournalHead,
    queue: Vec<Write>,
    under_way: Option<UnderWay>,
    next: u64,
    /// After a failed write nothing is retried before the next scan or tick.
    stopped: bool,
}

impl Writing {
    pub(super) const fn new(head: JournalHead) -> Self {
        Self { head, queue: Vec::new(), under_way: None, next: 0, stopped: false }
    }

    pub(super) const fn head(&self) -> JournalHead {
        self.head
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_none() && (self.queue.is_empty() || self.stopped)
    }

    pub(super) fn push(&mut self, write: Write) {
        self.queue.push(write);
    }

    pub(super) const fn resume(&mut self) {
        self.stopped = false;
    }

    /// The next store effect, if something waits and none is under way.
    pub(super) fn start(&mut self, identity: &Identity, epoch: Epoch) -> Option<Effect> {
        if self.under_way.is_some() || self.queue.is_empty() || self.stopped {
            return None;
        }
        let writes = core::mem::take(&mut self.queue);
        let mut head = self.head;
        let mut entries = Vec::new();
        let mut records = Vec::new();
        for write in &writes {
            match write {
                Write::Record(record) => records.push(record.clone()),
                Write::Intent(intent, _) => records.push(Record::Intent(*intent)),
                Write::Journal { body, operator, at, .. } => {
                    let entry = JournalEntry {
                        device: identity.device,
                        gate: identity.gate,
                        operator: *operator,
                        epoch,
                        number: head.number.saturating_add(1),
                        previous: head.hash,
                        at: *at,
                        body: *body,
                    };
                    let bytes = entry.encode();
                    head = JournalEntry::head_of(identity.installation, entry.number, &bytes);
                    records.push(Record::Journal { number: entry.number, bytes: bytes.clone() });
                    if let JournalBody::Redeemed { claim, .. }
                    | JournalBody::Abandoned { claim, .. } = body
                    {
                        records.push(Record::IntentDone(*claim));
                    }
                    entries.push((entry, bytes));
                }
            }
        }
        let id = StoreId(self.next);
        self.next = self.next.saturating_add(1);
        self.under_way = Some(UnderWay { id, writes, entries, head });
        Some(Effect::Store { id, records })
    }

    /// The effect's records are durable.
    pub(super) fn stored(&mut self, id: StoreId, outbox: &mut Outbox) -> Option<Written> {
        let done = self.under_way.take_if(|under_way| under_way.id == id)?;
        self.head = done.head;
        let mut entries = Vec::with_capacity(done.entries.len());
        for (entry, bytes) in done.entries {
            outbox.push(entry.number, bytes);
            entries.push(entry);
        }
        Some(Written { writes: done.writes, entries })
    }

    /// Nothing of the effect was written. What must follow waits for the disk; the scans whose
    /// light or claim depended on it are returned.
    pub(super) fn failed(&mut self, id: StoreId) -> Vec<ScanId> {
        let Some(lost) = self.under_way.take_if(|under_way| under_way.id == id) else {
            return Vec::new();
        };
        self.stopped = true;
        let mut dark = Vec::new();
        let mut keep = Vec::new();
        for write in lost.writes {
            match write {
                Write::Journal { then: Then::Light(scan), .. } | Write::Intent(_, scan) => {
                    dark.push(scan);
                }
                Write::Journal { then: Then::Nothing, .. } => {}
                Write::Journal { then: Then::MustFollow | Then::Tell(_), .. }
                | Write::Record(_) => keep.push(write),
            }
        }
        keep.append(&mut self.queue);
        self.queue = keep;
        dark
    }
}
