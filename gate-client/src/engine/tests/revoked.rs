//! A revoked gate: it has forgotten everything, admits nobody, and still delivers what it wrote.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, GateId, OperatorId, Serial},
    journal::JournalBody,
    lease::Serials,
    ledger::{LedgerBody, VoidReason},
    reason::ReasonCode,
    right::OverrideReason,
    sync::Claim,
};

use super::{
    interventions::{LEAD, staffed},
    world::{ELSEWHERE, Event, Gate, HERE},
};
use crate::engine::{Answer, Declined, Input, LinkState};

/// What the adapter does beside it.
fn drop_what_was_known(gate: &mut Gate) {
    gate.disk.bundle = None;
    gate.disk.ledger.clear();
    gate.disk.page_ends.clear();
    gate.disk.intents.clear();
}

fn revoke(gate: &mut Gate) {
    gate.handle(Input::Revoked);
    drop_what_was_known(gate);
}

#[test]
fn it_admits_nobody_and_delivers_what_it_wrote() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    let written = gate.bodies().len();
    revoke(&mut gate);
    for text in [event.text(0), event.text(1), "KS1:X".to_owned(), String::new()] {
        gate.scan(text);
        assert_eq!(gate.last(), ReasonCode::GateRevoked);
    }
    let status = gate.engine.status();
    assert_eq!((status.link, status.tickets, status.ledger), (LinkState::Refused, 0, 0));
    assert_eq!((status.bundle_version, status.leased), (None, 0));
    assert_eq!(gate.bodies().len(), written, "the journal comes to an end");
    // What staff want isn't done, and nothing that it hears gives it anything back.
    for input in [
        Input::Answer { answer: Answer::Yes, key: ClaimKey([1; 16]) },
        Input::Override { reason: OverrideReason::Courtesy },
        Input::Annul,
        Input::SignIn { operator: OperatorId(1) },
        Input::ReturnLeases,
    ] {
        gate.handle(input);
        assert_eq!(gate.declined.pop(), Some(Declined::GateRefused));
    }
    gate.feed(&event, 0);
    gate.handle(Input::Link(LinkState::Online));
    gate.handle(Input::HubLink { up: true });
    let open = event.bundle(2, Policy::Available);
    let signed = open.clone();
    let open = open.open(&event.root.public(), super::world::INSTALLATION).unwrap();
    gate.handle(Input::Bundle { signed, open: Box::new(open) });
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::GateRevoked);
    assert!(gate.claims.is_empty() && gate.hub_claims.is_empty() && gate.offers.is_empty());
    assert_eq!((gate.disk.ledger.len(), gate.disk.bundle.is_none()), (0, true));
    // Its journal is delivered to the end.
    gate.pass(1_000);
    gate.deliver_all(&mut event);
    assert_eq!((gate.engine.status().unsynced, gate.engine.is_idle()), (0, true));
    assert_eq!(gate.bodies().len(), written);
    // Started again it is told so again; the journal is there, and nothing else.
    gate.crash(&event, true);
    gate.handle(Input::Revoked);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::GateRevoked);
    assert_eq!(gate.engine.journal_head().number as usize, written);
}

#[test]
fn the_guest_on_the_way_is_refused_unless_it_was_decided() {
    let event = Event::new();
    // Asked of the server.
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.claims.len(), 1);
    revoke(&mut gate);
    assert_eq!(gate.last(), ReasonCode::GateRevoked);
    let claim = gate.claims.pop_front().unwrap().used.claim;
    let answer = kaisatsu_shared::sync::ClaimAnswer::Granted { sequence: 9 };
    gate.handle(Input::Claimed { key: claim, answer });
    assert_eq!((gate.shown.len(), gate.bodies()), (1, vec![]), "a late grant lights nothing");

    // On its way to the disk: its light comes once it is there, and it is delivered.
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.scan(event.text(1));
    while gate.shown.is_empty() && gate.waiting.len() == 1 && gate.bodies().is_empty() {
        if matches!(gate.waiting[0].1[0], crate::engine::Record::Journal { .. }) {
            break;
        }
        gate.finish_store();
    }
    gate.handle(Input::Revoked);
    assert_eq!(gate.last(), ReasonCode::GateRevoked, "the next guest, who waits");
    gate.finish_store();
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.finish_store();
    assert!(matches!(gate.bodies()[..], [JournalBody::Redeemed { .. }, JournalBody::Shown { .. }]));
}

#[test]
fn it_gives_nothing_back_and_grants_nothing() {
    let mut event = Event::new();
    let lease = event.state.leases().next();
    let serials = Serials::new(Serial(0), Serial(1)).unwrap();
    event.append(LedgerBody::Leased { lease, device: HERE, gate: GateId(1), serials });
    let mut hub = Gate::with_policy(&event, Policy::Strict);
    assert_eq!(hub.engine.status().leased, 2);
    let claim = |key: u8| {
        let mut used = event.used(0);
        used.claim = ClaimKey([key; 16]);
        Claim { used, abandons: Vec::new(), by_hand: None }
    };
    // A grant that waits for the disk is none, once it is revoked.
    hub.full = true;
    hub.slow = true;
    let (device, gate) = (ELSEWHERE, GateId(2));
    hub.handle(Input::HubClaim { device, gate, claim: claim(1) });
    hub.handle(Input::Revoked);
    hub.handle(Input::HubClaim { device: DeviceId(3), gate, claim: claim(2) });
    let answers: Vec<_> =
        hub.hub_answers.drain(..).map(|(device, _, answer)| (device, answer)).collect();
    assert_eq!(answers, [(device, None), (DeviceId(3), None)]);
    hub.finish_store();
    hub.full = false;
    hub.pass(1_000);
    while !hub.waiting.is_empty() {
        hub.finish_store();
    }
    assert_eq!(hub.bodies(), [], "nothing was granted");
    // Of two grants, one on its way to the disk, the other behind it, nobody hears; and nothing of the ledger that
    // came meanwhile is kept.
    let mut other = Gate::with_policy(&event, Policy::Strict);
    other.slow = true;
    for (key, device) in [(1, ELSEWHERE), (2, DeviceId(3))] {
        let mut claim = claim(key);
        claim.used.right = event.right(u32::from(key) - 1);
        other.handle(Input::HubClaim { device, gate, claim });
    }
    event.append(LedgerBody::Recalled { lease, serials });
    other.feed(&event, event.ledger.len() - 1);
    revoke(&mut other);
    while !other.waiting.is_empty() {
        other.finish_store();
    }
    assert!(other.hub_answers.drain(..).all(|(.., answer)| answer.is_none()));
    assert!(matches!(other.bodies()[..], [JournalBody::Granted { .. }]), "{:?}", other.bodies());
    assert_eq!(other.disk.ledger.len(), 0);
    // The recall of what it held is nothing to it.
    hub.feed(&event, 0);
    hub.handle(Input::ReturnLeases);
    while !hub.waiting.is_empty() {
        hub.finish_store();
    }
    assert_eq!(hub.bodies(), [], "and nothing given back");
}

#[test]
fn what_the_disk_did_not_take_when_the_word_came_is_not_written_after_all() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    (gate.slow, gate.full) = (true, true);
    event.append(LedgerBody::Voided { serial: Serial(2), reason: VoidReason::Other });
    gate.feed(&event, event.ledger.len() - 1);
    assert_eq!(gate.waiting.len(), 1);
    revoke(&mut gate);
    gate.finish_store();
    gate.full = false;
    gate.pass(1_000);
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    assert_eq!((gate.disk.ledger.len(), gate.engine.is_idle()), (0, true));
}

#[test]
fn an_entry_that_a_full_disk_keeps_back_is_part_of_the_journal() {
    let mut event = staffed();
    let mut gate = Gate::new(&event);
    gate.full = true;
    gate.handle(Input::SignIn { operator: LEAD });
    revoke(&mut gate);
    let delivered = |gate: &Gate| (gate.engine.is_idle(), gate.engine.is_delivered());
    assert_eq!((gate.bodies(), delivered(&gate)), (vec![], (true, false)));
    gate.full = false;
    gate.pass(1_000);
    assert_eq!((gate.bodies(), delivered(&gate)), (vec![JournalBody::SignedIn], (true, false)));
    gate.deliver_all(&mut event);
    assert!(gate.engine.is_delivered());
}
