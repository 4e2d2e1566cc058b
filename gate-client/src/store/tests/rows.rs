//! The store of a gate in a page: full, damaged, and where its key is.

use kaisatsu_shared::journal::JournalHead;
use zeroize::Zeroizing;

use super::{DEVICE, enrolment, intent, journal, revoked::wiped};
use crate::{
    engine::Record,
    store::{
        Store as _, StoreError, load,
        rows::{RowStore, Table, memory::Memory},
    },
};

fn open(memory: &Memory) -> RowStore {
    RowStore::new(std::rc::Rc::new(memory.clone()))
}

#[tokio::test]
async fn full_storage_takes_nothing_and_heals_when_there_is_room() {
    let memory = Memory::default();
    let mut store = open(&memory);
    memory.room.set(Some(10));
    let (head, records) = journal(JournalHead::default(), 10);
    store.apply(&records).await.unwrap();
    let (_, mut records) = journal(head, 5);
    records.push(Record::Intent(intent(1)));
    assert!(matches!(store.apply(&records).await, Err(StoreError::Full)));
    assert_eq!(store.journal().await.unwrap().len(), 10);
    memory.room.set(None);
    store.apply(&records).await.unwrap();
    assert_eq!(load(&store, &enrolment(), DEVICE).await.unwrap().restored.journal.len(), 15);
}

#[tokio::test]
async fn damage_is_named_and_not_repaired_by_guessing() {
    let memory = Memory::default();
    let mut store = open(&memory);
    let (_, records) = journal(JournalHead::default(), 3);
    store.apply(&records).await.unwrap();
    let second = memory.tables().keys().nth(1).unwrap().clone();
    memory.tables().remove(&second);
    let loaded = load(&store, &enrolment(), DEVICE).await;
    assert!(matches!(loaded, Err(StoreError::Corrupt(_))));
    memory.tables().clear();
    memory.tables().insert((Table::Intents, "zz".to_owned()), b"{}".to_vec());
    let loaded = load(&store, &enrolment(), DEVICE).await;
    assert!(matches!(loaded, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn the_key_is_made_once_and_goes_at_the_end_of_a_wipe() {
    let memory = Memory::default();
    let mut store = open(&memory);
    assert!(matches!(store.key().await, Err(StoreError::Corrupt(_))));
    let made = store.key_or_new(Zeroizing::new([1; 32])).await.unwrap().public();
    assert_eq!(store.key_or_new(Zeroizing::new([2; 32])).await.unwrap().public(), made);
    store.wipe(&wiped()).await.unwrap();
    assert_eq!(open(&memory).key().await.unwrap().public(), made, "after the journal");
    store.finish_wipe().await.unwrap();
    assert!(store.key().await.is_err());
}
