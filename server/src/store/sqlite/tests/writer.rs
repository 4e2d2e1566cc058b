//! The writer's thread: what waits for it, and what happens when it fails.

use kaisatsu_shared::id::EventId;
use tokio::sync::mpsc;

use super::{super::session::Step, *};
use crate::store::Store;

#[tokio::test]
async fn numbers_do_not_wait_for_the_writer() {
    let h = harness();
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let event = h.event().await;
    h.issue(event, 1, 5).await;
    assert_eq!(sqlite.stats(event).await.unwrap().issued, 5);
    let (go_on, held) = std::sync::mpsc::channel::<()>();
    let busy = sqlite.write(1, move |_| {
        held.recv().unwrap();
        Ok(())
    });
    // The writer is busy: what was committed is counted all the same.
    assert_eq!(sqlite.stats(event).await.unwrap().issued, 5);
    assert_eq!(sqlite.conflicts(event).await, Ok(Vec::new()));
    go_on.send(()).unwrap();
    busy.await.unwrap();
    h.issue(event, 1, 2).await;
    assert_eq!(sqlite.stats(event).await.unwrap().issued, 7);
}

/// Adds a ticket to the ledger.
fn append(session: &mut Session, event: EventId) -> Result<u64, StoreError> {
    let first = Serial(session.state(event)?.roster().len());
    let (ticket_type, entries) = (TypeId(1), 1);
    let fingerprints = vec![Fingerprint([1; 8])];
    session.append(
        event,
        LedgerBody::Issued {
            first,
            ticket_type,
            entries,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        },
    )
}

#[tokio::test]
async fn what_was_committed_does_not_happen_again() {
    let h = harness();
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let event = h.event().await;
    let runs = Arc::new(AtomicU32::new(0));
    // Both wait behind this one, so that they are one group.
    let (go_on, held) = std::sync::mpsc::channel::<()>();
    let first = sqlite.write(1, move |_| {
        held.recv().unwrap();
        Ok(())
    });
    let seen = Arc::clone(&runs);
    let second = sqlite.write(1, move |session| {
        seen.fetch_add(1, Ordering::SeqCst);
        append(session, event)
    });
    let third = sqlite.write(1, |session| {
        // The watchers can't be told after the commit: memory knows no head, the database no ledger.
        session.forget_touched();
        Ok(session.connection.execute_batch("ALTER TABLE ledger RENAME TO elsewhere")?)
    });
    go_on.send(()).unwrap();
    first.await.unwrap();
    assert_eq!(second.await, Ok(1));
    assert_eq!(third.await, Ok(()));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

/// A store, and the codes of the errors that it ends with.
fn ending(h: &Harness<File>) -> (SqliteStore, mpsc::UnboundedReceiver<&'static str>) {
    let (tell, codes) = mpsc::unbounded_channel();
    let fatal: Fatal = Arc::new(move |error| tell.send(error.code()).unwrap());
    let options = Options { fatal, ..h.backend.options(h.world()) };
    (SqliteStore::open(options).unwrap(), codes)
}

/// Waits until the store takes nothing more.
async fn closed(sqlite: &SqliteStore) {
    for _ in 0..1_000 {
        if let Err(error) = sqlite.write(1, |_| Ok(())).await {
            assert_eq!(error, StoreError::Closed);
            return;
        }
    }
    panic!("it goes on");
}

#[tokio::test]
async fn a_failed_commit_ends_the_store() {
    let h = harness();
    let event = h.event().await;
    let (sqlite, mut codes) = ending(&h);
    assert!(sqlite.write(1, |_| Ok(())).await.is_ok());
    let failed = sqlite.write(1, move |session| {
        session.failing = Some(Step::Commit);
        append(session, event)
    });
    assert_eq!(failed.await.unwrap_err().code(), "storage_failed");
    closed(&sqlite).await;
    assert_eq!(codes.recv().await, Some("storage_failed"));
    assert_eq!(codes.recv().await, None, "it ended once");
    assert_eq!(h.store.stats(event).await.unwrap().issued, 0);
}

#[tokio::test]
async fn a_failed_checkpoint_ends_the_store() {
    let h = harness();
    let event = h.event().await;
    let (sqlite, mut codes) = ending(&h);
    let done = sqlite.write(1, move |session| {
        (session.failing, session.unmoved) = (Some(Step::Checkpoint), 4_000);
        append(session, event)
    });
    // It was durable in the log before.
    assert_eq!(done.await, Ok(1));
    closed(&sqlite).await;
    assert_eq!(codes.recv().await, Some("storage_failed"));
    assert_eq!(codes.recv().await, None, "it ended once");
}

#[tokio::test]
async fn a_panic_of_the_writer_ends_the_store() {
    let h = harness();
    let (sqlite, mut codes) = ending(&h);
    let lost = sqlite.write::<(), _>(1, |_| panic!("a mistake")).await;
    assert_eq!(lost, Err(StoreError::Closed));
    closed(&sqlite).await;
    assert_eq!(codes.recv().await, Some("writer_panicked"));
    assert_eq!(codes.recv().await, None, "it ended once");
}

#[tokio::test]
async fn the_log_is_moved_into_the_database_when_it_is_long() {
    let h = harness();
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let event = h.event().await;
    let database = || std::fs::read(h.backend.path()).unwrap();
    let holds = |bytes: &[u8]| bytes.windows(8).any(|window| window == b"Festival");
    assert!(!holds(&database()), "it is only in the log");
    sqlite.write(1, |_| Ok(())).await.unwrap();
    let left = sqlite.write(1, |session| Ok(session.unmoved)).await.unwrap();
    assert!((1..100).contains(&left), "{left}");
    sqlite
        .write(1, move |session| {
            session.unmoved = 4_000;
            append(session, event)
        })
        .await
        .unwrap();
    assert_eq!(sqlite.write(1, |session| Ok(session.unmoved)).await, Ok(0));
    assert!(holds(&database()));
}
