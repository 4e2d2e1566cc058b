//! A disk: what outlives the process. It takes nothing that leaves a hole.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    bundle::SignedBundle,
    id::{ClaimKey, DeviceId},
    journal::{JournalEntry, JournalHead},
    ledger::SignedCursor,
};

use super::{event::Event, world::INSTALLATION};
use crate::engine::{Intent, Record, Restored};

/// What outlives the process.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) device: DeviceId,
    pub(super) journal: Vec<Vec<u8>>,
    pub(super) intents: BTreeMap<ClaimKey, Intent>,
    pub(super) ledger: Vec<Vec<u8>>,
    pub(super) bundle: Option<SignedBundle>,
    pub(super) acknowledged: u64,
    pub(super) page_ends: Vec<SignedCursor>,
}

impl Disk {
    pub(super) fn apply(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::Journal { number, bytes } => {
                    assert_eq!(*number, self.journal.len() as u64 + 1, "a hole in the journal");
                    self.journal.push(bytes.clone());
                }
                Record::Intent(intent) => {
                    self.intents.insert(intent.key, *intent);
                }
                Record::IntentDone(key) => {
                    self.intents.remove(key);
                }
                Record::Ledger { sequence, bytes } => {
                    assert_eq!(*sequence, self.ledger.len() as u64 + 1, "a hole in the ledger");
                    self.ledger.push(bytes.clone());
                }
                Record::LedgerCut(sequence) => {
                    self.ledger.truncate(*sequence as usize);
                    self.page_ends.retain(|end| end.cursor.sequence <= *sequence);
                }
                Record::PageEnd(end) => {
                    assert_eq!(end.cursor.sequence, self.ledger.len() as u64);
                    self.page_ends.push(end.clone());
                }
                Record::Bundle(bundle) => self.bundle = Some(bundle.clone()),
                Record::Acknowledged(number) => {
                    assert!(*number <= self.journal.len() as u64);
                    self.acknowledged = *number;
                }
            }
        }
    }

    /// The journal, whose chain must hold.
    pub(super) fn entries(&self) -> (JournalHead, Vec<JournalEntry>) {
        JournalHead::default()
            .follow(INSTALLATION, self.device, self.journal.iter().map(Vec::as_slice))
            .unwrap()
    }

    pub(super) fn restored(&self, event: &Event) -> Restored {
        let (head, journal) = self.entries();
        Restored {
            journal,
            outbox: self.journal[self.acknowledged as usize..].to_vec(),
            head,
            acknowledged: self.acknowledged,
            intents: self.intents.values().copied().collect(),
            bundle: self.bundle.clone().map(|signed| {
                let open = signed.open(&event.root.public(), INSTALLATION).unwrap();
                (signed, open)
            }),
        }
    }
}
