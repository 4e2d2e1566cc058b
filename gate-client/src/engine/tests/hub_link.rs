//! Asking the venue's hub: after the server, before deciding alone.

use kaisatsu_shared::{
    bundle::Policy,
    id::GateId,
    journal::JournalBody,
    reason::ReasonCode,
    right::Authority,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::world::{Event, Gate};
use crate::engine::{CLAIM_BUDGET, Input, LinkState};

fn gate(event: &Event, policy: Policy, link: LinkState) -> Gate {
    let mut gate = Gate::with_policy(event, policy);
    gate.handle(Input::Link(link));
    gate.handle(Input::HubLink { up: true });
    gate
}

fn answer(gate: &mut Gate, answer: ClaimAnswer) {
    let claim = gate.hub_claims.pop_front().expect("the hub was asked");
    gate.handle(Input::HubAnswered { key: claim.used.claim, answer });
}

const GRANTED: ClaimAnswer = ClaimAnswer::Granted { sequence: 1 };

const fn refused(refusal: ClaimRefusal) -> ClaimAnswer {
    ClaimAnswer::Refused { refusal, facts: Facts::EMPTY }
}

#[test]
fn the_server_is_asked_first_then_the_hub_under_the_same_claim() {
    for policy in [Policy::Available, Policy::Strict] {
        let mut gate = gate(&Event::new(), policy, LinkState::Online);
        gate.scan(Event::new().text(0));
        let asked = gate.claims.pop_front().unwrap();
        assert!(gate.hub_claims.is_empty(), "while the server is up the hub isn't asked");
        assert_eq!(gate.engine.status().link, LinkState::Online);
        gate.pass(CLAIM_BUDGET);
        let again = &gate.hub_claims[0];
        assert_eq!((again.used.claim, again.used.right), (asked.used.claim, asked.used.right));
        assert_eq!(gate.engine.status().link, LinkState::Hub);
        // The server's late answer is none: the hub's is waited for.
        gate.handle(Input::Claimed { key: asked.used.claim, answer: GRANTED });
        assert_eq!(gate.shown, []);
        answer(&mut gate, GRANTED);
        assert_eq!(gate.last(), ReasonCode::Admitted);
        assert_eq!(gate.shown[0].2, Some(Authority::Hub));
        assert!(matches!(
            gate.bodies()[0],
            JournalBody::Redeemed { authority: Authority::Hub, claim, .. } if claim == asked.used.claim
        ));
    }
}

#[test]
fn cut_off_the_hub_is_asked_at_once_and_its_refusal_is_shown_and_the_claim_given_up() {
    let event = Event::new();
    let mut gate = gate(&event, Policy::Strict, LinkState::Alone);
    assert_eq!(gate.engine.status().link, LinkState::Hub);
    for (refusal, code) in [
        (ClaimRefusal::BeingAdmitted, ReasonCode::BeingAdmitted),
        (ClaimRefusal::AlreadyUsed, ReasonCode::AlreadyUsed),
        (ClaimRefusal::ServerNeeded, ReasonCode::ServerNeeded),
        (ClaimRefusal::LaneSilent, ReasonCode::LaneSilent),
        (ClaimRefusal::CapacityUnknown, ReasonCode::CapacityUnknown),
    ] {
        gate.scan(event.text(0));
        assert!(gate.claims.is_empty());
        let key = gate.hub_claims[0].used.claim;
        let facts = Facts { lane: Some(GateId(3)), ..Facts::EMPTY };
        answer(&mut gate, ClaimAnswer::Refused { refusal, facts });
        assert_eq!(gate.last(), code);
        assert_eq!(gate.shown.last().unwrap().1.facts.lane, Some(GateId(3)));
        let given_up = JournalBody::Abandoned { claim: key, right: event.right(0) };
        assert!(gate.bodies().contains(&given_up));
        let (told, right) = gate.hub_told.pop_front().unwrap();
        assert_eq!((told, right), (key, event.right(0)));
        gate.handle(Input::HubTold { claim: key, heard: true });
    }
    assert!(gate.hub_told.is_empty());
}

#[test]
fn without_a_hub_that_answers_the_gate_goes_on_alone() {
    for (policy, code, link) in [
        (Policy::Available, ReasonCode::Admitted, LinkState::Alone),
        (Policy::Strict, ReasonCode::ServerNeeded, LinkState::Alone),
    ] {
        let event = Event::new();
        let mut gate = gate(&event, policy, LinkState::Online);
        gate.scan(event.text(0));
        gate.pass(CLAIM_BUDGET);
        gate.claims.clear();
        gate.pass(CLAIM_BUDGET);
        assert_eq!((gate.last(), gate.engine.status().link), (code, link));
        // Its late answer changes nothing.
        let key = gate.hub_claims[0].used.claim;
        answer(&mut gate, GRANTED);
        assert_eq!(gate.shown.len(), 1);
        let mut next = gate;
        next.scan(event.text(1));
        assert!(next.hub_claims.is_empty() && next.claims.is_empty(), "it isn't asked again");
        // Once it is heard again, it hears what was given up.
        next.handle(Input::HubLink { up: true });
        let told = next.hub_told.pop_front().map(|(told, _)| told);
        assert_eq!(told, (policy == Policy::Strict).then_some(key));
    }
}

#[test]
fn the_hub_is_told_until_it_has_heard_and_after_a_restart_of_all_that_the_server_has_not() {
    let event = Event::new();
    let mut gate = gate(&event, Policy::Strict, LinkState::Alone);
    gate.scan(event.text(0));
    let key = gate.hub_claims[0].used.claim;
    answer(&mut gate, refused(ClaimRefusal::BeingAdmitted));
    gate.hub_told.clear();
    gate.handle(Input::HubTold { claim: key, heard: false });
    assert!(gate.hub_told.is_empty());
    gate.pass(1_000);
    assert_eq!(gate.hub_told.pop_front().unwrap().0, key);
    // The process dies while the hub is asked.
    gate.scan(event.text(1));
    let open = gate.hub_claims[0].used.claim;
    gate.crash(&event, true);
    gate.handle(Input::HubLink { up: true });
    for _ in 0..2 {
        let (told, _) = gate.hub_told.pop_front().unwrap();
        assert!([key, open].contains(&told));
        gate.handle(Input::HubTold { claim: told, heard: true });
    }
    assert!(gate.hub_told.is_empty());
}

#[test]
fn a_hub_that_knows_less_of_the_ledger_cannot_say() {
    let event = Event::new();
    let mut gate = gate(&event, Policy::Available, LinkState::Alone);
    gate.scan(event.text(0));
    answer(&mut gate, refused(ClaimRefusal::NotIssued));
    assert_eq!(gate.shown[0].2, Some(Authority::Alone));
    assert_eq!(gate.engine.status().link, LinkState::Hub, "it answers all the same");
}

#[test]
fn who_may_not_decide_at_all_asks_no_hub() {
    let event = Event::new();
    let mut online_only = gate(&event, Policy::OnlineOnly, LinkState::Alone);
    online_only.scan(event.text(0));
    assert_eq!(online_only.last(), ReasonCode::ServerNeeded);
    let mut refused = gate(&event, Policy::Available, LinkState::Refused);
    refused.scan(event.text(0));
    assert_eq!(refused.last(), ReasonCode::ClaimRefused);
    assert_eq!(refused.engine.status().link, LinkState::Refused);
    assert!(online_only.hub_claims.is_empty() && refused.hub_claims.is_empty());
}

#[test]
fn a_claim_stays_the_same_over_a_full_disk() {
    let event = Event::new();
    let mut gate = gate(&event, Policy::Strict, LinkState::Alone);
    gate.scan(event.text(0));
    let key = gate.hub_claims[0].used.claim;
    gate.full = true;
    answer(&mut gate, GRANTED);
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    gate.scan(event.text(0));
    assert_eq!(gate.hub_claims[0].used.claim, key);
    answer(&mut gate, GRANTED);
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn the_hub_hears_with_a_claim_of_all_that_was_given_up_on_its_ticket() {
    let mut event = Event::new();
    let mut gate = gate(&event, Policy::Strict, LinkState::Online);
    gate.scan(event.text(0));
    let key = gate.claims.pop_front().unwrap().used.claim;
    let answer = refused(ClaimRefusal::BeingAdmitted);
    gate.handle(Input::Claimed { key, answer });
    gate.deliver_all(&mut event);
    // The server has that; the hub may have followed the ledger to a grant under that key, and no further.
    gate.scan(event.text(0));
    let asked = gate.claims.pop_front().unwrap();
    assert_eq!(asked.abandons, []);
    gate.pass(CLAIM_BUDGET);
    assert_eq!(gate.hub_claims[0].abandons, [key]);
    // After a restart, too; the claim that was under way is given up by it.
    gate.crash(&event, false);
    gate.handle(Input::HubLink { up: true });
    gate.scan(event.text(0));
    let again = gate.hub_claims.pop_front().unwrap();
    assert_eq!(again.abandons, [key, asked.used.claim]);
}
