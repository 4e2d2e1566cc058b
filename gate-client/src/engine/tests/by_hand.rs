//! Guests let in by hand: only with the server, by whom the event allows, as one redemption.

use kaisatsu_shared::{
    id::OperatorId,
    journal::JournalBody,
    reason::ReasonCode,
    right::{Authority, OverrideReason},
    rules::{AdmittedBy, Answers, Direction, Facts, Search, SearchBy},
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::{
    interventions::{LEAD, STAFF, staffed},
    world::{Event, Gate},
};
use crate::engine::{Answer, Declined, Input, LinkState};

const OVERRIDE: Input = Input::Override { reason: OverrideReason::Known };

/// An event whose gates look tickets up; leads let their holders in.
fn searched() -> Event {
    let mut event = staffed();
    let (by, admit) = (SearchBy::Name, AdmittedBy::Leads);
    event.search = Some(Search { by, names: false, admit });
    event
}

fn online(event: &Event, operator: Option<OperatorId>) -> Gate {
    let mut gate = Gate::online(event);
    if let Some(operator) = operator {
        gate.handle(Input::SignIn { operator });
    }
    gate
}

fn pick(gate: &mut Gate, event: &Event, serial: u32) {
    let key = gate.key();
    gate.handle(Input::AdmitByHand { right: event.right(serial), key });
}

/// Redemptions in the journal: whether each was by hand.
fn by_hand(gate: &Gate) -> Vec<bool> {
    let bodies = gate.bodies().into_iter();
    let used = bodies.filter_map(|body| match body {
        JournalBody::Redeemed { by_hand, authority, .. } => {
            assert_eq!(authority, Authority::Server);
            Some(by_hand)
        }
        _ => None,
    });
    used.collect()
}

#[test]
fn the_holder_is_let_in_once_with_the_servers_word_and_the_entry_says_how() {
    let mut event = searched();
    let mut gate = online(&event, Some(LEAD));
    pick(&mut gate, &event, 0);
    assert_eq!(gate.last(), ReasonCode::ConfirmHolder);
    assert!(gate.claims.is_empty(), "claimed before anybody said who it is");
    gate.answer(Answer::Yes);
    let claim = gate.claims.front().unwrap();
    assert_eq!(claim.by_hand, Some(Answers { holder: Some(true), ..Answers::NONE }));
    assert_eq!(claim.used.operator, LEAD);
    assert!(gate.lit.is_empty());
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    assert_eq!(by_hand(&gate), [true]);
    assert_eq!(
        gate.entries().iter().find(|entry| entry.redeemed().is_some()).unwrap().operator,
        LEAD
    );
    // The ticket is used, however its holder comes again.
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    pick(&mut gate, &event, 0);
    gate.answer(Answer::Yes);
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    assert_eq!(by_hand(&gate), [true]);
    // A scanned guest is no guest let in by hand.
    gate.scan(event.text(1));
    assert_eq!(gate.claims.front().unwrap().by_hand, None);
    gate.answer_claim(&mut event);
    assert_eq!(by_hand(&gate), [true, false]);
}

#[test]
fn who_is_not_the_holder_stays_out() {
    let event = searched();
    let mut gate = online(&event, Some(LEAD));
    pick(&mut gate, &event, 0);
    gate.answer(Answer::No);
    assert_eq!(gate.last(), ReasonCode::IdentityMismatch);
    assert!(gate.claims.is_empty() && gate.lit.is_empty());
}

#[test]
fn nobody_does_it_who_may_not_nor_overrules_that() {
    let mut off = searched();
    off.search = None;
    let mut lasting = searched();
    lasting.search = lasting.search.map(|rule| Search { admit: AdmittedBy::Staff, ..rule });
    for (event, operator, code) in [
        (&off, Some(LEAD), ReasonCode::ByHandOff),
        (&searched(), None, ReasonCode::ByHandRole),
        (&searched(), Some(STAFF), ReasonCode::ByHandRole),
        (&lasting, None, ReasonCode::ByHandRole),
        (&lasting, Some(STAFF), ReasonCode::ConfirmHolder),
    ] {
        let mut gate = online(event, operator);
        pick(&mut gate, event, 0);
        assert_eq!(gate.last(), code);
        if code == ReasonCode::ConfirmHolder {
            continue;
        }
        gate.answer(Answer::Yes);
        assert!(gate.claims.is_empty());
        gate.handle(Input::SignIn { operator: LEAD });
        gate.handle(OVERRIDE);
        assert_eq!(gate.declined.pop(), Some(Declined::NothingToOverrule), "{code}");
        assert!(gate.lit.is_empty());
    }
    let event = searched();
    let mut gate = online(&event, Some(LEAD));
    gate.handle(Input::Direction(Direction::Exit));
    pick(&mut gate, &event, 0);
    assert_eq!((gate.declined.pop(), gate.shown.len()), (Some(Declined::ScansOut), 0));
    gate.handle(Input::Direction(Direction::Entry));
    gate.handle(Input::Link(LinkState::Refused));
    pick(&mut gate, &event, 0);
    assert_eq!((gate.declined.pop(), gate.shown.len()), (Some(Declined::GateRefused), 0));
}

#[test]
fn without_the_server_nobody_is_let_in_by_hand() {
    let mut event = searched();
    let mut gate = online(&event, Some(LEAD));
    gate.handle(Input::Link(LinkState::Alone));
    pick(&mut gate, &event, 0);
    assert_eq!(gate.last(), ReasonCode::ByHandOffline);
    gate.handle(Input::Link(LinkState::Online));
    // Also where the server falls silent in between; a word that comes late isn't gone by.
    pick(&mut gate, &event, 0);
    gate.answer(Answer::Yes);
    let claim = gate.claims.pop_front().unwrap();
    gate.pass(crate::engine::CLAIM_BUDGET);
    assert_eq!(gate.last(), ReasonCode::ByHandOffline);
    gate.handle(OVERRIDE);
    assert_eq!(gate.declined.pop(), Some(Declined::NothingToOverrule));
    let answer = event.answer(&claim);
    gate.handle(Input::Claimed { key: claim.used.claim, answer });
    assert!(gate.lit.is_empty() && by_hand(&gate).is_empty());
    let abandoned = JournalBody::Abandoned { claim: claim.used.claim, right: event.right(0) };
    assert!(gate.bodies().contains(&abandoned));
    // The ticket itself still admits: the grant was given up.
    gate.scan(event.text(0));
    gate.answer_claim(&mut event);
    assert_eq!((gate.last(), by_hand(&gate)), (ReasonCode::Admitted, vec![false]));
}

#[test]
fn what_the_server_asks_is_answered_under_a_new_claim() {
    let mut event = searched();
    let mut gate = online(&event, Some(LEAD));
    pick(&mut gate, &event, 2);
    gate.answer(Answer::Yes);
    let first = gate.claims.pop_front().unwrap().used.claim;
    let asked = ClaimAnswer::Refused {
        refusal: ClaimRefusal::ByHand(ReasonCode::AskPersons),
        facts: Facts { left: Some(2), ..Facts::EMPTY },
    };
    gate.handle(Input::Claimed { key: first, answer: asked });
    assert_eq!(gate.last(), ReasonCode::AskPersons);
    gate.answer(Answer::Number(2));
    let again = gate.claims.front().unwrap();
    assert_eq!((again.used.count, again.abandons.clone()), (2, vec![first]));
    let answers = Answers { persons: Some(2), holder: Some(true), ..Answers::NONE };
    assert_eq!(again.by_hand, Some(answers));
    assert_ne!(again.used.claim, first);
    gate.answer_claim(&mut event);
    assert_eq!((gate.last(), by_hand(&gate)), (ReasonCode::Admitted, vec![true]));
}

/// How far an admission by hand came when the gate died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Asked,
    Intended,
    Claimed,
    Granted,
    Lit,
}

#[test]
fn a_crash_at_any_point_loses_and_doubles_nothing() {
    for step in [Step::Asked, Step::Intended, Step::Claimed, Step::Granted, Step::Lit] {
        for reached in [false, true] {
            let mut event = searched();
            let mut gate = online(&event, Some(LEAD));
            pick(&mut gate, &event, 0);
            if step != Step::Asked {
                gate.slow = true;
                gate.answer(Answer::Yes);
                // What was journalled about the question goes first.
                while step != Step::Intended && gate.claims.is_empty() {
                    gate.finish_store();
                }
            }
            if matches!(step, Step::Claimed | Step::Granted | Step::Lit) {
                let claim = gate.claims.pop_front().unwrap();
                let answer = event.answer(&claim);
                if step != Step::Claimed {
                    gate.handle(Input::Claimed { key: claim.used.claim, answer });
                }
            }
            while step == Step::Lit && gate.lit.is_empty() {
                gate.finish_store();
            }
            let green = gate.lit.len();
            gate.crash(&event, reached);
            gate.slow = false;
            while !gate.waiting.is_empty() {
                gate.finish_store();
            }
            gate.handle(Input::Link(LinkState::Online));
            gate.deliver_all(&mut event);
            gate.feed(&event, 3);
            let case = format!("{step:?}, reached: {reached}");
            let recorded = by_hand(&gate).len();
            assert!(recorded >= green, "{case}: green without a record");
            // The guest comes with their ticket now: in once, altogether.
            gate.scan(event.text(0));
            if gate.last() == ReasonCode::Interrupted {
                gate.answer(Answer::Yes);
                gate.scan(event.text(0));
            }
            while !gate.claims.is_empty() {
                gate.answer_claim(&mut event);
            }
            let expected =
                if recorded == 0 { ReasonCode::Admitted } else { ReasonCode::AlreadyUsed };
            assert_eq!(gate.last(), expected, "{case}");
            assert_eq!(by_hand(&gate).len(), 1, "{case}");
        }
    }
}
