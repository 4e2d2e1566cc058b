use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::DeviceKey,
    reason::ReasonCode,
    sync::{HeardHead, HeardHeads},
};

use super::harness::{Backend, GateDevice, Harness, cli};
use crate::store::{StoreError, types::*};

const SCAN: JournalBody = JournalBody::Refused { code: ReasonCode::ForeignCode, right: None };

fn signed(gate: &GateDevice, head: JournalHead) -> SignedJournalHead {
    SignedJournalHead::sign(gate.installation, gate.device, head, &gate.key)
}

async fn missing<B: Backend>(h: &Harness<B>, device: DeviceId) -> Option<(u64, u64)> {
    let missing = h.store.device(device).await.unwrap().undelivered;
    missing.map(|missing| (missing.first, missing.last))
}

async fn audited<B: Backend>(h: &Harness<B>, action: &str) -> usize {
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    rows.iter().filter(|row| row.action == action).count()
}

async fn forks<B: Backend>(h: &Harness<B>, event: EventId) -> Vec<(u64, u8)> {
    let rows = h.store.quarantine(event).await.unwrap();
    let forks = rows.iter().filter(|row| row.reason == QuarantineReason::Fork);
    forks.map(|row| (row.number, row.bytes[0])).collect()
}

pub(crate) async fn what_nobody_delivered_is_named<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (mut gate, hub) = (h.device(event, 1).await, h.device(event, 2).await);
    let note = |head| h.store.note_head(gate.actor(), gate.device, head);
    note(signed(&gate, JournalHead::default())).await.unwrap();
    assert_eq!(missing(h, gate.device).await, None);
    // One that isn't the device's own is refused.
    let mut forged = signed(&gate, JournalHead { number: 3, hash: [3; 32] });
    forged.signature = signed(&hub, forged.head).signature;
    assert_eq!(note(forged).await, Err(StoreError::JournalSignature));
    let huge = signed(&gate, JournalHead { number: u64::MAX, hash: [3; 32] });
    assert_eq!(note(huge).await, Err(StoreError::JournalSignature), "no journal gets there");
    assert_eq!(missing(h, gate.device).await, None);

    let first = gate.write(&[SCAN; 3]);
    let second = gate.write(&[SCAN; 2]);
    let note = |head| h.store.note_head(gate.actor(), gate.device, head);
    note(first.head.clone()).await.unwrap();
    let since = h.store.device(gate.device).await.unwrap().undelivered.unwrap();
    assert_eq!((since.first, since.last, since.through), (1, 3, gate.device));
    h.pass(60_000);
    note(second.head.clone()).await.unwrap();
    note(first.head.clone()).await.unwrap();
    let known = h.store.device(gate.device).await.unwrap().undelivered.unwrap();
    assert_eq!((known.first, known.last, known.since), (1, 5, since.since));
    assert_eq!(known.heard_at, since.since.plus(60_000));
    let stats = h.store.stats(event).await.unwrap();
    assert_eq!((stats.undelivered, stats.lost), (5, 0));
    // It is durable, and kept by no other program's memory.
    let again = h.beside(h.backend.open(h.world()));
    assert_eq!(missing(&again, gate.device).await, Some((1, 5)));

    // Written off, it stays named: lost. What comes after all is taken in, and ends the naming.
    let lost = h.store.write_off_device(cli(), gate.device, WriteOffReason::Stolen).await.unwrap();
    assert_eq!(lost.write_off_reason, Some(WriteOffReason::Stolen));
    let stats = h.store.stats(event).await.unwrap();
    assert_eq!((stats.undelivered, stats.lost), (0, 5));
    h.store.upload(gate.actor(), gate.device, first).await.unwrap();
    assert_eq!(missing(h, gate.device).await, Some((4, 5)));
    h.store.upload(gate.actor(), gate.device, second.clone()).await.unwrap();
    assert_eq!(missing(h, gate.device).await, None);
    let info = h.store.device(gate.device).await.unwrap();
    assert_eq!((info.journal, info.write_off_reason), (gate.head, Some(WriteOffReason::Stolen)));
    h.store.note_head(gate.actor(), gate.device, second.head).await.unwrap();
    assert_eq!((missing(h, gate.device).await, forks(h, event).await), (None, vec![]));

    // A batch that can't be taken in, because entries before it are missing, tells what is missing.
    let skipped = gate.write(&[SCAN; 4]);
    let late = gate.write(&[SCAN; 2]);
    let refused = h.store.upload(hub.actor(), gate.device, late).await;
    assert_eq!(refused, Err(StoreError::JournalGap(5)));
    let known = h.store.device(gate.device).await.unwrap().undelivered.unwrap();
    assert_eq!((known.first, known.last, known.through), (6, 11, hub.device));
    h.store.upload(gate.actor(), gate.device, skipped).await.unwrap();
    assert_eq!(missing(h, gate.device).await, Some((10, 11)));
    assert_eq!(audited(h, "journal.head").await, 0, "it goes along with other requests");
}

pub(crate) async fn an_end_that_differs_is_a_fork<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let mut gate = h.device(event, 1).await;
    let delivered = gate.write(&[SCAN; 3]);
    h.store.upload(gate.actor(), gate.device, delivered).await.unwrap();
    let copied = gate.head;

    // Another entry 3 than the one that was delivered: known by its end, then by itself.
    let one = SCAN;
    let entry = |number, previous, body| JournalEntry {
        device: gate.device,
        gate: gate.gate,
        operator: kaisatsu_shared::id::OperatorId(0),
        epoch: kaisatsu_shared::id::Epoch(1),
        number,
        previous,
        at: kaisatsu_shared::time::TimeInterval::exact(h.store.now()),
        body,
    };
    let stored = h.store.journal(gate.device, 0, 9).await.unwrap().rows;
    let second = JournalEntry::head_of(gate.installation, 2, &stored[1].bytes);
    let other = entry(3, second.hash, JournalBody::SignedIn).encode();
    let other_head = JournalEntry::head_of(gate.installation, 3, &other);
    for _ in 0..2 {
        let head = signed(&gate, other_head);
        h.store.note_head(gate.actor(), gate.device, head).await.unwrap();
    }
    assert_eq!(forks(h, event).await, [(3, 0xff)]);
    assert_eq!(audited(h, "journal.head").await, 1, "once");
    assert_eq!(missing(h, gate.device).await, None);
    let batch = kaisatsu_shared::sync::JournalBatch {
        entries: vec![other.clone()],
        head: signed(&gate, other_head),
    };
    let refused = h.store.upload(gate.actor(), gate.device, batch).await;
    assert_eq!(refused, Err(StoreError::JournalFork(3)));
    let rows = h.store.quarantine(event).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.bytes.clone()).collect::<Vec<_>>(), [other]);

    // Two ends of one number, of which neither was delivered; then the journal goes on as the first says.
    let next = gate.write(&[one, JournalBody::SignedOut]);
    let note = |head| h.store.note_head(gate.actor(), gate.device, head);
    note(next.head.clone()).await.unwrap();
    note(signed(&gate, JournalHead { number: 5, hash: [5; 32] })).await.unwrap();
    assert_eq!(forks(h, event).await, [(3, 1), (5, 0xff)]);
    assert_eq!(missing(h, gate.device).await, Some((4, 5)));
    h.store.upload(gate.actor(), gate.device, next).await.unwrap();
    assert_eq!(missing(h, gate.device).await, None);
    assert_eq!(forks(h, event).await.len(), 2);

    // An end that was known is passed by another journal: it is kept as the fork's proof.
    let end = gate.head;
    let ghost = JournalHead { number: 6, hash: [6; 32] };
    h.store.note_head(gate.actor(), gate.device, signed(&gate, ghost)).await.unwrap();
    assert_eq!(missing(h, gate.device).await, Some((6, 6)));
    let further = gate.write(&[one, one]);
    h.store.upload(gate.actor(), gate.device, further).await.unwrap();
    assert_eq!(missing(h, gate.device).await, None);
    assert_eq!(forks(h, event).await, [(3, 1), (5, 0xff), (6, 0xff)]);
    assert!(copied.number < end.number);
}

pub(crate) async fn ends_are_passed_on_by_other_devices<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (backup, third) = (h.backend.copy(), h.backend.copy());
    let (mut gate, hub) = (h.device(event, 1).await, h.device(event, 2).await);
    gate.write(&[SCAN; 7]);
    let heard = |gate: &GateDevice, head| HeardHead {
        credential: gate.answer.credential.clone(),
        head: signed(gate, head),
    };
    let pass = |store: &crate::store::SharedStore, heads| {
        store.note_heads(hub.actor(), hub.device, HeardHeads { heads })
    };
    let good = heard(&gate, gate.head);
    // Another's signature, or another's credential: nothing of the message is kept.
    let mut forged = good.clone();
    forged.head.head.number = 9;
    let refused = pass(&h.store, vec![good.clone(), forged]).await;
    assert_eq!(refused, Err(StoreError::JournalSignature));
    let mut mixed = good.clone();
    mixed.credential = hub.answer.credential.clone();
    assert_eq!(pass(&h.store, vec![mixed]).await, Err(StoreError::CredentialForeign));
    let many = vec![good.clone(); kaisatsu_shared::sync::MAX_HEADS + 1];
    assert_eq!(pass(&h.store, many).await.unwrap_err().code(), "invalid_request");
    assert_eq!(missing(h, gate.device).await, None);

    for (news, rows) in [(1, 1), (0, 1)] {
        assert_eq!(pass(&h.store, vec![good.clone()]).await.unwrap().news, news);
        assert_eq!(audited(h, "journal.heads").await, rows);
    }
    let known = h.store.device(gate.device).await.unwrap().undelivered.unwrap();
    assert_eq!((known.first, known.last, known.through), (1, 7, hub.device));

    // A server that forgot both learns of them so.
    let restored = backup.open(h.world());
    restored.open_session(hub.actor(), hub.answer.credential.clone()).await.unwrap();
    assert_eq!(pass(&restored, vec![good.clone()]).await.unwrap().news, 1);
    let found = restored.device(gate.device).await.unwrap();
    assert_eq!((found.state, found.undelivered.map(|it| it.last)), (DeviceState::Found, Some(7)));
    // Of a number that another device has by now it tells nothing.
    let other = h.beside(third.open(h.world()));
    let taken = other.device(event, 1).await;
    assert_eq!(taken.device, gate.device);
    other.store.open_session(hub.actor(), hub.answer.credential.clone()).await.unwrap();
    assert_eq!(pass(&other.store, vec![good]).await.unwrap().news, 0);
    assert_eq!(missing(&other, gate.device).await, None);
    let stranger = DeviceKey::from_seed([8; 32]);
    let unsigned =
        SignedJournalHead::sign(h.store.installation(), DeviceId(99), gate.head, &stranger);
    let unknown = h.store.note_head(gate.actor(), DeviceId(99), unsigned).await;
    assert_eq!(unknown, Err(StoreError::DeviceUnknown(DeviceId(99))));
}
