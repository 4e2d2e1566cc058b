//! One scan: alone, with the server's word, without an answer, with a disk that breaks.

use kaisatsu_shared::{
    bundle::Policy,
    id::Serial,
    journal::JournalBody,
    reason::ReasonCode,
    right::Authority,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::world::{Event, Gate};
use crate::engine::{CLAIM_BUDGET, Input, LinkState};

#[test]
fn alone_admits_once_and_marks_the_light() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(gate.shown[0].2, Some(Authority::Alone));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    assert!(gate.shown[1].1.facts.last_use.is_some());
    let bodies = gate.bodies();
    assert!(matches!(bodies[0], JournalBody::Redeemed { authority: Authority::Alone, .. }));
    assert_eq!(bodies[1], JournalBody::Shown { number: 1 });
    assert!(matches!(
        bodies[2],
        JournalBody::Refused { code: ReasonCode::AlreadyUsed, right: Some(_) }
    ));
    assert!(gate.claims.is_empty() && gate.uploads.is_empty());
}

#[test]
fn a_ticket_of_two_entries_admits_twice() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    let mut codes = Vec::new();
    for _ in 0..3 {
        gate.scan(event.text(2));
        codes.push((gate.last(), gate.shown.last().unwrap().1.facts.left));
    }
    let expected = [
        (ReasonCode::Admitted, Some(1)),
        (ReasonCode::Admitted, Some(0)),
        (ReasonCode::AlreadyUsed, None),
    ];
    assert_eq!(codes, expected);
}

#[test]
fn online_the_server_is_asked_after_a_durable_intent() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    assert_eq!(gate.shown, []);
    assert_eq!(gate.engine.next_tick(), Some(CLAIM_BUDGET));
    assert_eq!(gate.disk.intents.len(), 1);
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(gate.shown[0].2, Some(Authority::Server));
    assert!(gate.disk.intents.is_empty());
    let key = event.state.right(Serial(0)).unwrap().grants[0].used.claim;
    assert!(matches!(
        gate.bodies()[0],
        JournalBody::Redeemed { claim, authority: Authority::Server, .. } if claim == key
    ));
}

#[test]
fn the_servers_refusal_is_shown_and_the_claim_given_up() {
    let refusals = [
        (ClaimRefusal::AlreadyUsed, ReasonCode::AlreadyUsed),
        (ClaimRefusal::BeingAdmitted, ReasonCode::BeingAdmitted),
        (ClaimRefusal::Interrupted, ReasonCode::Interrupted),
        (ClaimRefusal::Voided, ReasonCode::Voided),
        (ClaimRefusal::Superseded, ReasonCode::Superseded),
        (ClaimRefusal::NotIssued, ReasonCode::NotIssued),
        (ClaimRefusal::Abandoned, ReasonCode::ClaimRefused),
        (ClaimRefusal::KeyReused, ReasonCode::ClaimRefused),
    ];
    for (refusal, code) in refusals {
        let mut event = Event::new();
        let used = event.used_elsewhere(1, 1);
        let last_use = Some((&used).into());
        let mut gate = Gate::online(&event);
        gate.scan(event.text(0));
        let first = gate.claims.pop_front().unwrap();
        let key = first.used.claim;
        gate.handle(Input::Claimed {
            key,
            answer: ClaimAnswer::Refused { refusal, facts: Facts { last_use, ..Facts::EMPTY } },
        });
        assert_eq!(gate.last(), code);
        assert_eq!(gate.shown[0].1.facts.last_use, last_use);
        assert_eq!(gate.disk.intents.len(), 0);
        assert!(matches!(gate.bodies()[0], JournalBody::Abandoned { claim, .. } if claim == key));
        // The next claim has another key and gives up the first one.
        gate.scan(event.text(0));
        let second = gate.claims.pop_front().unwrap();
        assert_ne!(second.used.claim, key);
        assert_eq!(second.abandons, [key]);
    }
}

#[test]
fn without_an_answer_the_gate_decides_alone_under_the_same_key() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let claim = gate.claims.pop_front().unwrap();
    let answer = event.answer(&claim);
    gate.pass(CLAIM_BUDGET - 1);
    assert_eq!(gate.shown, []);
    gate.pass(1);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(gate.shown[0].2, Some(Authority::Alone));
    assert!(matches!(
        gate.bodies()[0],
        JournalBody::Redeemed { claim: key, authority: Authority::Alone, .. } if key == claim.used.claim
    ));
    // The next scan doesn't wait for the silent server.
    assert_eq!(gate.engine.status().link, LinkState::Alone);
    gate.scan(event.text(1));
    assert_eq!((gate.last(), gate.shown.len()), (ReasonCode::Admitted, 2));
    // The late answer admits nobody again, but tells that the server is there.
    gate.handle(Input::Claimed { key: claim.used.claim, answer });
    assert_eq!((gate.shown.len(), gate.engine.status().link), (2, LinkState::Online));
    gate.deliver_all(&mut event);
    assert_eq!(event.state.right(Serial(0)).unwrap().entered(), 1);
    assert!(event.state.right(Serial(0)).unwrap().grants.is_empty());
}

#[test]
fn online_only_gives_the_claim_up_when_nobody_answers() {
    let event = Event::new();
    let mut gate = Gate::with_policy(&event, Policy::OnlineOnly);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::ClaimFailed { key });
    assert_eq!(gate.last(), ReasonCode::ServerNeeded);
    assert!(matches!(gate.bodies()[0], JournalBody::Abandoned { claim, .. } if claim == key));
    // Granted after all: it is too late for this key.
    gate.handle(Input::Claimed { key, answer: ClaimAnswer::Granted { sequence: 9 } });
    assert_eq!(gate.shown.len(), 1);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    assert_eq!(gate.claims.pop_front().unwrap().abandons, [key]);
}

#[test]
fn what_a_restored_server_forgot_was_given_up_is_said_with_the_next_claim() {
    let mut event = Event::new();
    let mut gate = Gate::with_policy(&event, Policy::OnlineOnly);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::ClaimFailed { key });
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    assert_eq!(gate.engine.status().unsynced, 0);
    gate.scan(event.text(0));
    let second = gate.claims.pop_front().unwrap();
    assert!(second.abandons.is_empty());
    gate.handle(Input::ClaimFailed { key: second.used.claim });
    // The server's database was put back: it has nothing of this gate's journal, and may grant what it lost anew.
    gate.handle(Input::Link(LinkState::Online));
    gate.uploads.clear();
    gate.handle(Input::ServerHas { number: 0, entries: gate.disk.journal.clone() });
    gate.scan(event.text(0));
    assert_eq!(gate.claims.pop_front().unwrap().abandons, [key, second.used.claim]);
}

#[test]
fn a_refused_request_is_neither_green_nor_offline() {
    let event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::ClaimRejected { key });
    assert_eq!(gate.last(), ReasonCode::ClaimRefused);
    assert_eq!(gate.engine.status().link, LinkState::Online);
    assert!(matches!(gate.bodies()[0], JournalBody::Abandoned { .. }));
}

#[test]
fn a_refused_gate_admits_nobody_and_still_delivers() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    gate.handle(Input::Link(LinkState::Refused));
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::ClaimRefused);
    assert!(gate.claims.is_empty());
    gate.deliver_all(&mut event);
    assert_eq!(gate.engine.status().unsynced, 0);
    assert_eq!(event.state.right(Serial(0)).unwrap().entered(), 1);
}

#[test]
fn a_full_disk_refuses_and_the_next_scan_goes_on_with_the_same_key() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    // Full before the intent: the server isn't even asked.
    gate.full = true;
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    assert!(gate.claims.is_empty());
    // Full after the grant: no green.
    gate.full = false;
    gate.scan(event.text(0));
    gate.full = true;
    let key = gate.claims[0].used.claim;
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    assert!(gate.engine.is_idle());
    // The re-scan claims under the same key, and the server knows it.
    gate.full = false;
    gate.scan(event.text(0));
    assert_eq!(gate.claims[0].used.claim, key);
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(gate.lit.len(), 1);
}

#[test]
fn a_full_disk_alone_keeps_the_key_of_the_open_claim() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.full = true;
    gate.answer_claim(&mut event);
    gate.full = false;
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert!(matches!(gate.bodies()[0], JournalBody::Redeemed { claim, .. } if claim == key));
}

#[test]
fn an_open_claim_ends_when_its_re_scan_is_refused() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.full = true;
    gate.answer_claim(&mut event);
    gate.full = false;
    event.append(kaisatsu_shared::ledger::LedgerBody::Voided {
        serial: Serial(0),
        reason: kaisatsu_shared::ledger::VoidReason::Other,
    });
    gate.feed(&event, 3);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Voided);
    assert!(
        gate.bodies()
            .iter()
            .any(|body| matches!(body, JournalBody::Abandoned { claim, .. } if *claim == key))
    );
    assert!(gate.disk.intents.is_empty());
}

#[test]
fn an_open_claim_ends_when_the_next_guest_comes() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let key = gate.claims[0].used.claim;
    gate.full = true;
    gate.answer_claim(&mut event);
    gate.full = false;
    gate.scan("not a ticket".into());
    assert_eq!(gate.disk.intents.len(), 1);
    gate.scan(event.text(1));
    assert!(!gate.disk.intents.contains_key(&key));
    gate.answer_claim(&mut event);
    gate.deliver_all(&mut event);
    assert!(event.state.right(Serial(0)).unwrap().grants.is_empty());
    gate.scan(event.text(0));
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn scans_wait_for_the_one_before() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    gate.scan("not a ticket".into());
    gate.scan(event.text(0));
    assert!(gate.engine.is_deciding());
    assert_eq!(gate.shown, []);
    gate.answer_claim(&mut event);
    let codes: Vec<_> =
        gate.shown.iter().map(|(scan, verdict, _)| (scan.0, verdict.code)).collect();
    let expected =
        [(0, ReasonCode::Admitted), (1, ReasonCode::ForeignCode), (2, ReasonCode::AlreadyUsed)];
    assert_eq!(codes, expected);
}

#[test]
fn a_ticket_newer_than_the_roster_needs_the_server() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(3));
    assert_eq!(gate.last(), ReasonCode::NotInRoster);
    gate.handle(Input::Link(LinkState::Online));
    gate.scan(event.text(3));
    let key = gate.claims.pop_front().unwrap().used.claim;
    gate.handle(Input::Claimed { key, answer: ClaimAnswer::Granted { sequence: 5 } });
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(3));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn no_more_abandonments_travel_than_the_server_takes_and_those_are_the_newest() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    let mut given_up = Vec::new();
    for _ in 0..70 {
        gate.scan(event.text(0));
        let key = gate.claims.pop_front().unwrap().used.claim;
        given_up.push(key);
        gate.handle(Input::ClaimRejected { key });
    }
    gate.scan(event.text(0));
    assert_eq!(gate.claims[0].abandons, given_up[6..]);
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
}
