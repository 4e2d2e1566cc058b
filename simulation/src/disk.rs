//! A gate's disk: what outlives its process. It takes nothing that leaves a hole.

use std::collections::BTreeMap;

use kaisatsu_gate::{
    engine::{Intent, Record, Restored},
    time::Floor,
};
use kaisatsu_shared::{
    bundle::Revocation,
    id::{ClaimKey, DeviceId},
    journal::JournalHead,
    ledger::SignedCursor,
    right::UseKind,
};

use crate::{
    house::{self, INSTALLATION, Regime},
    message::RevokedDevice,
};

/// What outlives the process.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The journal.
    pub journal: Vec<Vec<u8>>,
    /// Claims without outcome.
    pub intents: BTreeMap<ClaimKey, Intent>,
    /// The ledger as far as it was followed.
    pub ledger: Vec<Vec<u8>>,
    /// Where the server signed its pages, in order; only where it may be restored.
    pub page_ends: Vec<SignedCursor>,
    /// The version of the rules in use.
    pub rules: u64,
    /// How much of the journal the server has.
    pub acknowledged: u64,
    /// The earliest instant that is certainly past.
    pub floor: Floor,
    /// As a hub: who is revoked by the rules in use.
    pub outcasts: Vec<RevokedDevice>,
    /// The root key's word that this device is revoked, since all but the journal is gone.
    pub revoked: Option<Revocation>,
    /// Whether the journal and the key are gone, too.
    pub wiped: bool,
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

impl Disk {
    /// Makes all records of a store effect durable.
    ///
    /// # Errors
    /// What a store would refuse.
    pub fn apply(&mut self, records: &[Record]) -> Result<(), String> {
        for record in records {
            match record {
                Record::Journal { number, bytes } => {
                    if *number != length(&self.journal).saturating_add(1) {
                        return Err(format!("entry {number} leaves a hole in the journal"));
                    }
                    self.journal.push(bytes.clone());
                }
                Record::Intent(intent) => {
                    self.intents.insert(intent.key, *intent);
                }
                Record::IntentDone(key) => {
                    self.intents.remove(key);
                }
                Record::Ledger { sequence, bytes } => {
                    if *sequence != length(&self.ledger).saturating_add(1) {
                        return Err(format!("entry {sequence} leaves a hole in the ledger"));
                    }
                    self.ledger.push(bytes.clone());
                }
                Record::LedgerCut(sequence) => {
                    self.ledger.truncate(usize::try_from(*sequence).unwrap_or(usize::MAX));
                    self.page_ends.retain(|end| end.cursor.sequence <= *sequence);
                }
                Record::PageEnd(end) => {
                    self.page_ends.retain(|it| it.cursor.sequence != end.cursor.sequence);
                    self.page_ends.push(end.clone());
                }
                Record::Bundle(signed) => {
                    let open = signed.open(&house::root().public(), INSTALLATION);
                    self.rules = open.map_err(|error| error.to_string())?.version;
                }
                Record::Acknowledged(number) => self.acknowledged = *number,
            }
        }
        Ok(())
    }

    /// Drops what was known of the event.
    pub fn revoke(&mut self, word: Revocation) {
        let (journal, floor) = (core::mem::take(&mut self.journal), self.floor);
        let (acknowledged, revoked) = (self.acknowledged, Some(word));
        *self = Self { journal, acknowledged, floor, revoked, ..Self::default() };
    }

    /// Deletes the journal, the key and all else.
    pub fn wipe(&mut self) {
        *self = Self { wiped: true, ..Self::default() };
    }

    /// What the engine starts with.
    ///
    /// # Errors
    /// What a store would call damaged.
    pub fn restored(&self, device: DeviceId, regime: Regime) -> Result<Restored, String> {
        let (head, journal) = JournalHead::default()
            .follow(INSTALLATION, device, self.journal.iter().map(Vec::as_slice))
            .map_err(|error| error.to_string())?;
        let acknowledged = usize::try_from(self.acknowledged).unwrap_or(usize::MAX);
        let outbox = self.journal.get(acknowledged..).ok_or("the journal lost its end")?.to_vec();
        // The store keeps neither the direction nor the number of persons.
        let intents = self.intents.values();
        let intents = intents.map(|intent| Intent { kind: UseKind::Entry, count: 1, ..*intent });
        Ok(Restored {
            journal,
            outbox,
            head,
            acknowledged: self.acknowledged,
            intents: intents.collect(),
            bundle: house::rules(regime, self.rules),
        })
    }
}
