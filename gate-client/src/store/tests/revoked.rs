//! A revoked device's data goes step by step; whatever stops in between, the next start goes on.

use kaisatsu_shared::{
    bundle::{Revocation, SignedBundle},
    id::{EventId, GateId},
    journal::JournalHead,
    key::Signature64,
    right::RightRef,
    time::UnixMillis,
    token::Fingerprint,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{
    DEVICE, INSTALLATION, enrolment, intent, journal,
    sqlite::{directory, open},
};
use crate::{
    engine::{Intent, Record},
    store::{Directory, Notes as _, Sqlite, Store as _, StoreError, Wiped, load},
    time::Floor,
};

/// What stands for a ticket's fingerprint in the ledger, and for something in the journal.
const FINGERPRINT: [u8; 8] = *b"F!ngrpt7";

pub(super) fn revocation() -> Revocation {
    let (installation, device) = (INSTALLATION, DEVICE);
    Revocation { installation, event: EventId(1), device, revoked_at: UnixMillis(77) }
}

pub(super) fn wiped() -> Wiped {
    Wiped {
        installation: INSTALLATION,
        event: EventId(1),
        gate: GateId(2),
        device: DEVICE,
        revoked_at: UnixMillis(77),
        delivered: 3,
        delivered_at: UnixMillis(99),
    }
}

/// A device that has all that a device has.
async fn lived(directory: &Directory) -> Sqlite {
    directory.key_or_new(Zeroizing::new([6; 32])).unwrap();
    let mut store = open(directory);
    store.enrol(&enrolment()).await.unwrap();
    let (_, mut records) = journal(JournalHead::default(), 3);
    let bundle =
        SignedBundle { document: "{\"pin\":\"S3CRET\"}".into(), signature: Signature64([1; 64]) };
    records.push(Record::Bundle(bundle));
    records.push(Record::Intent(Intent {
        right: RightRef { fingerprint: Fingerprint(FINGERPRINT), ..intent(1).right },
        ..intent(1)
    }));
    for sequence in 1..=200 {
        let bytes = FINGERPRINT.repeat(100);
        records.push(Record::Ledger { sequence, bytes });
    }
    records.push(Record::Acknowledged(2));
    store.apply(&records).await.unwrap();
    store.keep_pin_failures(3).await.unwrap();
    store
}

/// Whether any file of the directory holds these bytes.
fn holds(directory: &Directory, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().path());
    let mut files = files.map(|path| std::fs::read(path).unwrap());
    files.any(|file| file.windows(bytes.len()).any(|part| part == bytes))
}

/// The directory as a power cut leaves it at this moment.
fn cut(directory: &Directory) -> (TempDir, Directory) {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let directory = Directory::new(copy.path());
    (copy, directory)
}

#[tokio::test]
async fn what_it_knew_goes_and_what_it_wrote_stays() {
    let (_temporary, directory) = directory();
    let mut store = lived(&directory).await;
    assert!(holds(&directory, &FINGERPRINT) && holds(&directory, b"S3CRET"));
    let (_before, untouched) = cut(&directory);
    store.revoke(&revocation()).await.unwrap();

    // Stopped before it: as if it had never begun. Stopped right after it: the next start cleans the file.
    let before = open(&untouched);
    assert_eq!(
        (before.revocation().await.unwrap(), before.ledger().await.unwrap().len()),
        (None, 200)
    );
    for (_copy, directory) in [cut(&directory), cut(&directory)] {
        let mut store = open(&directory);
        assert_eq!(store.revocation().await.unwrap(), Some(revocation()));
        assert!(store.scrub().await.unwrap() && store.scrub().await.unwrap());
        assert!(!holds(&directory, &FINGERPRINT) && !holds(&directory, b"S3CRET"));
        assert_eq!(
            (store.ledger().await.unwrap().len(), store.journal().await.unwrap().len()),
            (0, 3)
        );
        assert_eq!(
            (store.acknowledged().await.unwrap(), store.pin_failures().await.unwrap()),
            (2, 0)
        );
        let loaded =
            load(&store, &store.enrolment().await.unwrap().unwrap(), DEVICE).await.unwrap();
        assert_eq!((loaded.restored.outbox.len(), loaded.restored.intents.len()), (1, 0));
        assert!(loaded.restored.bundle.is_none() && loaded.bundle_refused.is_none());
        assert!(directory.key().is_ok());
    }

    // While somebody reads, the file can't be cleaned; then it can.
    let reader = Sqlite::open_read_only(&directory).unwrap();
    reader.connection().execute_batch("BEGIN").unwrap();
    assert_eq!(reader.journal().await.unwrap().len(), 3);
    store.connection().busy_timeout(core::time::Duration::ZERO).unwrap();
    assert!(!store.scrub().await.unwrap());
    reader.connection().execute_batch("COMMIT").unwrap();
    assert!(store.scrub().await.unwrap());
    assert!(!holds(&directory, &FINGERPRINT));
    let free = |query| store.connection().query_row(query, [], |row| row.get::<_, i64>(0));
    assert_eq!(free("PRAGMA freelist_count").unwrap(), 0, "the file is written anew");
}

#[tokio::test]
async fn journal_and_key_go_at_the_end_and_the_next_start_goes_on() {
    let (_temporary, directory) = directory();
    let mut store = lived(&directory).await;
    store.revoke(&revocation()).await.unwrap();
    store.scrub().await.unwrap();
    let entry = store.journal().await.unwrap().remove(0);
    let tail = entry[entry.len() - 24..].to_vec();
    assert!(holds(&directory, &tail) && holds(&directory, &[6; 32]));
    let (_before, untouched) = cut(&directory);
    store.wipe(&wiped()).await.unwrap();
    assert_eq!(
        open(&untouched).journal().await.unwrap().len(),
        3,
        "stopped before it: nothing is lost"
    );
    assert!(directory.key().is_ok(), "the key goes after the journal");

    // Stopped right after it, or after the key: the next start finishes.
    for stop in 0..2 {
        let (_copy, directory) = cut(&directory);
        if stop == 1 {
            directory.erase_key().unwrap();
        }
        let mut store = open(&directory);
        assert_eq!(store.wiped().await.unwrap(), Some(wiped()));
        assert!(store.finish_wipe().await.unwrap() && store.finish_wipe().await.unwrap());
        assert!(!holds(&directory, &tail) && !holds(&directory, &[6; 32]), "stopped at {stop}");
        assert_eq!(
            (store.enrolment().await.unwrap(), store.journal().await.unwrap().len()),
            (None, 0)
        );
        assert!(matches!(directory.key(), Err(StoreError::Key { .. })));
        // Nothing more is noted of it, and another device may be enrolled there.
        store.keep_floor(Floor::default()).await.unwrap();
        store.keep_pin_failures(1).await.unwrap();
        assert_eq!(store.pin_failures().await.unwrap(), 0);
        let key = directory.key_or_new(Zeroizing::new([8; 32])).unwrap();
        assert_ne!(key.public(), kaisatsu_shared::key::DeviceKey::from_seed([6; 32]).public());
        store.enrol(&enrolment()).await.unwrap();
        assert_eq!(store.wiped().await.unwrap(), None);
        store.keep_pin_failures(1).await.unwrap();
        assert_eq!(store.pin_failures().await.unwrap(), 1);
    }
}
