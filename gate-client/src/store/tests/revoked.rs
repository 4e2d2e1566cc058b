//! A revoked device's data goes step by step; whatever stops in between, the next start goes on.

use kaisatsu_shared::{bundle::Revocation, time::UnixMillis};

use super::*;
use crate::store::Wiped;

/// What stands for a ticket's fingerprint in the ledger, and for something in the journal.
const FINGERPRINT: [u8; 8] = *b"F!ngrpt7";

fn revocation() -> Revocation {
    let (installation, device) = (INSTALLATION, DEVICE);
    Revocation { installation, event: EventId(1), device, revoked_at: UnixMillis(77) }
}

fn wiped() -> Wiped {
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
fn lived(directory: &Directory) -> Store {
    directory.key_or_new(Zeroizing::new([6; 32])).unwrap();
    let mut store = open(directory);
    store.enrol(&enrolment()).unwrap();
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
    store.apply(&records).unwrap();
    store.keep_pin_failures(3).unwrap();
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

#[test]
fn what_it_knew_goes_and_what_it_wrote_stays() {
    let (_temporary, directory) = directory();
    let mut store = lived(&directory);
    assert!(holds(&directory, &FINGERPRINT) && holds(&directory, b"S3CRET"));
    let (_before, untouched) = cut(&directory);
    store.revoke(&revocation()).unwrap();

    // Stopped before it: as if it had never begun. Stopped right after it: the next start cleans the file.
    let before = open(&untouched);
    assert_eq!((before.revocation().unwrap(), before.ledger().unwrap().len()), (None, 200));
    for (_copy, directory) in [cut(&directory), cut(&directory)] {
        let mut store = open(&directory);
        assert_eq!(store.revocation().unwrap(), Some(revocation()));
        assert!(store.scrub().unwrap() && store.scrub().unwrap());
        assert!(!holds(&directory, &FINGERPRINT) && !holds(&directory, b"S3CRET"));
        assert_eq!((store.ledger().unwrap().len(), store.journal().unwrap().len()), (0, 3));
        assert_eq!((store.acknowledged().unwrap(), store.pin_failures().unwrap()), (2, 0));
        let loaded = store.load(&store.enrolment().unwrap().unwrap(), DEVICE).unwrap();
        assert_eq!((loaded.restored.outbox.len(), loaded.restored.intents.len()), (1, 0));
        assert!(loaded.restored.bundle.is_none() && loaded.bundle_refused.is_none());
        assert!(directory.key().is_ok());
    }

    // While somebody reads, the file can't be cleaned; then it can.
    let reader = Store::open_read_only(&directory).unwrap();
    reader.connection().execute_batch("BEGIN").unwrap();
    assert_eq!(reader.journal().unwrap().len(), 3);
    store.connection().busy_timeout(core::time::Duration::ZERO).unwrap();
    assert!(!store.scrub().unwrap());
    reader.connection().execute_batch("COMMIT").unwrap();
    assert!(store.scrub().unwrap());
    assert!(!holds(&directory, &FINGERPRINT));
    let free = |query| store.connection().query_row(query, [], |row| row.get::<_, i64>(0));
    assert_eq!(free("PRAGMA freelist_count").unwrap(), 0, "the file is written anew");
}

#[test]
fn journal_and_key_go_at_the_end_and_the_next_start_goes_on() {
    let (_temporary, directory) = directory();
    let mut store = lived(&directory);
    store.revoke(&revocation()).unwrap();
    store.scrub().unwrap();
    let entry = store.journal().unwrap().remove(0);
    let tail = entry[entry.len() - 24..].to_vec();
    assert!(holds(&directory, &tail) && holds(&directory, &[6; 32]));
    let (_before, untouched) = cut(&directory);
    store.wipe(&wiped()).unwrap();
    assert_eq!(open(&untouched).journal().unwrap().len(), 3, "stopped before it: nothing is lost");
    assert!(directory.key().is_ok(), "the key goes after the journal");

    // Stopped right after it, or after the key: the next start finishes.
    for stop in 0..2 {
        let (_copy, directory) = cut(&directory);
        if stop == 1 {
            directory.erase_key().unwrap();
        }
        let mut store = open(&directory);
        assert_eq!(store.wiped().unwrap(), Some(wiped()));
        assert!(store.finish_wipe().unwrap() && store.finish_wipe().unwrap());
        assert!(!holds(&directory, &tail) && !holds(&directory, &[6; 32]), "stopped at {stop}");
        assert_eq!((store.enrolment().unwrap(), store.journal().unwrap().len()), (None, 0));
        assert!(matches!(directory.key(), Err(StoreError::Key { .. })));
        // Nothing more is noted of it, and another device may be enrolled there.
        store.keep_floor(Floor::default()).unwrap();
        store.keep_pin_failures(1).unwrap();
        assert_eq!(store.pin_failures().unwrap(), 0);
        let key = directory.key_or_new(Zeroizing::new([8; 32])).unwrap();
        assert_ne!(key.public(), kaisatsu_shared::key::DeviceKey::from_seed([6; 32]).public());
        store.enrol(&enrolment()).unwrap();
        assert_eq!(store.wiped().unwrap(), None);
        store.keep_pin_failures(1).unwrap();
        assert_eq!(store.pin_failures().unwrap(), 1);
    }
}
