//! Rows in memory, which outlive the store in front of them, and that can be full.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::ready,
    rc::Rc,
};

use super::{Change, Key, Rows, Sorted, Table, Wait};
use crate::store::StoreError;

type Tables = BTreeMap<(Table, Key), Vec<u8>>;

/// The rows.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    tables: Rc<RefCell<Tables>>,
    /// So many rows have room.
    pub(crate) room: Rc<Cell<Option<usize>>>,
}

impl Memory {
    /// Every row, to look into or to damage.
    pub(crate) fn tables(&self) -> core::cell::RefMut<'_, Tables> {
        self.tables.borrow_mut()
    }

    fn try_change(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut tables = self.tables.borrow().clone();
        for change in changes {
            match change {
                Change::Add(table, key, bytes) => {
                    if tables.insert((table, key), bytes).is_some() {
                        return Err(StoreError::Database("there is such a row".to_owned()));
                    }
                }
                Change::Put(table, key, bytes) => drop(tables.insert((table, key), bytes)),
                Change::Delete(table, key) => drop(tables.remove(&(table, key))),
                Change::DeleteAfter(table, last) => {
                    tables.retain(|(of, key), _| *of != table || *key <= last);
                }
                Change::Clear(table) => tables.retain(|(of, _), _| *of != table),
            }
        }
        if self.room.get().is_some_and(|room| tables.len() > room) {
            return Err(StoreError::Full);
        }
        *self.tables.borrow_mut() = tables;
        Ok(())
    }
}

impl Rows for Memory {
    fn all(&self, table: Table) -> Wait<Result<Sorted, StoreError>> {
        let tables = self.tables.borrow();
        let rows = tables.iter().filter(|((of, _), _)| *of == table);
        let rows = rows.map(|((_, key), bytes)| (key.clone(), bytes.clone())).collect();
        Box::pin(ready(Ok(rows)))
    }

    fn one(&self, table: Table, key: Key) -> Wait<Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(ready(Ok(self.tables.borrow().get(&(table, key)).cloned())))
    }

    fn change(&self, changes: Vec<Change>) -> Wait<Result<(), StoreError>> {
        Box::pin(ready(self.try_change(changes)))
    }
}
