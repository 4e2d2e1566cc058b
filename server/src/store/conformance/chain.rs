use kaisatsu_shared::{
    id::{EventId, LeaseId, Serial},
    journal::JournalBody,
    lease::{Recipient, Serials},
    right::UseKind,
    sync::{CarriedJournal, ClaimAnswer, ClaimRefusal, EntryFate, JournalBatch},
};

use super::{
    harness::{Backend, GateDevice, Harness, cli, everywhere, key, refusal},
    leases::strict,
    restores::{page, restored},
};
use crate::store::{Store, types::*};

/// A lane that holds four tickets, the venue's hub at another gate, and a third gate.
async fn venue<B: Backend>(h: &Harness<B>) -> (EventId, [GateDevice; 3]) {
    let event = h.event().await;
    let gates = [h.device(event, 1).await, h.device(event, 2).await, h.device(event, 1).await];
    strict(h, event).await;
    h.issue(event, 1, 4).await;
    h.store.lease(cli(), event, vec![gates[0].device].into()).await.unwrap();
    (event, gates)
}

fn gives(serial: u32, to: Recipient) -> JournalBody {
    JournalBody::Transferred { lease: LeaseId(1), serials: Serials::one(Serial(serial)), to }
}

fn receives(serial: u32, from: &GateDevice, number: u64) -> JournalBody {
    let (lease, serial, from) = (LeaseId(1), Serial(serial), from.device);
    JournalBody::Received { lease, serial, from, number }
}

async fn upload(store: &dyn Store, gate: &GateDevice, batch: JournalBatch) -> Vec<EntryFate> {
    let answer = store.upload(gate.actor(), gate.device, batch).await.unwrap();
    answer.entries.into_iter().map(|entry| entry.fate).collect()
}

/// Who holds what, in order of serials.
async fn held(store: &dyn Store, event: EventId) -> Vec<(u32, u32, u32)> {
    let leases = store.leases(event).await.unwrap();
    let run = |lease: &LeaseInfo| match lease.what {
        LeasedInfo::Serials(serials) => Some((lease.device.0, serials.first().0, serials.last().0)),
        LeasedInfo::Room { .. } => None,
    };
    leases.iter().filter_map(run).collect()
}

const OK: EntryFate = EntryFate::Accepted;

pub(crate) async fn a_right_that_the_hub_fetched_is_held_there<B: Backend>(h: &Harness<B>) {
    let (event, [mut lane, mut hub, gate]) = venue(h).await;
    let right = h.right(event, Serial(0)).await;
    let granted = JournalBody::Granted {
        device: gate.device,
        gate: gate.gate,
        right,
        kind: UseKind::Entry,
        count: 1,
        claim: key(1),
    };
    // The hub's journal comes first: nothing moves, and nobody is accused.
    let batch = hub.write(&[receives(0, &lane, 1), granted]);
    assert_eq!(upload(&*h.store, &hub, batch).await, [OK, OK]);
    let (here, there) = (lane.device.0, hub.device.0);
    assert_eq!(held(&*h.store, event).await, [(here, 0, 3)]);
    let batch = lane.write(&[gives(0, Recipient::Device(hub.device))]);
    assert_eq!(upload(&*h.store, &lane, batch).await, [OK]);
    assert_eq!(held(&*h.store, event).await, [(there, 0, 0), (here, 1, 3)]);
    let shown = h.store.ticket(event, Serial(0)).await.unwrap().lane.unwrap();
    assert_eq!(shown.gate, hub.gate, "the ticket shows who holds it now");
    // Whoever asks the server for it, the hub is asked.
    let claim = lane.claim(right, 2, &[]);
    let answer = h.store.claim(lane.actor(), lane.device, claim, everywhere()).await.unwrap();
    let ClaimAnswer::Refused { refusal: refused, facts } = answer else { panic!("{answer:?}") };
    assert_eq!(refused, ClaimRefusal::BeingAdmitted, "{facts:?}");
    let batch = lane.write(&[gives(1, Recipient::Device(hub.device))]);
    upload(&*h.store, &lane, batch).await;
    let right = h.right(event, Serial(1)).await;
    let claim = lane.claim(right, 3, &[]);
    let answer = h.store.claim(lane.actor(), lane.device, claim, everywhere()).await.unwrap();
    let ClaimAnswer::Refused { refusal: refused, facts } = answer else { panic!("{answer:?}") };
    assert_eq!((refused, facts.lane), (ClaimRefusal::Recalling, Some(hub.gate)));
    let state = h.followed(event).await;
    let asked: Vec<_> = state.leases().recalled_from(hub.device).collect();
    assert_eq!(asked, [(LeaseId(1), Serials::one(Serial(1)))]);
    // Only the hub gives it back.
    let batch = lane.write(&[gives(1, Recipient::Server)]);
    assert_eq!(upload(&*h.store, &lane, batch).await, [EntryFate::Quarantined]);
    let server = Recipient::Server;
    let batch = hub.write(&[receives(1, &lane, 2), gives(0, server), gives(1, server)]);
    assert_eq!(upload(&*h.store, &hub, batch).await, [OK, OK, OK]);
    assert_eq!(held(&*h.store, event).await, [(here, 2, 3)]);
    let claim = lane.claim(right, 4, &[]);
    let answer = h.store.claim(lane.actor(), lane.device, claim, everywhere()).await.unwrap();
    assert_eq!(refusal(answer), None);
    assert!(h.store.conflicts(event).await.unwrap().is_empty());
    // A holder that is revoked transfers nothing.
    h.store.revoke_device(cli(), hub.device).await.unwrap();
    let batch = lane.write(&[gives(2, Recipient::Device(hub.device))]);
    upload(&*h.store, &lane, batch).await;
    let right = h.right(event, Serial(2)).await;
    let claim = lane.claim(right, 5, &[]);
    let answer = h.store.claim(lane.actor(), lane.device, claim, everywhere()).await.unwrap();
    assert_eq!(refusal(answer), Some(ClaimRefusal::LaneLost));
    h.store.verify_ledger(event).await.unwrap();
}

pub(crate) async fn a_right_that_goes_to_nobody_known_is_lost<B: Backend>(h: &Harness<B>) {
    let (event, [mut lane, _, gate]) = venue(h).await;
    let nobody = Recipient::Device(kaisatsu_shared::id::DeviceId(99));
    let batch = lane.write(&[gives(0, nobody)]);
    assert_eq!(upload(&*h.store, &lane, batch).await, [OK]);
    let right = h.right(event, Serial(0)).await;
    let claim = gate.claim(right, 1, &[]);
    let answer = h.store.claim(gate.actor(), gate.device, claim, everywhere()).await.unwrap();
    assert_eq!(refusal(answer), Some(ClaimRefusal::LaneLost));
}

pub(crate) async fn a_hub_that_says_it_received_what_it_did_not_is_found<B: Backend>(
    h: &Harness<B>,
) {
    let (event, [mut lane, mut hub, _]) = venue(h).await;
    let batch = lane.write(&[JournalBody::SignedIn]);
    upload(&*h.store, &lane, batch).await;
    // The lane's journal is there already.
    let batch = hub.write(&[receives(0, &lane, 1), gives(0, Recipient::Server)]);
    let apart = [EntryFate::Quarantined, EntryFate::Quarantined];
    assert_eq!(upload(&*h.store, &hub, batch).await, apart);
    // It comes later.
    let batch = hub.write(&[receives(1, &lane, 2), gives(1, Recipient::Server)]);
    assert_eq!(upload(&*h.store, &hub, batch).await, [OK, OK]);
    let unfounded = async || {
        let rows = h.store.audit(AuditQuery::default()).await.unwrap();
        let found = rows.into_iter().filter(|row| row.action == "journal.unfounded_receipt");
        found.map(|row| row.object).collect::<Vec<_>>()
    };
    assert_eq!(unfounded().await, [""; 0]);
    let batch = lane.write(&[JournalBody::SignedOut]);
    assert_eq!(upload(&*h.store, &lane, batch).await, [OK]);
    assert_eq!(unfounded().await, [format!("event/{event}/device/{}", hub.device)]);
    assert_eq!(held(&*h.store, event).await, [(lane.device.0, 0, 3)]);
    h.store.verify_ledger(event).await.unwrap();
}

pub(crate) async fn a_chain_that_was_lost_or_carried_by_hand_ends_at_the_server<B: Backend>(
    h: &Harness<B>,
) {
    let (event, [mut lane, mut hub, _]) = venue(h).await;
    let cut = h.followed(event).await.cursor();
    let (backup, fresh) = (h.backend.copy(), h.backend.copy());
    // In what is lost the hub said that it has one right, and got another one.
    let server = Recipient::Server;
    let said = hub.write(&[receives(0, &lane, 1), gives(0, server)]);
    upload(&*h.store, &hub, said.clone()).await;
    let to_hub = Recipient::Device(hub.device);
    let given = lane.write(&[gives(0, to_hub), gives(1, to_hub)]);
    upload(&*h.store, &lane, given.clone()).await;
    let before = held(&*h.store, event).await;
    assert_eq!(before, [(hub.device.0, 1, 1), (lane.device.0, 2, 3)]);
    let tail = page(h, event, cut).await;

    // A gate offers what it followed.
    let new = restored(h, &backup, 2).await;
    let answer = new.store.offer(lane.actor(), lane.device, cut, tail.clone()).await.unwrap();
    assert_eq!(answer.unfit, 0);
    assert_eq!(held(&*new.store, event).await, before);
    let shown = new.store.ticket(event, Serial(1)).await.unwrap().lane.unwrap();
    assert_eq!(shown.gate, hub.gate);
    upload(&*new.store, &hub, said.clone()).await;
    upload(&*new.store, &lane, given.clone()).await;
    assert_eq!(held(&*new.store, event).await, before);
    assert_eq!(new.store.quarantine(event).await.unwrap(), []);
    new.store.verify_ledger(event).await.unwrap();

    // Journals come first, one of them carried by hand.
    let backup = fresh;
    let new = restored(h, &backup, 2).await;
    upload(&*new.store, &hub, said).await;
    let credential = lane.answer.credential.clone();
    let entries = &given.entries;
    let file = CarriedJournal::sign(lane.installation, credential, lane.device, entries, &lane.key);
    let file = file.unwrap().write().unwrap();
    new.store.import_journal(cli(), event, file).await.unwrap();
    assert_eq!(held(&*new.store, event).await, before);
    let answer = new.store.offer(lane.actor(), lane.device, cut, tail).await.unwrap();
    assert_eq!((answer.restated, answer.unfit), (0, 0), "nothing twice");
    assert_eq!(new.store.quarantine(event).await.unwrap(), []);
    new.store.verify_ledger(event).await.unwrap();
}
