//! The way to disk. One store effect is under way at a time, and journal numbers are given when it
//! is made: a failed write leaves no hole in the journal.

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, LeaseId, OperatorId, Serial},
    journal::{JournalBody, JournalEntry, JournalHead},
    right::Use,
    time::{TimeInterval, UnixMillis},
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
    /// As hub: this device hears that its claim is granted. Unwritten it isn't.
    Grant(DeviceId, ClaimKey),
    /// As hub: this device hears that its giving up is kept, once the disk has allowed it to be written.
    Heard(DeviceId, ClaimKey),
    /// A hub hears that this right is its own, once the disk has allowed it to be written.
    Prove(LeaseId, Serial, DeviceId),
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

/// What a failed store effect took along.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Scans whose light or claim depended on it.
    pub(super) scans: Vec<ScanId>,
    /// Claims of other gates that aren't granted after all.
    pub(super) grants: Vec<(DeviceId, ClaimKey)>,
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

    /// Whether nothing is left to write, also once a disk that refuses takes something again.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_none() && self.queue.is_empty()
    }

    pub(super) fn push(&mut self, write: Write) {
        self.queue.push(write);
    }

    pub(super) const fn resume(&mut self) {
        self.stopped = false;
    }

    /// Of what waits only journal entries are still wanted, and of these none that grants something to others or
    /// gives something back.
    pub(super) fn keep_entries(&mut self) {
        let gives = |body: &JournalBody| {
            matches!(
                body,
                JournalBody::Granted { .. }
                    | JournalBody::Transferred { .. }
                    | JournalBody::ShareTransferred { .. }
            )
        };
        self.queue.retain(|write| matches!(write, Write::Journal { body, .. } if !gives(body)));
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

    /// The entries on their way to the disk, each with what waits for it.
    pub(super) fn under_way(&self) -> Vec<(JournalEntry, Then)> {
        let Some(under_way) = &self.under_way else { return Vec::new() };
        let thens = under_way.writes.iter().filter_map(|write| match write {
            Write::Journal { then, .. } => Some(*then),
            _ => None,
        });
        under_way.entries.iter().map(|(entry, _)| *entry).zip(thens).collect()
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

    /// Uses that are on their way to the disk, and those that intents on it are about to claim.
    pub(super) fn uses(&self, identity: &Identity, epoch: Epoch) -> impl Iterator<Item = Use> {
        let under_way = self.under_way.iter().flat_map(|under_way| &under_way.writes);
        let about = |write: &Write| match *write {
            Write::Journal { body, at, .. } => match body {
                JournalBody::Redeemed { right, kind, count, claim: key, .. } => {
                    Some((Intent { key, right, kind, count }, at))
                }
                _ => None,
            },
            Write::Intent(intent, _) => Some((intent, TimeInterval::exact(UnixMillis(0)))),
            Write::Record(_) => None,
        };
        let uses = under_way.chain(&self.queue).filter_map(about);
        uses.map(move |(intent, at)| intent.by(identity, epoch, at))
    }

    /// Nothing of the effect was written. What must follow waits for the disk.
    pub(super) fn failed(&mut self, id: StoreId) -> Lost {
        let mut dark = Lost::default();
        let Some(lost) = self.under_way.take_if(|under_way| under_way.id == id) else {
            return dark;
        };
        self.stopped = true;
        let mut keep = Vec::new();
        for write in lost.writes {
            match write {
                Write::Journal { then: Then::Light(scan), .. } | Write::Intent(_, scan) => {
                    dark.scans.push(scan);
                }
                Write::Journal { then: Then::Grant(device, claim), .. } => {
                    dark.grants.push((device, claim));
                }
                Write::Journal { then: Then::Nothing, .. } => {}
                Write::Journal {
                    then: Then::MustFollow | Then::Tell(_) | Then::Heard(..) | Then::Prove(..),
                    ..
                }
                | Write::Record(_) => keep.push(write),
            }
        }
        keep.append(&mut self.queue);
        self.queue = keep;
        dark
    }
}
