//! Guests that are scanned out.

use kaisatsu_shared::{
    journal::JournalBody,
    reason::{Outcome, ReasonCode},
    right::{Authority, UseKind},
    rules::Direction,
};

use super::world::{Event, Gate};
use crate::engine::{Input, LinkState};

fn leaving(gate: &mut Gate) {
    gate.handle(Input::Direction(Direction::Exit));
}

fn outcome(gate: &Gate) -> Outcome {
    gate.shown.last().unwrap().1.outcome()
}

/// The kinds of the uses in the journal, and who decided.
fn uses(gate: &Gate) -> Vec<(UseKind, Authority)> {
    let body = |body| match body {
        JournalBody::Redeemed { kind, authority, .. } => Some((kind, authority)),
        _ => None,
    };
    gate.bodies().into_iter().filter_map(body).collect()
}

#[test]
fn an_exit_is_claimed_and_recorded_like_an_entry() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    gate.answer_claim(&mut event);
    leaving(&mut gate);
    gate.scan(event.text(0));
    assert_eq!(gate.claims[0].used.kind, UseKind::Exit);
    assert_eq!(gate.shown.len(), 1, "nothing is shown before it is recorded");
    gate.answer_claim(&mut event);
    assert_eq!(outcome(&gate), Outcome::Exit);
    assert_eq!(gate.last(), ReasonCode::Exited);
    let server = Authority::Server;
    assert_eq!(uses(&gate), [(UseKind::Entry, server), (UseKind::Exit, server)]);
}

#[test]
fn a_cut_off_gate_lets_everybody_out() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    leaving(&mut gate);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::ExitedUnseen);
    assert_eq!(uses(&gate), [(UseKind::Exit, Authority::Alone)]);
}

#[test]
fn a_claim_to_enter_is_given_up_where_its_guest_leaves() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let entering = gate.claims[0].used.claim;
    gate.full = true;
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    leaving(&mut gate);
    gate.scan(event.text(0));
    let claim = &gate.claims[0];
    assert_eq!((claim.used.kind, claim.abandons.as_slice()), (UseKind::Exit, &[entering][..]));
    assert_ne!(claim.used.claim, entering);
}

#[test]
fn nobody_is_asked_whether_a_guest_was_let_out() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    leaving(&mut gate);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(&event, true);
    gate.slow = false;
    assert_eq!(uses(&gate), [(UseKind::Exit, Authority::Alone)]);
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted, "after a start the gate scans in");
}
