use kaisatsu_shared::{
    bundle::Policy,
    id::{EventId, LeaseId, OrganisationId, Serial},
    journal::{JournalBody, JournalHead, SignedJournalHead},
    key::DeviceKey,
    lease::{Recipient, Serials},
    reason::{LocalText, ReasonCode},
    sync::{CarriedJournal, JournalBatch},
};
use serde_json::json;

use super::harness::{Backend, GateDevice, Harness, cli};
use crate::store::{Store, StoreError, types::*};

const SCAN: JournalBody = JournalBody::Refused { code: ReasonCode::ForeignCode, right: None };

/// The file of a gate's journal, given as all that it wrote.
fn file(gate: &GateDevice, batches: &[JournalBatch]) -> Vec<u8> {
    let entries: Vec<_> = batches.iter().flat_map(|batch| batch.entries.clone()).collect();
    let credential = gate.answer.credential.clone();
    CarriedJournal::sign(gate.installation, credential, gate.device, &entries, &gate.key)
        .unwrap()
        .write()
        .unwrap()
}

async fn import(
    store: &dyn Store,
    event: EventId,
    file: Vec<u8>,
) -> Result<CarriedAnswer, StoreError> {
    store.import_journal(cli(), event, file).await
}

fn counts(answer: &CarriedAnswer) -> [u64; 4] {
    [answer.already_known, answer.recorded, answer.conflicts, answer.quarantined]
}

pub(crate) async fn carried_journals_are_judged_like_uploads<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let (mut north, mut south) = (h.device(event, 1).await, h.device(event, 2).await);
    let used = south.write(&[south.redeemed(right, 2)]);
    h.store.upload(south.actor(), south.device, used).await.unwrap();

    // One batch came over the network; the rest is carried, twice; the gate goes on from there.
    let first = north.write(&[SCAN, SCAN]);
    h.store.upload(north.actor(), north.device, first.clone()).await.unwrap();
    let mut many = vec![north.redeemed(right, 1)];
    many.extend([SCAN; 299]);
    let second = north.write(&many);
    let whole = file(&north, &[first.clone(), second]);
    let seen = h.store.device(north.device).await.unwrap().last_seen;
    let answer = import(&*h.store, event, whole.clone()).await.unwrap();
    assert_eq!((answer.entries, counts(&answer)), (302, [2, 300, 1, 0]));
    assert_eq!((answer.carrier, answer.gate, answer.leased), (Carrier::Known, north.gate, 0));
    assert_eq!(h.store.device(north.device).await.unwrap().journal, north.head);
    assert_eq!(h.store.device(north.device).await.unwrap().last_seen, seen, "it wasn't there");
    assert_eq!(h.store.conflicts(event).await.unwrap().len(), 1);
    let head = h.store.stats(event).await.unwrap().head;
    let again = import(&*h.store, event, whole).await.unwrap();
    assert_eq!(counts(&again), [302, 0, 0, 0]);
    assert_eq!(h.store.stats(event).await.unwrap().head, head, "nothing twice");
    let next = north.write(&[SCAN]);
    h.store.upload(north.actor(), north.device, next).await.unwrap();

    // Bad files leave nothing but their row in the audit trail.
    let good = file(&south, &[]);
    let mut changed = file(&north, &[first]);
    let place = changed.len() - 20;
    changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
    for (event, bytes, code) in [
        (event, changed, "carried_changed"),
        (event, good[..good.len() / 2].to_vec(), "carried_unreadable"),
        (EventId(event.0 + 1), good, "event_unknown"),
    ] {
        let refused = import(&*h.store, event, bytes).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    assert_eq!(h.store.stats(event).await.unwrap().head, head);
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    let outcomes: Vec<_> = rows
        .iter()
        .filter(|row| row.action == "journal.import")
        .map(|row| row.outcome.as_str())
        .collect();
    let expected = ["event_unknown", "carried_unreadable", "carried_changed"];
    assert_eq!(outcomes[..3], expected, "{outcomes:?}");
    assert!(outcomes[3..].contains(&"conflict"), "{outcomes:?}");
}

pub(crate) async fn carried_forks_keep_both_versions<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let mut gate = h.device(event, 1).await;
    let first = gate.write(&[SCAN; 3]);
    let copied = gate.head;
    let here = gate.write(&[SCAN]);
    h.store.upload(gate.actor(), gate.device, first.clone()).await.unwrap();
    h.store.upload(gate.actor(), gate.device, here).await.unwrap();
    gate.head = copied;
    // Longer than a batch: what comes after the fork is kept, too.
    let there = gate.write(&[JournalBody::SignedOut; 400]);
    let forked = file(&gate, &[first, there]);
    for _ in 0..2 {
        let refused = import(&*h.store, event, forked.clone()).await;
        assert_eq!(refused, Err(StoreError::JournalFork(4)));
    }
    let kept = h.store.quarantine(event).await.unwrap();
    let numbers: Vec<_> = kept.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (4..=403).collect::<Vec<_>>());
    assert!(kept.iter().all(|row| row.reason == QuarantineReason::Fork));
    assert_eq!(h.store.device(gate.device).await.unwrap().journal.number, 4);
}

pub(crate) async fn carried_journals_of_lost_devices_are_kept<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let (backup, second, third) = (h.backend.copy(), h.backend.copy(), h.backend.copy());
    let mut gate = h.device(event, 1).await;
    let used = gate.write(&[gate.redeemed(right, 1), JournalBody::Shown { number: 1 }]);
    let carried = file(&gate, &[used]);

    // The server forgot the device: its credential tells.
    let restored = backup.open(h.world());
    let answer = import(&*restored, event, carried.clone()).await.unwrap();
    assert_eq!((answer.carrier, counts(&answer)), (Carrier::Found, [0, 2, 0, 0]));
    assert_eq!(restored.device(gate.device).await.unwrap().state, DeviceState::Found);
    assert_eq!(restored.ticket(event, serial).await.unwrap().entered, 1);

    // Another device got its number: told apart, and kept.
    let other = second.open(h.world());
    let announced = AnnounceDevice {
        event,
        gate: gate.gate,
        name: "other".to_owned(),
        role: DeviceRole::Staffed,
        code_lasts: None,
    };
    let announced = other.announce_device(cli(), announced).await.unwrap();
    assert_eq!(announced.device, gate.device);
    let key = DeviceKey::from_seed([5; 32]).public();
    let stranger = Actor::new(ActorKind::Stranger, "");
    other.enrol(stranger, announced.code, key).await.unwrap();
    for _ in 0..2 {
        let answer = import(&*other, event, carried.clone()).await.unwrap();
        assert_eq!((answer.carrier, counts(&answer)), (Carrier::Replaced, [0, 0, 0, 2]));
    }
    assert_eq!(other.quarantine(event).await.unwrap().len(), 2);
    assert_eq!(other.device(gate.device).await.unwrap().journal, JournalHead::default());
    assert_eq!(other.ticket(event, serial).await.unwrap().entered, 0);

    // A device of another event got it: the file can't be told apart from that one's journal.
    let third = third.open(h.world());
    let request = CreateEvent {
        organisation: OrganisationId(1),
        name: LocalText { ja: "別".to_owned(), en: "Other".to_owned() },
        zone: "Asia/Tokyo".to_owned(),
        policy: Policy::Available,
        gates: vec![LocalText { ja: "北".to_owned(), en: "North".to_owned() }],
    };
    let elsewhere = third.create_event(cli(), request).await.unwrap().id;
    let announced = AnnounceDevice {
        event: elsewhere,
        gate: gate.gate,
        name: "other".to_owned(),
        role: DeviceRole::Staffed,
        code_lasts: None,
    };
    assert_eq!(third.announce_device(cli(), announced).await.unwrap().device, gate.device);
    let refused = import(&*third, event, carried.clone()).await;
    assert_eq!(refused, Err(StoreError::CarriedStranger(gate.device)));
    assert_eq!(third.quarantine(elsewhere).await.unwrap(), []);

    // A revoked one delivers, without effect.
    h.store.revoke_device(cli(), gate.device).await.unwrap();
    let answer = import(&*h.store, event, carried).await.unwrap();
    assert_eq!((answer.carrier, counts(&answer)), (Carrier::Revoked, [0, 0, 0, 2]));
    assert_eq!(h.store.ticket(event, serial).await.unwrap().entered, 0);

    // Of another event of this installation.
    let elsewhere = h.event().await;
    let gate = h.device(elsewhere, 1).await;
    let refused = import(&*h.store, event, file(&gate, &[])).await;
    assert_eq!(refused, Err(StoreError::CarriedElsewhere(elsewhere)));
    // A head of one device on another's file.
    let mut mixed = CarriedJournal::read(&file(&gate, &[])).unwrap();
    let head = JournalHead::default();
    let other = h.device(elsewhere, 1).await;
    mixed.head = SignedJournalHead::sign(gate.installation, gate.device, head, &other.key);
    let refused = import(&*h.store, elsewhere, mixed.write().unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), "carried_changed");
}

pub(crate) async fn carried_transfers_give_leases_back<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let rules = json!({ "types": [{ "id": 1, "admission": { "policy": "strict" } }] });
    h.store.set_rules(cli(), event, serde_json::from_value(rules).unwrap()).await.unwrap();
    h.issue(event, 1, 4).await;
    let mut north = h.device(event, 1).await;
    h.store.lease(cli(), event, vec![].into()).await.unwrap();
    let south = h.device(event, 2).await;
    let right = h.right(event, Serial(0)).await;
    let used = north.write(&[north.redeemed(right, 1)]);
    let open = import(&*h.store, event, file(&north, std::slice::from_ref(&used))).await.unwrap();
    assert_eq!(open.leased, 4, "its lane isn't closed");
    let serials = Serials::new(Serial(0), Serial(3)).unwrap();
    let to = Recipient::Server;
    let closed = north.write(&[JournalBody::Transferred { lease: LeaseId(1), serials, to }]);
    let answer = import(&*h.store, event, file(&north, &[used, closed])).await.unwrap();
    assert_eq!((answer.leased, counts(&answer)), (0, [1, 1, 0, 0]));
    let leases = h.store.lease(cli(), event, vec![south.device].into()).await.unwrap();
    let held: u64 = leases.iter().map(LeaseInfo::tickets).sum();
    assert_eq!((held, leases[0].device), (4, south.device), "they can be given elsewhere");
    assert_eq!(h.store.ticket(event, Serial(0)).await.unwrap().entered, 1);
}
