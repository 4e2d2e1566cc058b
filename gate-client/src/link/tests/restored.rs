//! The way to a restored server's new line, and servers that are put back on it.

use std::sync::{Arc, atomic::Ordering};

use kaisatsu_shared::{
    id::Epoch,
    ledger::{Cursor, SignedCursor},
    sync::FeedPage,
};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use super::super::{LinkEvent, follow::Follower};
use super::{
    EVENT, INSTALLATION, root,
    server::{Answer, linked},
};
use crate::engine::KeptLedger;

/// A page without entries, as a server of this epoch signs it.
fn page(epoch: u32) -> Answer {
    let at = Cursor { epoch: Epoch(epoch), ..Cursor::default() };
    let end = SignedCursor::sign(INSTALLATION, EVENT, at, &root());
    let page = FeedPage { entries: Vec::new(), end };
    Answer(200, "application/octet-stream", "\"-\"", page.encode())
}

/// What the gate is told on that way, by word; it changes over to whatever it is given.
async fn told(mut events: mpsc::Receiver<LinkEvent>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(Some(event)) = timeout(Duration::from_millis(300), events.recv()).await {
        match event {
            LinkEvent::KeptLedger(done) => {
                let (entries, ends) = (Vec::new(), Vec::new());
                let kept = KeptLedger { installation: INSTALLATION, entries, ends };
                done.send(Some(kept)).unwrap();
            }
            LinkEvent::Replaced { line, done } => {
                told.push("replaced".to_owned());
                done.send(line.end.cursor).unwrap();
            }
            LinkEvent::Notice(notice) => told.push(notice.code),
            LinkEvent::Session { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    told
}

#[tokio::test]
async fn a_server_that_is_put_back_again_meanwhile_was_rolled_back() {
    let rolled_back = (vec!["rolled_back"], None);
    let restored = (vec!["server_restored", "replaced"], Some(Epoch(2)));
    for (located, read, (expected, follows)) in
        [(1, 1, rolled_back.clone()), (2, 1, rolled_back), (2, 2, restored)]
    {
        let (server, link, events) = linked(page(read), 16).await;
        server.epoch.store(located, Ordering::Relaxed);
        let told = tokio::spawn(told(events));
        let from = Cursor { epoch: Epoch(1), ..Cursor::default() };
        let mut follower = Follower::new(Arc::clone(&link), from, false);
        let cursor = follower.offer_and_follow().await.unwrap();
        assert_eq!(cursor.map(|cursor| cursor.epoch), follows, "{located}, then {read}");
        assert_eq!(told.await.unwrap(), expected, "{located}, then {read}");
    }
}
