//! Passes that renew: online a gate asks the server before it refuses one by dates that it heard last.

use kaisatsu_shared::{
    journal::JournalBody,
    reason::ReasonCode,
    right::Authority,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
    time::UnixSeconds,
    validity::Validity,
};

use super::world::{Event, Gate, OPENING};
use crate::engine::Input;

/// Half an hour before the scans.
const HEARD: Validity =
    Validity { from: UnixSeconds(OPENING), until: UnixSeconds(OPENING + 1_800) };
/// An hour after them.
const NEWER: Validity =
    Validity { from: UnixSeconds(OPENING), until: UnixSeconds(OPENING + 7_200) };

fn dates(gate: &Gate) -> (Option<UnixSeconds>, Option<UnixSeconds>) {
    let facts = gate.shown.last().unwrap().1.facts;
    (facts.valid_from, facts.valid_until)
}

fn uses(gate: &Gate) -> usize {
    let used = |body: &JournalBody| matches!(body, JournalBody::Redeemed { .. });
    gate.bodies().iter().filter(|body| used(body)).count()
}

#[test]
fn a_pass_that_was_renewed_a_moment_ago_is_the_servers_to_admit() {
    let mut event = Event::renewing(HEARD);
    let mut gate = Gate::online(&event);
    let heard = event.ledger.len();
    event.renew(NEWER);
    gate.scan(event.text(0));
    assert!(gate.shown.is_empty(), "the server hasn't said anything yet");
    gate.answer_claim(&mut event);
    assert_eq!((gate.last(), dates(&gate)), (ReasonCode::Admitted, (None, None)));
    let (_, _, authority) = gate.shown.last().unwrap();
    assert_eq!((*authority, uses(&gate)), (Some(Authority::Server), 1));
    // Once it has heard, it tells until when.
    gate.feed(&event, heard);
    gate.scan(event.text(1));
    gate.answer_claim(&mut event);
    let told = (Some(NEWER.from), Some(NEWER.until));
    assert_eq!((gate.last(), dates(&gate)), (ReasonCode::Admitted, told));
}

#[test]
fn the_servers_refusal_comes_with_its_own_dates() {
    let event = Event::renewing(HEARD);
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let claim = gate.claims.pop_front().expect("the server is asked");
    let later = UnixSeconds(OPENING + 3_000);
    let facts = Facts { valid_from: Some(HEARD.from), valid_until: Some(later), ..Facts::EMPTY };
    let answer = ClaimAnswer::Refused { refusal: ClaimRefusal::Expired, facts };
    gate.handle(Input::Claimed { key: claim.used.claim, answer });
    assert_eq!(gate.last(), ReasonCode::Expired);
    assert_eq!(dates(&gate), (Some(HEARD.from), Some(later)));
    let given_up = |body: &JournalBody| matches!(body, JournalBody::Abandoned { claim: key, .. } if *key == claim.used.claim);
    assert!(uses(&gate) == 0 && gate.bodies().iter().any(given_up));
}

#[test]
fn without_the_server_a_gate_goes_by_what_it_heard() {
    let mut event = Event::renewing(HEARD);
    let told = (Some(HEARD.from), Some(HEARD.until));
    let mut alone = Gate::new(&event);
    alone.scan(event.text(0));
    assert_eq!((alone.last(), dates(&alone)), (ReasonCode::Expired, told));
    assert!(alone.claims.is_empty() && alone.disk.intents.is_empty());
    // Also where the server turns out not to answer.
    let mut cut = Gate::online(&event);
    event.renew(NEWER);
    cut.scan(event.text(0));
    assert!(cut.shown.is_empty());
    cut.pass(300);
    assert_eq!((cut.last(), dates(&cut)), (ReasonCode::Expired, told));
    assert_eq!((uses(&cut), cut.disk.intents.len()), (0, 0));
}
