//! Which rows a gate keeps.

use std::rc::Rc;

use kaisatsu_shared::{
    bundle::{Revocation, SignedBundle},
    id::{ClaimKey, EventId},
    key::DeviceKey,
    ledger::SignedCursor,
    right::{RightRef, UseKind},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Change, Key, Rows, Table};
use crate::{
    engine::{Intent, Record},
    store::{
        Enrolment, Store, StoreError, Wiped,
        notes::{ACKNOWLEDGED, FLOOR, REVOKED, WIPED, read, written},
    },
};

const ENROLMENT: &str = "enrolment";
const BUNDLE: &str = "bundle";
const KEY: &str = "device_key";

/// The store.
pub struct RowStore {
    rows: Rc<dyn Rows>,
}

impl core::fmt::Debug for RowStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RowStore(…)")
    }
}

impl RowStore {
    /// The store in these rows.
    #[must_use]
    pub const fn new(rows: Rc<dyn Rows>) -> Self {
        Self { rows }
    }

    /// The device's key.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if there is none or it isn't 32 bytes.
    pub async fn key(&self) -> Result<DeviceKey, StoreError> {
        let damaged = || StoreError::Corrupt("the device's key".to_owned());
        let bytes = self.rows.one(Table::Documents, KEY.to_owned()).await?.map(Zeroizing::new);
        let bytes = bytes.ok_or_else(damaged)?;
        let seed = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| damaged())?;
        Ok(DeviceKey::from_seed(seed))
    }

    /// The device's key; made from `seed`, and durable, where there is none yet.
    ///
    /// # Errors
    /// As [`RowStore::key`], or if it can't be written.
    pub async fn key_or_new(&mut self, seed: Zeroizing<[u8; 32]>) -> Result<DeviceKey, StoreError> {
        if self.rows.one(Table::Documents, KEY.to_owned()).await?.is_none() {
            let row = Change::Add(Table::Documents, KEY.to_owned(), seed.to_vec());
            self.rows.change(vec![row]).await?;
        }
        self.key().await
    }

    async fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        read(text(self.rows.one(Table::Documents, name.to_owned()).await?)?)
    }

    async fn bytes(&self, table: Table) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(self.rows.all(table).await?.into_iter().map(|(_, bytes)| bytes).collect())
    }
}

impl Store for RowStore {
    async fn apply(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut changes = Vec::with_capacity(records.len());
        for record in records {
            write(record, &mut changes)?;
        }
        self.rows.change(changes).await
    }

    async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let document = json(enrolment)?;
        let enrolled = Change::Add(Table::Documents, ENROLMENT.to_owned(), document);
        self.rows.change(vec![Change::Clear(Table::Notes), enrolled]).await
    }

    async fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        self.document(ENROLMENT).await
    }

    async fn journal(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        self.bytes(Table::Journal).await
    }

    async fn ledger(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        self.bytes(Table::Ledger).await
    }

    async fn page_ends(&self, event: EventId, after: u64) -> Result<Vec<SignedCursor>, StoreError> {
        let ends = self.bytes(Table::PageEnds).await?;
        let ends: Result<Vec<SignedCursor>, _> = ends.into_iter().map(whole).collect();
        let ends = ends?.into_iter().filter(|end| end.cursor.sequence > after);
        Ok(ends.map(|end| SignedCursor { event, ..end }).collect())
    }

    async fn intents(&self) -> Result<Vec<Intent>, StoreError> {
        let rows = self.rows.all(Table::Intents).await?.into_iter();
        rows.map(|(key, bytes)| intent(&key, bytes)).collect()
    }

    async fn bundle(&self) -> Result<Option<SignedBundle>, StoreError> {
        self.document(BUNDLE).await
    }

    async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        text(self.rows.one(Table::Notes, name.to_owned()).await?)
    }

    async fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        if self.note(WIPED).await?.is_some() {
            return Ok(());
        }
        self.rows.change(vec![put_note(name, text)]).await
    }

    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError> {
        self.rows.change(vec![Change::Delete(Table::Notes, name.to_owned())]).await
    }

    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        let mut changes = vec![
            Change::Clear(Table::Ledger),
            Change::Clear(Table::PageEnds),
            Change::Clear(Table::Intents),
            Change::Delete(Table::Documents, BUNDLE.to_owned()),
            Change::Clear(Table::Notes),
            put_note(REVOKED, &written(revocation)?),
        ];
        for stays in [ACKNOWLEDGED, FLOOR] {
            changes.extend(self.note(stays).await?.map(|text| put_note(stays, &text)));
        }
        self.rows.change(changes).await
    }

    async fn wipe(&mut self, wiped: &Wiped) -> Result<(), StoreError> {
        let keeps = |table: &Table| *table != Table::Documents;
        let mut changes: Vec<_> = Table::ALL.into_iter().filter(keeps).map(Change::Clear).collect();
        changes.extend([
            Change::Delete(Table::Documents, ENROLMENT.to_owned()),
            Change::Delete(Table::Documents, BUNDLE.to_owned()),
            put_note(WIPED, &written(wiped)?),
        ]);
        self.rows.change(changes).await
    }

    async fn finish_wipe(&mut self) -> Result<bool, StoreError> {
        self.rows.change(vec![Change::Delete(Table::Documents, KEY.to_owned())]).await?;
        self.scrub().await
    }

    /// What the browser keeps of deleted rows until it tidies its files up, no page can remove.
    async fn scrub(&mut self) -> Result<bool, StoreError> {
        Ok(true)
    }
}

fn write(record: &Record, changes: &mut Vec<Change>) -> Result<(), StoreError> {
    let change = match record {
        Record::Journal { number: n, bytes } => {
            Change::Add(Table::Journal, number(*n), bytes.clone())
        }
        Record::Ledger { sequence, bytes } => {
            Change::Add(Table::Ledger, number(*sequence), bytes.clone())
        }
        Record::PageEnd(end) => {
            Change::Put(Table::PageEnds, number(end.cursor.sequence), json(end)?)
        }
        Record::LedgerCut(n) => {
            changes.push(Change::DeleteAfter(Table::PageEnds, number(*n)));
            Change::DeleteAfter(Table::Ledger, number(*n))
        }
        Record::Intent(Intent { key, right, .. }) => {
            Change::Put(Table::Intents, hex::encode(key.0), json(right)?)
        }
        Record::IntentDone(key) => Change::Delete(Table::Intents, hex::encode(key.0)),
        Record::Bundle(bundle) => Change::Put(Table::Documents, BUNDLE.to_owned(), json(bundle)?),
        Record::Acknowledged(n) => put_note(ACKNOWLEDGED, &n.to_string()),
    };
    changes.push(change);
    Ok(())
}

fn intent(key: &str, right: Vec<u8>) -> Result<Intent, StoreError> {
    let mut claim = [0; 16];
    hex::decode_to_slice(key, &mut claim)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let right: RightRef = whole(right)?;
    Ok(Intent { key: ClaimKey(claim), right, kind: UseKind::Entry, count: 1 })
}

/// A number as a key: text that sorts like it.
fn number(number: u64) -> Key {
    format!("{number:020}")
}

fn put_note(name: &str, text: &str) -> Change {
    Change::Put(Table::Notes, name.to_owned(), text.as_bytes().to_vec())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    Ok(written(value)?.into_bytes())
}

fn whole<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, StoreError> {
    serde_json::from_slice(&bytes).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn text(bytes: Option<Vec<u8>>) -> Result<Option<String>, StoreError> {
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|error| StoreError::Corrupt(error.to_string()))
}
