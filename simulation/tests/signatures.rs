//! With stand-ins for signatures a seed does what it does without, whatever came before and whoever else runs; and
//! what nobody signed is refused all the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use kaisatsu_shared::{
    bundle::Policy,
    id::{DeviceId, Epoch, GateId, KeyId, OperatorId, Serial, TimeNonce},
    journal::{JournalBody, JournalEntry, SignedJournalHead},
    key::{EventKey, KeyRing, ListedKey, Signature64, VerifyError},
    reason::ReasonCode,
    sync::{JournalBatch, SignedTime, TimeDocument, TimeQuestion, TimeRequest},
    time::TimeInterval,
    token::{Token, decode},
};
use kaisatsu_simulation::{
    Plan,
    clock::truth,
    event::Event,
    house::{self, EVENT, INSTALLATION, Issue},
    message::{Address, Ask, Body, Message, Refused, Reply},
    plan::{Mistake, Shows, Visit},
    run,
    schedule::SECOND,
    server::Server,
    sign_with_stand_ins,
    stage::Stage,
};

const SEEDS: std::ops::Range<u64> = 0..60;

fn fingerprint(seed: u64) -> u64 {
    run(&Plan::of(seed), None, false).fingerprint
}

#[test]
fn a_seed_is_the_same_with_stand_ins_for_signatures_in_any_order_on_any_thread() {
    sign_with_stand_ins(false);
    let plain: Vec<_> = SEEDS.map(fingerprint).collect();
    let stood_in = |backwards: bool| {
        std::thread::spawn(move || {
            sign_with_stand_ins(true);
            let mut seeds: Vec<_> = SEEDS.collect();
            if backwards {
                seeds.reverse();
            }
            let mut seen: Vec<_> = seeds.into_iter().map(|it| (it, fingerprint(it))).collect();
            seen.sort_unstable();
            seen.into_iter().map(|(_, fingerprint)| fingerprint).collect::<Vec<_>>()
        })
    };
    let both = [false, true].map(stood_in).map(|thread| thread.join().unwrap());
    assert_eq!(both, [plain.clone(), plain]);
}

/// One bit of it is another.
const fn bent(Signature64(mut bytes): Signature64) -> Signature64 {
    bytes[7] ^= 1;
    Signature64(bytes)
}

/// What the simulated server says to a batch of device 1.
fn answer(batch: JournalBatch) -> Reply {
    let mut stage = Stage::new(Plan::of(0), None, false);
    stage.links.heal();
    let mut server = Server::new(&mut stage).unwrap();
    stage.devices.push(DeviceId(1));
    let (from, to) = (Address::Gate(0), Address::Server);
    for (request, ask) in [(1, Ask::Session), (2, Ask::Journal(Box::new(batch)))] {
        let (boot, end, body) = (1, None, Body::Ask(ask));
        server.receive(&mut stage, Message { from, to, boot, request, end, body });
    }
    while let Some(event) = stage.schedule.take_next() {
        match event {
            Event::Committed { boot } => server.committed(&mut stage, boot),
            Event::Arrives(message) => match message.body {
                Body::Reply(Reply::Session(..)) | Body::Ask(_) => {}
                Body::Reply(reply) => return reply,
            },
            _ => {}
        }
    }
    panic!("no answer");
}

fn batch(device: DeviceId, signer: DeviceId) -> JournalBatch {
    let (key, _) = house::device(signer).unwrap();
    let entry = JournalEntry {
        device,
        gate: GateId(1),
        operator: OperatorId(0),
        epoch: Epoch(1),
        number: 1,
        previous: [0; 32],
        at: TimeInterval::exact(truth(0)),
        body: JournalBody::SignedIn,
    };
    let bytes = entry.encode();
    let head = JournalEntry::head_of(INSTALLATION, 1, &bytes);
    let head = SignedJournalHead::sign(INSTALLATION, device, head, key);
    JournalBatch { entries: vec![bytes], head }
}

#[test]
fn the_simulated_server_refuses_a_batch_that_its_device_did_not_sign() {
    sign_with_stand_ins(true);
    let own = batch(DeviceId(1), DeviceId(1));
    assert!(matches!(answer(own.clone()), Reply::Batch(_)));
    // With another signature or by another device it is none.
    let mut forged = own.clone();
    forged.head.signature = bent(forged.head.signature);
    let by_another = batch(DeviceId(1), DeviceId(2));
    let mut other_head = own;
    other_head.head.head.number = 2;
    for batch in [forged, by_another, other_head] {
        assert!(matches!(answer(batch), Reply::Refused(Refused::Malformed)));
    }
}

#[test]
fn forged_rules_and_times_are_refused() {
    sign_with_stand_ins(true);
    let (root, plan) = (house::root(), Plan::of(0));
    let (signed, _) = house::rules(plan.regime(), 1).unwrap();
    assert!(signed.open(&root.public(), INSTALLATION).is_ok());
    let mut forged = signed.clone();
    forged.signature = bent(forged.signature);
    assert!(forged.open(&root.public(), INSTALLATION).is_err());
    let (other, _) = house::rules(plan.regime(), 2).unwrap();
    forged.signature = other.signature;
    assert!(forged.open(&root.public(), INSTALLATION).is_err());

    let (device, nonce) = (DeviceId(1), TimeNonce([3; 16]));
    let (installation, event, at) = (INSTALLATION, EVENT, truth(0));
    let document = TimeDocument { installation, event, device, nonce, at, version: 0 };
    let time = SignedTime::sign(&document, root).unwrap();
    let request = TimeRequest { device, nonce };
    let question = TimeQuestion { installation, event, request };
    assert!(time.open(&root.public(), &question).is_ok());
    let mut forged = time.clone();
    forged.document = forged.document.replacen(&at.0.to_string(), &(at.0 + 1).to_string(), 1);
    assert_ne!(forged.document, time.document);
    assert!(forged.open(&root.public(), &question).is_err());
}

#[test]
fn a_forged_ticket_is_refused_by_the_ring_that_just_took_the_true_one() {
    sign_with_stand_ins(true);
    let key = EventKey::from_seed(KeyId(1), [1; 32]);
    let listed = ListedKey { id: key.id(), public: key.public(), current: true };
    let ring = KeyRing::new([listed]).unwrap();
    let text = house::text(Serial(0), Issue::FIRST, truth(0));
    let token = decode(&text).unwrap().token;
    assert!(ring.verify(INSTALLATION, &token).is_ok());
    let mut body = token.body.clone();
    body.entries += 1;
    let forged = Token::new(body, *token.signature());
    assert_eq!(ring.verify(INSTALLATION, &forged), Err(VerifyError::BadSignature));
}

#[test]
fn a_gate_in_a_venue_refuses_a_forged_ticket() {
    sign_with_stand_ins(true);
    let mut plan = Plan::of(0);
    (plan.policy, plan.small) = (Policy::Available, false);
    plan.breakdowns.clear();
    plan.deeds.clear();
    plan.weather.drop = 0;
    let heals = plan.heals;
    let (serial, mistake) = (Serial(0), Mistake::None);
    let comes = |number: u64, shows| {
        let at = 2 * SECOND + number * (SECOND * 4 / 5);
        Visit { at, gate: 0, serial, shows, persons: 1, mistake, insists: false }
    };
    // The ticket itself first, then with one letter changed, all over it.
    plan.visits.retain(|visit| visit.at > heals);
    plan.visits.push(comes(0, Shows::Ticket));
    plan.visits.extend((1..30).map(|number| comes(number, Shows::Nonsense(40 * number + 4))));
    plan.visits.sort_by_key(|visit| visit.at);
    let outcome = run(&plan, None, false);
    assert_eq!(outcome.trouble, None);
    let scans = outcome.scans.iter().filter(|scan| plan.visits[scan.visit].at < heals);
    let codes: Vec<_> = scans.filter_map(|scan| Some(scan.ended?.1)).collect();
    let count = |wanted| codes.iter().filter(|code| **code == wanted).count();
    assert_eq!(count(ReasonCode::Admitted), 1, "{codes:?}");
    assert!(count(ReasonCode::Forged) > 5, "{codes:?}");
}
