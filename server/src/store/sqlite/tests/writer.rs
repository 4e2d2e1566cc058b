//! The writer's thread: what waits for it, and what happens when it fails.

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
