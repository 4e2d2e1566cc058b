mod operators;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::future::join_all;
use kaisatsu_shared::{
    id::{Serial, TypeId},
    ledger::{LedgerBody, MAX_ISSUED, UnpaidTickets, VoidReason},
    sync::MAX_PAGE_BYTES,
    token::Fingerprint,
};
use rusqlite::Connection;

use super::*;
use crate::store::{
    conformance::{Backend, Harness, everywhere, suite},
    types::{Actor, FeedFrom, Holder, IssueChunk, JobId, NewTicket},
};

/// A database file in a directory of its own.
struct File {
    directory: tempfile::TempDir,
    master: MasterKey,
}

impl Default for File {
    fn default() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, master: MasterKey::from_bytes([7; 32]) }
    }
}

impl File {
    fn path(&self) -> PathBuf {
        self.directory.path().join("kaisatsu.db")
    }

    fn options(&self, world: World) -> Options {
        let fatal: Fatal = Arc::new(|error| panic!("{error}"));
        Options { path: self.path(), create: true, master: self.master.clone(), world, fatal }
    }

    /// Every file of the database: also the write-ahead log.
    fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Backend for File {
    fn open(&self, world: World) -> SharedStore {
        open(self.options(world)).unwrap()
    }

    fn copy(&self) -> Self {
        // The files as they lie there while the database is open: what a crash would leave.
        let copy = Self::default();
        for name in ["kaisatsu.db", "kaisatsu.db-wal"] {
            let from = self.directory.path().join(name);
            if from.exists() {
                std::fs::copy(from, copy.directory.path().join(name)).unwrap();
            }
        }
        copy
    }
}

suite!(File);

fn harness() -> Harness<File> {
    Harness::new(File::default())
}

fn code(options: Options) -> &'static str {
    open(options).unwrap_err().code()
}

#[tokio::test]
async fn a_group_of_claims_is_one_commit() {
    let h = harness();
    let event = h.event().await;
    let serial = h.issue(event, 3, 1).await;
    let right = h.right(event, serial).await;
    let gate = h.device(event, 1).await;
    let before = h.store.ready().await.unwrap();
    // Nothing is awaited in between, so that all wait together.
    let claims: Vec<_> = (0..200)
        .map(|key| {
            h.store.claim(gate.actor(), gate.device, gate.claim(right, key, &[]), everywhere())
        })
        .collect();
    assert!(join_all(claims).await.iter().all(Result::is_ok));
    let after = h.store.ready().await.unwrap();
    assert_eq!(after.commands - before.commands, 201);
    let commits = after.commits - before.commits;
    assert!(commits < 50, "{commits} commits");
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let file = File::default();
    let h = Harness::new(file);
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let h = h.beside(Arc::new(sqlite.clone()));
    let limit = |pages: u32| {
        sqlite.write(1, move |session| {
            session
                .connection
                .pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0))?;
            session.connection.pragma_update(None, "max_page_count", pages)?;
            Ok(())
        })
    };
    let event = h.event().await;
    let gate = h.device(event, 1).await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let before = h.followed(event).await;
    let rows = vec![NewTicket::default(); 1_024];
    let (ticket_type, job) = (TypeId(1), JobId([3; 32]));
    let chunk = IssueChunk { event, ticket_type, job, first_row: 0, rows };
    // The limit doesn't fall below the present size: nothing more can be added then.
    limit(1).await.unwrap();
    // A large and a small command wait together: the large one doesn't fail the small one.
    let full = h.store.issue(Actor::system(), chunk.clone());
    let small = h.store.claim(gate.actor(), gate.device, gate.claim(right, 1, &[]), everywhere());
    assert_eq!(full.await, Err(StoreError::StorageFull));
    assert!(small.await.is_ok());
    let claimed = h.followed(event).await;
    assert_eq!(claimed.cursor().sequence, before.cursor().sequence + 1);
    assert_eq!(h.store.stats(event).await.unwrap().issued, 1);
    limit(1_000_000).await.unwrap();
    assert_eq!(h.store.issue(Actor::system(), chunk).await.unwrap().first, Serial(1));
    h.store.verify_ledger(event).await.unwrap();
    h.store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn the_feed_comes_in_pages_of_bounded_size() {
    let h = Harness::new(File::default());
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let event = h.event().await;
    // Ledger entries alone: making so many tickets takes a test build too long.
    let chunks = u32::try_from(MAX_PAGE_BYTES / (MAX_ISSUED * 8)).unwrap() + 2;
    let issue = move |session: &mut Session| {
        for chunk in 0..chunks {
            let first = Serial(chunk * u32::try_from(MAX_ISSUED).unwrap());
            let fingerprints = vec![Fingerprint([1; 8]); MAX_ISSUED];
            let (ticket_type, entries) = (TypeId(1), 1);
            let body = LedgerBody::Issued {
                first,
                ticket_type,
                entries,
                fingerprints,
                unpaid: UnpaidTickets::NONE,
            };
            session.append(event, body)?;
        }
        Ok(())
    };
    sqlite.write(1, issue).await.unwrap();
    let page = h.store.feed(event, FeedFrom::default()).await.unwrap();
    assert!(page.entries.len() < usize::try_from(chunks).unwrap());
    assert!(page.entries.iter().map(Vec::len).sum::<usize>() < MAX_PAGE_BYTES + 16_384);
    assert_eq!(h.followed(event).await.cursor().sequence, u64::from(chunks));
}

#[tokio::test]
async fn nothing_secret_or_personal_lies_in_the_files() {
    let h = harness();
    let event = h.event().await;
    let holder = Holder {
        name: "Ichiro Secretname".to_owned(),
        kana: "イチロウ".to_owned(),
        email: "ichiro@example.jp".to_owned(),
        note: "wheelchair".to_owned(),
    };
    let rows = vec![NewTicket { holder: Some(holder), ..NewTicket::default() }];
    let (ticket_type, job) = (TypeId(1), JobId([3; 32]));
    let chunk = IssueChunk { event, ticket_type, job, first_row: 0, rows };
    h.store.issue(Actor::system(), chunk).await.unwrap();
    let secret = h.shown(event, Serial(0)).await.token.body.secret;
    let bytes = h.backend.bytes();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds("Festival".as_bytes()), "plain values are found this way");
    for part in ["Secretname", "イチロウ", "ichiro@example.jp", "wheelchair"] {
        assert!(!holds(part.as_bytes()), "{part}");
    }
    assert!(!holds(secret.as_bytes()), "the ticket's secret");
    assert!(!holds(&[7; 32]), "the master key");
}

#[tokio::test]
async fn unusable_databases_are_named() {
    let h = harness();
    let options = h.backend.options(h.world());
    let wrong = Options { master: MasterKey::from_bytes([8; 32]), ..options.clone() };
    assert_eq!(code(wrong), "master_key_wrong");

    let at = |name: &str| h.backend.directory.path().join(name);
    let missing = Options { path: at("none.db"), create: false, ..options.clone() };
    assert_eq!(code(missing.clone()), "database_missing");
    assert!(!missing.path.exists());
    let nowhere = Options { path: at("no/such/directory.db"), ..options.clone() };
    assert_eq!(code(nowhere), "database_unusable");

    let text = Options { path: at("text.db"), ..options.clone() };
    std::fs::write(&text.path, "no database, but long enough to look at ".repeat(200)).unwrap();
    assert_eq!(code(text), "database_corrupt");
    let foreign = Options { path: at("foreign.db"), ..options.clone() };
    Connection::open(&foreign.path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(code(foreign), "database_corrupt");
    let newer = Options { path: at("newer.db"), ..options.clone() };
    drop(open(newer.clone()).unwrap());
    let connection = Connection::open(&newer.path).unwrap();
    connection.pragma_update(None, "user_version", 1_000).unwrap();
    assert_eq!(code(newer), "database_newer");
}

#[tokio::test]
async fn a_database_that_another_program_holds_is_named() {
    let h = harness();
    let event = h.event().await;
    let other = Connection::open(h.backend.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = h.store.add_gate(
        Actor::system(),
        crate::store::types::AddGate { event, name: Default::default() },
    );
    assert_eq!(refused.await, Err(StoreError::DatabaseLocked));
    // Reading goes on beside it.
    assert!(h.store.event(event).await.is_ok());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(h.store.stats(event).await.is_ok());
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let h = harness();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&h.backend.path()), 0o600);
    assert_eq!(mode(&h.backend.directory.path().join("kaisatsu.db-wal")), 0o600);
}

#[tokio::test]
async fn a_changed_ledger_or_trail_is_found() {
    let h = harness();
    let event = h.event().await;
    h.issue(event, 1, 2).await;
    h.issue(event, 1, 2).await;
    let other = Connection::open(h.backend.path()).unwrap();
    other.execute("UPDATE audit SET outcome = 'forged' WHERE sequence = 3", []).unwrap();
    assert_eq!(h.store.verify_audit().await, Err(StoreError::AuditBroken(3)));
    other.execute("UPDATE ledger SET bytes = zeroblob(9) WHERE sequence = 1", []).unwrap();
    assert_eq!(h.store.verify_ledger(event).await.unwrap_err().code(), "ledger_broken");
    other.execute("DELETE FROM ledger WHERE sequence = 1", []).unwrap();
    assert_eq!(h.store.verify_ledger(event).await.unwrap_err().code(), "ledger_broken");
    // A program that has the broken ledger to fold refuses to go on with it.
    let copy = h.backend.copy();
    let fresh = copy.open(h.world());
    let voided = fresh.void(Actor::system(), event, Serial(0), VoidReason::Lost).await;
    assert_eq!(voided.unwrap_err().code(), "ledger_broken");
    assert_eq!(fresh.stats(event).await.unwrap_err().code(), "ledger_broken");
}
