use kaisatsu_shared::{
    id::{DeviceId, Serial},
    journal::{JournalBody, JournalHead},
    reason::ReasonCode,
    sync::EntryFate,
};

use super::harness::{Backend, Harness, cli};
use crate::store::{StoreError, types::*};

const SCAN: JournalBody = JournalBody::Refused { code: ReasonCode::ForeignCode, right: None };

pub(crate) async fn journals_are_taken_in_once_and_forks_are_kept<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let mut gate = h.device(event, 1).await;
    let upload =
        |gate: &super::harness::GateDevice, batch| h.store.upload(gate.actor(), gate.device, batch);
    let first = gate.write(&[gate.redeemed(right, 1), JournalBody::Shown { number: 1 }]);
    let copied = gate.head;
    let answer = upload(&gate, first.clone()).await.unwrap();
    assert_eq!(answer.acknowledged, 2);
    assert!(answer.entries.iter().all(|entry| entry.fate == EntryFate::Accepted));
    let answer = upload(&gate, first.clone()).await.unwrap();
    assert_eq!(answer.acknowledged, 2);
    assert!(answer.entries.iter().all(|entry| entry.fate == EntryFate::AlreadyKnown));
    assert_eq!(h.store.ticket(event, serial).await.unwrap().entered, 1);
    assert_eq!(h.store.device(gate.device).await.unwrap().journal, copied);

    // Refused without a trace: a gap, another's signature, changed bytes, too much, nothing.
    let skipped = gate.write(&[SCAN]);
    let second = gate.write(&[SCAN]);
    assert_eq!(upload(&gate, second.clone()).await, Err(StoreError::JournalGap(2)));
    let other = h.device(event, 2).await;
    assert_eq!(upload(&other, skipped.clone()).await, Err(StoreError::JournalSignature));
    let mut changed = skipped.clone();
    *changed.entries[0].last_mut().unwrap() ^= 1;
    assert_eq!(upload(&gate, changed).await.unwrap_err().code(), "journal_broken");
    let mut unchained = second.clone();
    unchained.entries.insert(0, first.entries[0].clone());
    assert_eq!(upload(&gate, unchained).await.unwrap_err().code(), "journal_broken");
    assert_eq!(upload(&gate, gate.sign(vec![])).await, Err(StoreError::BatchSize));
    let huge = gate.sign(vec![skipped.entries[0].clone(); 257]);
    assert_eq!(upload(&gate, huge).await, Err(StoreError::BatchSize));
    assert_eq!(h.store.quarantine(event).await.unwrap(), []);

    // A batch may repeat what is known and go on.
    let mut joined = skipped;
    joined.entries.extend(second.entries);
    joined.head = second.head;
    assert_eq!(upload(&gate, joined).await.unwrap().acknowledged, 4);

    // The disk was rolled back to entry 2 and the device went on from there.
    gate.head = copied;
    let forked = gate.write(&[JournalBody::Shown { number: 9 }, SCAN]);
    for _ in 0..2 {
        assert_eq!(upload(&gate, forked.clone()).await, Err(StoreError::JournalFork(3)));
    }
    let kept = h.store.quarantine(event).await.unwrap();
    assert_eq!(kept.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 4]);
    assert!(kept.iter().all(|row| row.reason == QuarantineReason::Fork));
    assert_eq!(kept.iter().map(|row| row.bytes.clone()).collect::<Vec<_>>(), forked.entries);
    let beyond = gate.write(&[SCAN]);
    assert_eq!(upload(&gate, beyond).await, Err(StoreError::JournalFork(5)));
    let stored = h.store.journal(gate.device, 0, 100).await.unwrap().rows;
    assert_eq!(stored.len(), 4);
    assert_eq!(h.store.journal(gate.device, 2, 1).await.unwrap().rows, [stored[2].clone()]);
    let entries = stored.iter().map(|row| row.bytes.as_slice());
    let (head, _) =
        JournalHead::default().follow(h.store.installation(), gate.device, entries).unwrap();
    assert_eq!(head.number, 4);
    let audit = h.store.audit(AuditQuery::default()).await.unwrap();
    assert_eq!(audit.iter().filter(|row| row.outcome == "journal_fork").count(), 3);
    assert!(h.store.journal(DeviceId(9), 0, 1).await.is_err());
}

pub(crate) async fn conflicts_name_both_sides<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let (mut north, mut south) = (h.device(event, 1).await, h.device(event, 2).await);
    let one = north.write(&[north.redeemed(right, 1)]);
    h.store.upload(north.actor(), north.device, one).await.unwrap();
    assert!(h.store.conflicts(event).await.unwrap().is_empty());
    let two = south.write(&[SCAN, south.redeemed(right, 2)]);
    let answer = h.store.upload(south.actor(), south.device, two).await.unwrap();
    assert_eq!(answer.entries[0].fate, EntryFate::Accepted);
    let EntryFate::Conflict { with } = &answer.entries[1].fate else { panic!("{answer:?}") };
    assert_eq!((with.len(), with[0].device, with[0].gate), (1, north.device, north.gate));
    let conflicts = h.store.conflicts(event).await.unwrap();
    let sides: Vec<_> = conflicts[0].redemptions.iter().map(|side| side.used.device).collect();
    assert_eq!((conflicts.len(), conflicts[0].allowed), (1, 1));
    assert_eq!(sides, [north.device, south.device]);
    let info = h.store.ticket(event, serial).await.unwrap();
    assert_eq!((info.status, info.entered), (TicketStatus::Conflict, 2));
    let stats = h.store.stats(event).await.unwrap();
    assert_eq!((stats.conflicts, stats.entered, stats.used), (1, 2, 1));
    let report = h.store.verify_ledger(event).await.unwrap();
    assert_eq!((report.conflicts, report.redemptions, report.tickets), (1, 2, 1));
    assert_eq!(report.entries, stats.head);
}

pub(crate) async fn entries_of_revoked_devices_are_set_apart<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let mut right = h.right(event, serial).await;
    let mut gate = h.device(event, 1).await;
    right.serial = Serial(50);
    let unfitting = gate.write(&[gate.redeemed(right, 1)]);
    let answer = h.store.upload(gate.actor(), gate.device, unfitting).await.unwrap();
    assert_eq!(answer.entries[0].fate, EntryFate::Quarantined);
    right.serial = serial;
    h.store.revoke_device(cli(), gate.device).await.unwrap();
    let batch = gate.write(&[gate.redeemed(right, 2), JournalBody::Shown { number: 2 }]);
    let answer = h.store.upload(gate.actor(), gate.device, batch).await.unwrap();
    assert_eq!(answer.acknowledged, 3);
    assert!(answer.entries.iter().all(|entry| entry.fate == EntryFate::Quarantined));
    let reasons: Vec<_> =
        h.store.quarantine(event).await.unwrap().iter().map(|row| row.reason).collect();
    let (unfitting, revoked) = (QuarantineReason::Unfitting, QuarantineReason::Revoked);
    assert_eq!(reasons, [unfitting, revoked, revoked]);
    assert_eq!(h.store.ticket(event, serial).await.unwrap().entered, 0);
}
