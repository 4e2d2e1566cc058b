use std::time::Duration;

use kaisatsu_shared::{
    id::{Epoch, EventId},
    ledger::{LedgerEntry, ReissueReason, VoidReason},
};

use super::harness::{Backend, Harness, cli, everywhere, refusal};
use crate::store::{StoreError, types::*};

pub(crate) async fn the_feed_adds_up_to_the_same_state<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    assert!(h.followed(event).await.roster().is_empty());
    let empty = h.store.feed(event, FeedFrom::default()).await.unwrap();
    assert_eq!((empty.end.cursor.epoch, empty.end.cursor.sequence), (Epoch(1), 0));
    h.issue(event, 1, 50).await;
    let gate = h.device(event, 1).await;
    let right = h.right(event, kaisatsu_shared::id::Serial(5)).await;
    h.claim(&gate, right, 1, &[]).await;
    h.store.void(cli(), event, kaisatsu_shared::id::Serial(6), VoidReason::Abuse).await.unwrap();
    let state = h.followed(event).await;
    let stats = h.store.stats(event).await.unwrap();
    assert_eq!(state.cursor().sequence, stats.head);
    assert_eq!((state.roster().len(), state.rights().count()), (stats.issued, 2));
    let report = h.store.verify_ledger(event).await.unwrap();
    assert_eq!((report.head, report.entries), (state.cursor(), stats.head));
    let rows = h.store.ledger(event, stats.head - 1, 10).await.unwrap().rows;
    assert_eq!(LedgerEntry::decode(&rows[0].bytes).unwrap().body.name(), "voided");
    assert_eq!(rows.len(), 1);

    let cursor = state.cursor();
    let from = FeedFrom { epoch: cursor.epoch, after: cursor.sequence, hash: Some(cursor.hash) };
    for unknown in [
        FeedFrom { epoch: Epoch(2), ..from },
        FeedFrom { after: from.after + 1, ..from },
        FeedFrom { hash: Some([0; 32]), ..from },
    ] {
        assert_eq!(h.store.feed(event, unknown).await, Err(StoreError::CursorUnknown));
    }
    assert!(h.store.feed(event, FeedFrom { hash: None, ..from }).await.is_ok());
    let unknown = h.store.feed(EventId(9), FeedFrom::default()).await;
    assert_eq!(unknown, Err(StoreError::EventUnknown(EventId(9))));
}

pub(crate) async fn watchers_hear_of_every_commit<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let other = h.event().await;
    let mut watcher = h.store.subscribe(event);
    let mut elsewhere = h.store.subscribe(other);
    let wait = Duration::from_secs(5);
    h.issue(event, 1, 1).await;
    let head = tokio::time::timeout(wait, watcher.wait_for(|head| *head == 1)).await;
    assert_eq!(*head.unwrap().unwrap(), 1);
    h.issue(event, 1, 1).await;
    let head = tokio::time::timeout(wait, watcher.wait_for(|head| *head == 2)).await;
    assert_eq!(*head.unwrap().unwrap(), 2);
    assert_eq!(*elsewhere.borrow_and_update(), 0);
    let mut late = h.store.subscribe(event);
    assert_eq!(*late.borrow_and_update(), 2);
}

pub(crate) async fn operations_leave_their_audit_row<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let gate = h.device(event, 1).await;
    h.claim(&gate, right, 1, &[]).await;
    assert!(refusal(h.claim(&gate, right, 2, &[]).await).is_some());
    h.store.void(cli(), event, serial, VoidReason::Lost).await.unwrap();
    let refused = h.store.reissue(cli(), event, serial, ReissueReason::Other).await;
    assert!(refused.is_err());
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    let said: Vec<_> = rows
        .iter()
        .rev()
        .map(|row| (row.actor.kind, row.action.as_str(), row.object.as_str(), row.outcome.as_str()))
        .collect();
    let (cli, device, stranger) = (ActorKind::Cli, ActorKind::Device, ActorKind::Stranger);
    assert_eq!(
        said,
        [
            (cli, "event.create", "event/1", "ok"),
            (cli, "type.add", "event/1/type/1", "ok"),
            (cli, "type.add", "event/1/type/2", "ok"),
            (cli, "type.add", "event/1/type/3", "ok"),
            (cli, "ticket.issue", "event/1/tickets/0-0", "ok"),
            (cli, "ticket.show", "event/1/ticket/0", "ok"),
            (cli, "device.announce", "event/1/device/1", "ok"),
            (stranger, "device.enrol", "event/1/device/1", "ok"),
            (device, "ticket.claim", "event/1/ticket/0", "granted"),
            (device, "ticket.claim", "event/1/ticket/0", "being_admitted"),
            (cli, "ticket.void", "event/1/ticket/0", "ok"),
            (cli, "ticket.reissue", "event/1/ticket/0", "ticket_voided"),
        ]
    );
    let row = rows.first().unwrap();
    assert_eq!((row.sequence, row.organisation.0), (12, 1));
    assert_eq!(row.actor.address.as_deref(), Some("127.0.0.1"));
    assert_eq!(row.actor.request_id.as_deref(), Some("r1"));
    assert_eq!(h.store.verify_audit().await, Ok(12));
    let query = AuditQuery {
        before: Some(12),
        object: Some("event/1/ticket".to_owned()),
        limit: Some(2),
        ..AuditQuery::default()
    };
    let rows = h.store.audit(query).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.sequence).collect::<Vec<_>>(), [11, 10]);
    let query = AuditQuery { object: Some("event/1".to_owned()), ..AuditQuery::default() };
    let rows = h.store.audit(query).await.unwrap();
    assert_eq!(rows.last().unwrap().action, "event.create");
}

pub(crate) async fn a_reopened_store_goes_on<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 2).await;
    let right = h.right(event, serial).await;
    let mut gate = h.device(event, 1).await;
    let granted = h.claim(&gate, right, 1, &[]).await;
    let batch = gate.write(&[gate.redeemed(right, 1)]);
    h.store.upload(gate.actor(), gate.device, batch.clone()).await.unwrap();
    let before = h.followed(event).await;
    let bundle = h.store.bundle(event).await.unwrap();
    // A crash image: the database as it is on disk while the store is still open.
    for database in [h.backend.copy().open(h.world()), h.backend.open(h.world())] {
        let again = h.beside(database);
        assert_eq!(again.store.installation(), h.store.installation());
        assert_eq!(again.store.root_public(), h.store.root_public());
        assert_eq!(again.followed(event).await, before);
        assert_eq!(again.store.bundle(event).await.unwrap(), bundle);
        let claim = gate.claim(right, 1, &[]);
        let answer =
            again.store.claim(gate.actor(), gate.device, claim, everywhere()).await.unwrap();
        assert!(refusal(answer).is_none() && answer != granted, "confirmed since: {answer:?}");
        let answer = again.store.upload(gate.actor(), gate.device, batch.clone()).await.unwrap();
        assert_eq!(answer.acknowledged, 1);
        assert!(again.store.verify_audit().await.is_ok());
        assert!(again.issue(event, 1, 1).await.0 >= 2);
    }
    h.store.close().await.unwrap();
    h.store.close().await.unwrap();
    assert_eq!(h.store.stats(event).await, Err(StoreError::Closed));
    assert_eq!(h.store.ready().await, Err(StoreError::Closed));
}

pub(crate) async fn two_programs_see_each_other<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let gate = h.device(event, 1).await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let mut watcher = h.store.subscribe(event);
    let cli_side = h.beside(h.backend.open(h.world()));
    let wait = Duration::from_secs(5);
    tokio::time::timeout(wait, watcher.wait_for(|head| *head == 1)).await.unwrap().unwrap();
    // The command line voids and issues beside the server.
    cli_side.store.void(cli(), event, serial, VoidReason::Abuse).await.unwrap();
    assert_eq!(cli_side.issue(event, 1, 3).await.0, 1);
    let heard = tokio::time::timeout(wait, watcher.wait_for(|head| *head == 3)).await;
    assert_eq!(*heard.unwrap().unwrap(), 3);
    assert!(refusal(h.claim(&gate, right, 1, &[]).await).is_some());
    assert_eq!(h.issue(event, 1, 1).await.0, 4);
    // Both write the same ledger and audit trail by turns.
    for _ in 0..5 {
        h.issue(event, 1, 1).await;
        cli_side.issue(event, 1, 1).await;
    }
    let report = h.store.verify_ledger(event).await.unwrap();
    assert_eq!(report.tickets, 15);
    assert_eq!(cli_side.followed(event).await, h.followed(event).await);
    h.store.verify_audit().await.unwrap();
    // A device revoked there is revoked here.
    cli_side.store.revoke_device(cli(), gate.device).await.unwrap();
    let claim =
        h.store.claim(gate.actor(), gate.device, gate.claim(right, 2, &[]), everywhere()).await;
    assert_eq!(claim, Err(StoreError::DeviceRevoked(gate.device)));
}
