//! Rows in the page's database.

use js_sys::{Array, Promise, Uint8Array};
use kaisatsu_gate::{
    browser::{Change, Key, Rows, Sorted, Table, Wait},
    store::StoreError,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::fault::{damaged, reading, writing};

#[wasm_bindgen]
extern "C" {
    /// What the page keeps rows in (`page/database.ts`).
    pub type Database;

    /// All rows of a table in the order of their keys: pairs of key and bytes.
    #[wasm_bindgen(method)]
    fn all(this: &Database, table: &str) -> Promise;

    /// The bytes of one row, or nothing.
    #[wasm_bindgen(method)]
    fn one(this: &Database, table: &str, key: &str) -> Promise;

    /// Makes all changes durable in one transaction: lists of what is done, table, key and bytes.
    #[wasm_bindgen(method)]
    fn change(this: &Database, changes: Array) -> Promise;
}

/// Rows in there.
pub(crate) struct PageRows(Database);

impl PageRows {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }
}

impl Rows for PageRows {
    fn all(&self, table: Table) -> Wait<Result<Sorted, StoreError>> {
        let asked = JsFuture::from(self.0.all(table.name()));
        Box::pin(async move {
            let rows = asked.await.map_err(|error| reading(&error))?;
            Array::from(&rows).iter().map(|row| pair(&row)).collect()
        })
    }

    fn one(&self, table: Table, key: Key) -> Wait<Result<Option<Vec<u8>>, StoreError>> {
        let asked = JsFuture::from(self.0.one(table.name(), &key));
        Box::pin(async move {
            let row = asked.await.map_err(|error| reading(&error))?;
            if row.is_undefined() { Ok(None) } else { bytes(row).map(Some) }
        })
    }

    fn change(&self, changes: Vec<Change>) -> Wait<Result<(), StoreError>> {
        let asked = JsFuture::from(self.0.change(changes.iter().map(list).collect()));
        Box::pin(async move { asked.await.map(drop).map_err(|error| writing(&error)) })
    }
}

fn pair(row: &JsValue) -> Result<(Key, Vec<u8>), StoreError> {
    let row = Array::from(row);
    Ok((row.get(0).as_string().ok_or_else(damaged)?, bytes(row.get(1))?))
}

fn bytes(value: JsValue) -> Result<Vec<u8>, StoreError> {
    Ok(value.dyn_into::<Uint8Array>().map_err(|_| damaged())?.to_vec())
}

/// A change as the page takes it.
fn list(change: &Change) -> JsValue {
    let (what, table, key, bytes) = match change {
        Change::Add(table, key, bytes) => ("add", table, Some(key), Some(bytes)),
        Change::Put(table, key, bytes) => ("put", table, Some(key), Some(bytes)),
        Change::Delete(table, key) => ("delete", table, Some(key), None),
        Change::DeleteAfter(table, key) => ("delete_after", table, Some(key), None),
        Change::Clear(table) => ("clear", table, None, None),
    };
    let key = key.map_or(JsValue::UNDEFINED, |key| JsValue::from_str(key));
    let bytes = bytes.map_or(JsValue::UNDEFINED, |bytes| Uint8Array::from(bytes.as_slice()).into());
    Array::of4(&JsValue::from_str(what), &JsValue::from_str(table.name()), &key, &bytes).into()
}
