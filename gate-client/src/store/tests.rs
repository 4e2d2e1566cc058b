//! The store over its own life: closed without a word, full, damaged, held by another.

use kaisatsu_shared::{
    bundle::{Credential, SignedBundle, SignedCredential},
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, OperatorId,
        OrganisationId, Serial,
    },
    journal::{JournalBody, JournalEntry, JournalHead},
    key::{RootKey, Signature64},
    reason::ReasonCode,
    right::{RightRef, UseKind},
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Directory, Enrolment, Store, StoreError};
use crate::{
    engine::{Intent, Record},
    time::Floor,
};

const INSTALLATION: InstallationId = InstallationId([3; 16]);
const DEVICE: DeviceId = DeviceId(4);

fn directory() -> (TempDir, Directory) {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Directory::new(&temporary.path().join("gate"));
    directory.create().unwrap();
    (temporary, directory)
}

fn open(directory: &Directory) -> Store {
    Store::open(directory, directory.lock().unwrap()).unwrap()
}

fn enrolment() -> Enrolment {
    let root = RootKey::from_seed([5; 32]);
    let credential = Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EventId(1),
        gate: GateId(2),
        device: DEVICE,
        public: kaisatsu_shared::key::DeviceKey::from_seed([6; 32]).public(),
        enrolled_at: UnixMillis(0),
    };
    Enrolment {
        server: "http://127.0.0.1:1".into(),
        installation: INSTALLATION,
        root: root.public(),
        credential: SignedCredential::sign(&credential, &root).unwrap(),
    }
}

fn journal(from: JournalHead, count: u64) -> (JournalHead, Vec<Record>) {
    let mut head = from;
    let mut records = Vec::new();
    for _ in 0..count {
        let entry = JournalEntry {
            device: DEVICE,
            gate: GateId(2),
            operator: OperatorId(0),
            epoch: Epoch(0),
            number: head.number + 1,
            previous: head.hash,
            at: TimeInterval::exact(UnixMillis(1)),
            body: JournalBody::Refused { code: ReasonCode::ForeignCode, right: None },
        };
        let bytes = entry.encode();
        head = JournalEntry::head_of(INSTALLATION, entry.number, &bytes);
        records.push(Record::Journal { number: entry.number, bytes });
    }
    (head, records)
}

fn intent(n: u8) -> Intent {
    let right = RightRef {
        event: EventId(1),
        serial: Serial(u32::MAX),
        generation: Generation(255),
        fingerprint: Fingerprint([n; 8]),
    };
    Intent { key: ClaimKey([n; 16]), right, kind: UseKind::Entry, count: 1 }
}

#[test]
fn what_was_applied_is_there_after_a_start_without_a_close() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    store.enrol(&enrolment()).unwrap();
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
    store.apply(&records).unwrap();
    // As a crash leaves it: nothing is closed or checkpointed, a new process finds the files.
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let copied = Directory::new(copy.path());
    let store = open(&copied);
    assert_eq!(store.enrolment().unwrap(), Some(enrolment()));
    let loaded = store.load(&enrolment(), DEVICE).unwrap();
    assert_eq!(loaded.restored.head, head);
    assert_eq!(loaded.restored.journal.len(), 3);
    assert_eq!((loaded.restored.acknowledged, loaded.restored.outbox.len()), (2, 1));
    assert_eq!(loaded.restored.intents, [intent(2)]);
    assert_eq!(loaded.ledger, [vec![1], vec![2, 2]]);
    assert!(loaded.bundle_refused.is_some(), "that bundle wasn't signed by the root key");
}

#[test]
fn a_store_effect_is_written_whole_or_not_at_all() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let (head, records) = journal(JournalHead::default(), 1);
    store.apply(&records).unwrap();
    // The last record contradicts what is there.
    let (_, mut records) = journal(head, 2);
    records.push(Record::Journal { number: 1, bytes: vec![0] });
    assert!(store.apply(&records).is_err());
    assert_eq!(store.journal().unwrap().len(), 1);
}

#[test]
fn a_full_disk_writes_nothing_and_heals_when_there_is_space() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let pages: i64 =
        store.connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |store: &Store, pages: i64| {
        let query = format!("PRAGMA max_page_count = {pages}");
        store.connection().query_row(&query, [], |_| Ok(())).unwrap();
    };
    limit(&store, pages + 2);
    let (head, records) = journal(JournalHead::default(), 10);
    store.apply(&records).unwrap();
    let (_, mut records) = journal(head, 200);
    records.push(Record::Intent(intent(1)));
    for _ in 0..3 {
        assert!(matches!(store.apply(&records), Err(StoreError::Full)));
        assert_eq!(store.journal().unwrap().len(), 10);
    }
    limit(&store, pages + 1_000);
    store.apply(&records).unwrap();
    drop(store);
    let loaded = open(&directory).load(&enrolment(), DEVICE).unwrap();
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

#[test]
fn a_directory_serves_one_process() {
    let (_temporary, directory) = directory();
    assert!(!directory.is_in_use());
    let store = open(&directory);
    assert!(directory.is_in_use());
    assert!(matches!(directory.lock(), Err(StoreError::InUse(_))));
    // Reading beside it works.
    let reader = Store::open_read_only(&directory).unwrap();
    assert_eq!(reader.journal().unwrap().len(), 0);
    drop(store);
    assert!(directory.lock().is_ok());
}

#[test]
fn a_reader_sees_what_the_writer_has_written() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let (_, records) = journal(JournalHead::default(), 5);
    store.apply(&records).unwrap();
    let mut reader = Store::open_read_only(&directory).unwrap();
    assert_eq!(reader.journal().unwrap().len(), 5);
    assert!(matches!(reader.apply(&[Record::Acknowledged(1)]), Err(StoreError::ReadOnly)));
}

#[test]
fn damage_is_named_and_not_repaired_by_guessing() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    let (_, records) = journal(JournalHead::default(), 3);
    store.apply(&records).unwrap();
    store.connection().execute("DELETE FROM journal WHERE number = 2", []).unwrap();
    let error = store.load(&enrolment(), DEVICE).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    drop(store);
    std::fs::write(directory.database(), vec![0x55; 8192]).unwrap();
    let error = Store::open(&directory, directory.lock().unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    assert_eq!(error.code(), "data_corrupt");
}

#[test]
fn an_acknowledgement_past_the_journal_means_that_its_end_is_lost() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    store.apply(&[Record::Acknowledged(1)]).unwrap();
    assert!(matches!(store.load(&enrolment(), DEVICE), Err(StoreError::Corrupt(_))));
}

#[test]
fn a_newer_format_is_refused() {
    let (_temporary, directory) = directory();
    let store = open(&directory);
    store.connection().pragma_update(None, "user_version", 3).unwrap();
    drop(store);
    let opened = Store::open(&directory, directory.lock().unwrap());
    assert!(matches!(opened, Err(StoreError::Newer(3))));
    assert!(matches!(Store::open_read_only(&directory), Err(StoreError::Newer(3))));
}

#[test]
fn a_store_of_the_first_format_is_read_and_goes_on() {
    let (_temporary, directory) = directory();
    let store = open(&directory);
    let first = "DROP TABLE page_ends; PRAGMA user_version = 1;";
    store.connection().execute_batch(first).unwrap();
    drop(store);
    assert!(Store::open_read_only(&directory).unwrap().ledger().unwrap().is_empty());
    let store = open(&directory);
    assert_eq!(store.page_ends(EventId(1), 0).unwrap(), []);
}

#[test]
fn nothing_there_means_not_enrolled() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Directory::new(&temporary.path().join("none"));
    assert!(matches!(directory.lock(), Err(StoreError::NotEnrolled(_))));
    assert!(matches!(Store::open_read_only(&directory), Err(StoreError::NotEnrolled(_))));
}

#[test]
fn a_revocation_outlives_a_restart() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    assert_eq!(store.refused().unwrap(), None);
    store.note("refused", "device_revoked").unwrap();
    drop(store);
    assert_eq!(open(&directory).refused().unwrap().as_deref(), Some("device_revoked"));
}

#[test]
fn rules_that_cannot_be_used_are_known_after_a_restart_until_others_come() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    store.refuse_rules("rules_newer").unwrap();
    drop(store);
    let mut store = open(&directory);
    assert_eq!(store.rules_refused().unwrap().as_deref(), Some("rules_newer"));
    assert_eq!(store.refused().unwrap(), None);
    store.accept_rules().unwrap();
    drop(store);
    assert_eq!(open(&directory).rules_refused().unwrap(), None);
}

#[test]
fn the_floor_of_the_time_outlives_a_restart() {
    let (_temporary, directory) = directory();
    let mut store = open(&directory);
    assert_eq!(store.floor().unwrap(), Floor::default());
    let floor = Floor { at: UnixMillis(1_790_000_000_000), version: 2, held: None };
    store.keep_floor(floor).unwrap();
    drop(store);
    assert_eq!(open(&directory).floor().unwrap(), floor);
    assert_eq!(Store::open_read_only(&directory).unwrap().floor().unwrap(), floor);
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

mod revoked;
