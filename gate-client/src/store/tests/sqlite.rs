//! The store in SQLite: closed without a word, full, damaged, held by another.

use kaisatsu_shared::{bundle::SignedBundle, id::EventId, journal::JournalHead, key::Signature64};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{DEVICE, enrolment, intent, journal};
use crate::{
    engine::Record,
    store::{Directory, Sqlite, Store as _, StoreError, load},
};

pub(super) fn directory() -> (TempDir, Directory) {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Directory::new(&temporary.path().join("gate"));
    directory.create().unwrap();
    (temporary, directory)
}

pub(super) fn open(directory: &Directory) -> Sqlite {
    Sqlite::open(directory, directory.lock().unwrap()).unwrap()
}

#[tokio::test]
async fn what_was_applied_is_there_after_a_start_without_a_close() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    store.enrol(&enrolment()).await.unwrap();
    let (head, mut records) = journal(JournalHead::default(), 3);
    let bundle = SignedBundle { document: "{}".into(), signature: Signature64([1; 64]) };
    records.extend([
        Record::Intent(intent(1)),
        Record::Intent(intent(2)),
        Record::IntentDone(intent(1).key),
        Record::Ledger { sequence: 1, bytes: vec![1] },
        Record::Ledger { sequence: 2, bytes: vec![2, 2] },
        Record::Bundle(bundle),
        Record::Acknowledged(1),
        Record::Acknowledged(2),
    ]);
    store.apply(&records).await.unwrap();
    // As a crash leaves it: nothing is closed or checkpointed, a new process finds the files.
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let copied = Directory::new(copy.path());
    let store = open(&copied);
    assert_eq!(store.enrolment().await.unwrap(), Some(enrolment()));
    let loaded = load(&store, &enrolment(), DEVICE).await.unwrap();
    assert_eq!(loaded.restored.head, head);
    assert_eq!(loaded.restored.journal.len(), 3);
    assert_eq!((loaded.restored.acknowledged, loaded.restored.outbox.len()), (2, 1));
    assert_eq!(loaded.restored.intents, [intent(2)]);
    assert_eq!(loaded.ledger, [vec![1], vec![2, 2]]);
    assert!(loaded.bundle_refused.is_some(), "that bundle wasn't signed by the root key");
}

#[tokio::test]
async fn a_full_disk_writes_nothing_and_heals_when_there_is_space() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let pages: i64 =
        store.connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |store: &Sqlite, pages: i64| {
        let query = format!("PRAGMA max_page_count = {pages}");
        store.connection().query_row(&query, [], |_| Ok(())).unwrap();
    };
    limit(&store, pages + 2);
    let (head, records) = journal(JournalHead::default(), 10);
    store.apply(&records).await.unwrap();
    let (_, mut records) = journal(head, 200);
    records.push(Record::Intent(intent(1)));
    for _ in 0..3 {
        assert!(matches!(store.apply(&records).await, Err(StoreError::Full)));
        assert_eq!(store.journal().await.unwrap().len(), 10);
    }
    limit(&store, pages + 1_000);
    store.apply(&records).await.unwrap();
    drop(store);
    let loaded = load(&open(&directory), &enrolment(), DEVICE).await.unwrap();
    assert_eq!((loaded.restored.journal.len(), loaded.restored.intents.len()), (210, 1));
}

#[test]
fn only_a_full_disk_is_said_to_be_full() {
    let (ja, en) = StoreError::Full.for_staff();
    assert!(ja.contains("空き容量") && en.contains("goes on by itself"));
    // Where no gate runs, nothing goes on by itself.
    assert!(!StoreError::Full.to_string().contains("goes on"));
    for other in [StoreError::Locked, StoreError::ReadOnly, StoreError::Corrupt(String::new())] {
        let (ja, en) = other.for_staff();
        assert!(!ja.contains("空き容量") && en == other.to_string(), "{other}");
    }
}

#[tokio::test]
async fn a_directory_serves_one_process() {
    let (_temporary, directory) = directory();
    assert!(!directory.is_in_use());
    let store = open(&directory);
    assert!(directory.is_in_use());
    assert!(matches!(directory.lock(), Err(StoreError::InUse(_))));
    // Reading beside it works.
    let reader = Sqlite::open_read_only(&directory).unwrap();
    assert_eq!(reader.journal().await.unwrap().len(), 0);
    drop(store);
    assert!(directory.lock().is_ok());
}

#[tokio::test]
async fn a_reader_sees_what_the_writer_has_written() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let (_, records) = journal(JournalHead::default(), 5);
    store.apply(&records).await.unwrap();
    let mut reader = Sqlite::open_read_only(&directory).unwrap();
    assert_eq!(reader.journal().await.unwrap().len(), 5);
    assert!(matches!(reader.apply(&[Record::Acknowledged(1)]).await, Err(StoreError::ReadOnly)));
}

#[tokio::test]
async fn damage_is_named_and_not_repaired_by_guessing() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let (_, records) = journal(JournalHead::default(), 3);
    store.apply(&records).await.unwrap();
    store.connection().execute("DELETE FROM journal WHERE number = 2", []).unwrap();
    let error = load(&store, &enrolment(), DEVICE).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    drop(store);
    std::fs::write(directory.database(), vec![0x55; 8192]).unwrap();
    let error = Sqlite::open(&directory, directory.lock().unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    assert_eq!(error.code(), "data_corrupt");
}

#[test]
fn a_newer_format_is_refused() {
    let (_temporary, directory) = directory();
    let store = open(&directory);
    store.connection().pragma_update(None, "user_version", 3).unwrap();
    drop(store);
    let opened = Sqlite::open(&directory, directory.lock().unwrap());
    assert!(matches!(opened, Err(StoreError::Newer(3))));
    assert!(matches!(Sqlite::open_read_only(&directory), Err(StoreError::Newer(3))));
}

#[tokio::test]
async fn a_store_of_the_first_format_is_read_and_goes_on() {
    let (_temporary, directory) = directory();
    let store = open(&directory);
    let first = "DROP TABLE page_ends; PRAGMA user_version = 1;";
    store.connection().execute_batch(first).unwrap();
    drop(store);
    assert!(Sqlite::open_read_only(&directory).unwrap().ledger().await.unwrap().is_empty());
    let store = open(&directory);
    assert_eq!(store.page_ends(EventId(1), 0).await.unwrap(), []);
}

#[test]
fn nothing_there_means_not_enrolled() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Directory::new(&temporary.path().join("none"));
    assert!(matches!(directory.lock(), Err(StoreError::NotEnrolled(_))));
    assert!(matches!(Sqlite::open_read_only(&directory), Err(StoreError::NotEnrolled(_))));
}

#[test]
fn the_device_key_is_made_once_and_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_temporary, directory) = directory();
    assert!(matches!(directory.key(), Err(StoreError::Key { .. })));
    let made = directory.key_or_new(Zeroizing::new([1; 32])).unwrap().public();
    assert_eq!(directory.key_or_new(Zeroizing::new([2; 32])).unwrap().public(), made);
    assert_eq!(directory.key().unwrap().public(), made);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.path().join("device.key")), 0o600);
    assert_eq!(mode(directory.path().to_owned()), 0o700);
    std::fs::write(directory.path().join("device.key"), [0; 31]).unwrap();
    assert!(matches!(directory.key(), Err(StoreError::Key { .. })));
}
