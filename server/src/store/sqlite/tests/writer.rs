//! The writer's thread: what waits for it, and what happens when it fails.

use kaisatsu_shared::id::EventId;

use super::*;
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
    session.append(event, LedgerBody::Issued { first, ticket_type, entries, fingerprints })
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
