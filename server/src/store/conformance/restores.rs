use kaisatsu_shared::{
    id::{Epoch, EventId, LeaseId, Serial},
    journal::{JournalBody, SignedJournalHead},
    key::RootKey,
    lease::{Recipient, Serials},
    ledger::{Cursor, ReissueReason, SignedCursor, VoidReason},
    right::Authority,
    sync::{ClaimRefusal, EntryFate, FeedPage, Locate, Offered},
};

use super::{
    harness::{Backend, GateDevice, Harness, cli, everywhere, key, refusal},
    leases::strict,
};
use crate::store::{StoreError, types::*};

/// The backend as it is after a restore was begun.
pub(super) async fn restored<B: Backend>(h: &Harness<B>, backup: &B, epoch: u32) -> Harness<B> {
    let begun = backup.open(h.world()).begin_restore(cli()).await.unwrap();
    assert_eq!(begun.epoch, Epoch(epoch));
    let again = h.beside(backup.open(h.world()));
    assert_eq!(again.store.epoch(), Epoch(epoch));
    again
}

/// What a gate has of the ledger after `after`.
pub(super) async fn page<B: Backend>(h: &Harness<B>, event: EventId, after: Cursor) -> FeedPage {
    let from = FeedFrom { epoch: after.epoch, after: after.sequence, hash: Some(after.hash) };
    h.store.feed(event, from).await.unwrap()
}

pub(super) fn says_all(gate: &GateDevice, cursor: Cursor) -> Offered {
    let head = SignedJournalHead::sign(gate.installation, gate.device, gate.head, &gate.key);
    Offered { head, cursor }
}

async fn asks<B: Backend>(
    h: &Harness<B>,
    gate: &GateDevice,
    event: EventId,
    serial: Serial,
    claim: u8,
) -> Option<ClaimRefusal> {
    // The gate reads the code; the restored server may not know the ticket.
    let right = h.right(event, serial).await;
    let claim = gate.claim(right, claim, &[]);
    refusal(h.store.claim(gate.actor(), gate.device, claim, everywhere()).await.unwrap())
}

pub(crate) async fn a_restored_server_gets_back_what_it_lost<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (mut north, mut south) = (h.device(event, 1).await, h.device(event, 2).await);
    strict(h, event).await;
    h.issue(event, 1, 3).await;
    h.store.lease(cli(), event, vec![north.device].into()).await.unwrap();
    h.issue(event, 3, 1).await;
    let known = h.issue(event, 1, 1).await;
    let cut = h.followed(event).await.cursor();
    let backup = h.backend.copy();

    // Lost: tickets, a lease, a use under it, a mark, a device.
    let lost = h.issue(event, 1, 2).await;
    h.store.lease(cli(), event, vec![south.device].into()).await.unwrap();
    let right = h.right(event, lost).await;
    let body = south.redeemed(right, 7);
    let batch = south.write(&[body]);
    h.store.upload(south.actor(), south.device, batch.clone()).await.unwrap();
    h.store.void(cli(), event, Serial(1), VoidReason::Refunded).await.unwrap();
    let west = h.device(event, 1).await;
    let tail = page(h, event, cut).await;
    let before = h.followed(event).await;

    let new = restored(h, &backup, 2).await;
    let info = new.store.restore(event).await.unwrap();
    let standing =
        |info: &RestoreInfo| info.devices.iter().map(|it| it.standing).collect::<Vec<_>>();
    assert!(info.open && !info.confirmed && info.rolled_back.is_none());
    assert_eq!(standing(&info), [Offering::Awaited; 2]);
    // What is the server's own to decide it doesn't decide; nothing is promised twice.
    assert_eq!(asks(&new, &north, event, known, 1).await, Some(ClaimRefusal::ServerRestored));
    let unknown = north.claim(right, 2, &[]);
    let answer = new.store.claim(north.actor(), north.device, unknown, everywhere()).await;
    assert_eq!(refusal(answer.unwrap()), Some(ClaimRefusal::ServerRestored));
    assert_eq!(asks(&new, &north, event, Serial(3), 3).await, None, "an available one");
    let chunk = IssueChunk {
        event,
        ticket_type: kaisatsu_shared::id::TypeId(3),
        job: JobId([9; 32]),
        first_row: 0,
        rows: vec![NewTicket::default()],
    };
    let restoring = StoreError::Restoring(event);
    assert_eq!(new.store.issue(cli(), chunk.clone()).await, Err(restoring.clone()));
    let reissued = new.store.reissue(cli(), event, known, ReissueReason::Lost).await;
    assert_eq!(reissued, Err(restoring.clone()));
    assert_eq!(new.store.lease(cli(), event, vec![].into()).await, Err(restoring));

    // The gate asks where the ledgers part, and offers what follows.
    let ended = tail.end.cursor;
    let from = FeedFrom { epoch: ended.epoch, after: ended.sequence, hash: Some(ended.hash) };
    assert_eq!(new.store.feed(event, from).await, Err(StoreError::CursorUnknown));
    let positions = vec![ended, cut];
    let asked = Locate { positions, newest: Some(tail.end.clone()) };
    let located = new.store.locate(south.actor(), south.device, asked).await.unwrap();
    assert_eq!((located.epoch, located.common), (Epoch(2), cut));
    let mut changed = tail.clone();
    changed.entries.pop();
    let offer =
        |after: Cursor, page: FeedPage| new.store.offer(south.actor(), south.device, after, page);
    assert_eq!(offer(cut, changed).await.unwrap_err().code(), "offer_broken");
    let answer = offer(cut, tail.clone()).await.unwrap();
    assert_eq!(answer.unfit, 0);
    let after = new.followed(event).await;
    assert_eq!(after.roster().len(), before.roster().len());
    assert_eq!(after.right(lost).unwrap().redemptions.len(), 1);
    assert_eq!(after.right(Serial(1)).unwrap().voided, Some(VoidReason::Refunded));
    for serial in (0..after.roster().len()).map(Serial) {
        let holder = |state: &kaisatsu_shared::ledger::EventState| {
            state.leases().holder(serial).map(|lease| (lease.id, lease.device))
        };
        assert_eq!(holder(&after), holder(&before), "{serial}");
    }
    let head = new.store.stats(event).await.unwrap().head;
    let again = offer(cut, tail.clone()).await.unwrap();
    assert_eq!((again.restated, again.unfit), (0, 0), "nothing twice");
    assert_eq!(new.store.stats(event).await.unwrap().head, head);

    // Its journal comes too: the use is known.
    let early = new.store.offered(south.actor(), south.device, says_all(&south, cut)).await;
    assert_eq!(early, Err(StoreError::OfferIncomplete(0)));
    let answer = new.store.upload(south.actor(), south.device, batch).await.unwrap();
    assert_eq!(answer.entries.first().map(|it| it.fate.clone()), Some(EntryFate::AlreadyKnown));
    let now = new.followed(event).await.cursor();
    let aside = new.store.offered(south.actor(), south.device, says_all(&south, ended)).await;
    assert_eq!(aside, Err(StoreError::CursorUnknown), "it still follows what was lost");
    new.store.offered(south.actor(), south.device, says_all(&south, now)).await.unwrap();
    let found = new.store.open_session(west.actor(), west.answer.credential.clone()).await.unwrap();
    assert_eq!(found.device, west.device);
    new.store.offered(north.actor(), north.device, says_all(&north, now)).await.unwrap();

    // A device that was forgotten is awaited, also after the list is confirmed.
    let request = ConfirmRestore { issued_up_to: Some(Serial(9)) };
    let info = new.store.confirm_restore(cli(), event, request).await.unwrap();
    assert!(info.open && info.confirmed);
    assert_eq!(standing(&info), [Offering::Offered, Offering::Offered, Offering::Awaited]);
    let lost_device =
        new.store.write_off_device(cli(), west.device, WriteOffReason::Lost).await.unwrap();
    assert!(lost_device.written_off_at.is_some());
    let info = new.store.restore(event).await.unwrap();
    assert!(!info.open);
    assert_eq!((info.lost_serials, info.recovered.len()), (3, 1));
    assert_eq!(standing(&info).last(), Some(&Offering::WrittenOff));
    new.store.offered(west.actor(), west.device, says_all(&west, now)).await.unwrap();
    let info = new.store.restore(event).await.unwrap();
    assert_eq!(standing(&info).last(), Some(&Offering::Offered), "it came after all");

    // The numbers that may have been given are never given again, and strict tickets are decided.
    assert_eq!(new.store.issue(cli(), chunk).await.unwrap().first, Serial(10));
    let fresh = new.issue(event, 1, 1).await;
    assert_eq!(asks(&new, &north, event, fresh, 5).await, None);
    let next = new.device(event, 1).await;
    assert!(next.device.0 > 1_000, "numbers of devices that may have been given are passed over");
    let _ = north.write(&[]);
    let report = new.store.verify_ledger(event).await.unwrap();
    assert_eq!(report.head.epoch, Epoch(2));
    new.store.verify_audit().await.unwrap();
}

pub(crate) async fn journals_may_come_before_what_they_are_about<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let mut north = h.device(event, 1).await;
    let cut = h.followed(event).await.cursor();
    let backup = h.backend.copy();
    let lost = h.issue(event, 1, 1).await;
    let right = h.right(event, lost).await;
    let claimed = north.claim(right, 1, &[]);
    h.store.claim(north.actor(), north.device, claimed, everywhere()).await.unwrap();
    let tail = page(h, event, cut).await;
    let body = north.redeemed(right, 1);
    let batch = north.write(&[body, north.redeemed(right, 2)]);

    let new = restored(h, &backup, 2).await;
    let answer = new.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert!(answer.entries.iter().all(|it| it.fate == EntryFate::Quarantined), "{answer:?}");
    new.store.offer(north.actor(), north.device, cut, tail).await.unwrap();
    assert_eq!(new.store.quarantine(event).await.unwrap(), []);
    let state = new.followed(event).await;
    let right = state.right(lost).unwrap();
    assert_eq!(right.redemptions.len(), 2);
    assert_eq!(right.redemptions.first().unwrap().used.authority, Authority::Alone);
    assert!(right.grants.is_empty() && state.claim(&key(1)).is_some());
    assert_eq!(new.store.conflicts(event).await.unwrap().len(), 1, "and doubles are found");
}

pub(crate) async fn a_transfer_may_come_before_its_lease<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let mut north = h.device(event, 1).await;
    strict(h, event).await;
    h.issue(event, 1, 2).await;
    let announced = AnnounceDevice {
        event,
        gate: north.gate,
        name: "spare".to_owned(),
        role: DeviceRole::Staffed,
        code_lasts: None,
    };
    h.store.announce_device(cli(), announced).await.unwrap();
    let cut = h.followed(event).await.cursor();
    let backup = h.backend.copy();
    h.store.lease(cli(), event, vec![north.device].into()).await.unwrap();
    let tail = page(h, event, cut).await;
    let (lease, to) = (LeaseId(1), Recipient::Server);
    let serials = Serials::one(Serial(0));
    let batch = north.write(&[JournalBody::Transferred { lease, serials, to }]);

    // The journal says that ticket 0 was given back under a lease that isn't known yet.
    let new = restored(h, &backup, 2).await;
    let answer = new.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert_eq!(answer.entries.first().map(|it| it.fate.clone()), Some(EntryFate::Quarantined));
    new.store.offer(north.actor(), north.device, cut, tail).await.unwrap();
    assert_eq!(new.store.quarantine(event).await.unwrap(), []);
    let state = new.followed(event).await;
    assert!(state.leases().holder(Serial(0)).is_none(), "it is the server's again");
    assert!(state.leases().holder(Serial(1)).is_some());
    let info = new.store.restore(event).await.unwrap();
    let standing: Vec<_> = info.devices.iter().map(|it| it.standing).collect();
    assert_eq!(standing, [Offering::Awaited, Offering::Announced]);
}

pub(crate) async fn a_silent_rollback_is_proved_by_what_was_signed<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let north = h.device(event, 1).await;
    strict(h, event).await;
    let known = h.issue(event, 1, 1).await;
    let cut = h.followed(event).await.cursor();
    let backup = h.backend.copy();
    h.issue(event, 3, 1).await;
    let tail = page(h, event, cut).await;

    // Nobody says that the database was put back; it even goes on with another line.
    let silent = h.beside(backup.open(h.world()));
    silent.store.void(cli(), event, known, VoidReason::Refunded).await.unwrap();
    let other = RootKey::from_seed([9; 32]);
    let forged = SignedCursor::sign(north.installation, event, tail.end.cursor, &other);
    for (newest, proves) in [(forged, false), (tail.end.clone(), true), (tail.end.clone(), true)] {
        let asked = Locate { positions: vec![cut], newest: Some(newest) };
        let located = silent.store.locate(north.actor(), north.device, asked).await.unwrap();
        assert_eq!((located.epoch, located.common), (Epoch(1), cut));
        let info = silent.store.restore(event).await.unwrap();
        assert_eq!(info.open, proves);
        assert_eq!(info.rolled_back, proves.then_some(tail.end.cursor));
    }
    let rows = silent.store.audit(AuditQuery::default()).await.unwrap();
    let found = rows.iter().filter(|row| row.outcome == "rolled_back").count();
    assert_eq!(found, 1, "a gate that asks again and again is on record once");
    let offer = silent.store.offer(north.actor(), north.device, cut, tail.clone()).await;
    assert_eq!(offer, Err(StoreError::RolledBack));
    let confirmed = silent.store.confirm_restore(cli(), event, ConfirmRestore::default()).await;
    assert_eq!(confirmed, Err(StoreError::RolledBack));

    let new = restored(h, &backup, 2).await;
    new.store.offer(north.actor(), north.device, cut, tail).await.unwrap();
    let now = new.followed(event).await.cursor();
    new.store.offered(north.actor(), north.device, says_all(&north, now)).await.unwrap();
    let info = new.store.confirm_restore(cli(), event, ConfirmRestore::default()).await.unwrap();
    assert!(!info.open && info.rolled_back.is_none());
    assert_eq!(new.followed(event).await.roster().len(), 2);
    // The store that was open meanwhile notices, and ends.
    let late = silent.store.void(cli(), event, known, VoidReason::Refunded).await;
    assert_eq!(late, Err(StoreError::EpochRaised));
}

pub(crate) async fn what_followed_a_gap_comes_back_and_leaves_it<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let north = h.device(event, 1).await;
    h.issue(event, 3, 2).await;
    let cut = h.followed(event).await.cursor();
    let (first, second) = (h.backend.copy(), h.backend.copy());
    let over = async |new: &Harness<B>| {
        let now = new.followed(event).await.cursor();
        new.store.offered(north.actor(), north.device, says_all(&north, now)).await.unwrap();
        let request = ConfirmRestore { issued_up_to: Some(Serial(4)) };
        let info = new.store.confirm_restore(cli(), event, request).await.unwrap();
        (info.open, info.lost_serials)
    };
    // Three serials were given in what nobody has any more, and one after that.
    let once = restored(h, &first, 2).await;
    assert_eq!(over(&once).await, (false, 3));
    assert_eq!(once.issue(event, 3, 1).await, Serial(5));
    let tail = page(&once, event, cut).await;

    let silent = h.beside(second.open(h.world()));
    let asked = Locate { positions: vec![cut], newest: Some(tail.end.clone()) };
    silent.store.locate(north.actor(), north.device, asked).await.unwrap();
    let twice = restored(h, &second, 3).await;
    let answer = twice.store.offer(north.actor(), north.device, cut, tail).await.unwrap();
    assert_eq!((answer.restated, answer.unfit), (1, 0));
    assert_eq!(over(&twice).await, (false, 3));
    let state = twice.followed(event).await;
    let lost: Vec<_> = (0..7).filter(|serial| state.roster().is_lost(Serial(*serial))).collect();
    assert_eq!((lost, state.roster().len()), (vec![2, 3, 4], 6));
    assert_eq!(twice.issue(event, 3, 1).await, Serial(6));
}
