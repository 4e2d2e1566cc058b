//! Questions that finish a scan: one redemption, whatever was asked before.

use kaisatsu_shared::{
    journal::JournalBody,
    reason::{LocalText, ReasonCode},
    rules::{Check, Choice, Question},
};

use super::world::{Event, Gate};
use crate::engine::Answer;

fn checked() -> Event {
    let mut event = Event::new();
    let choice = |admits| Choice { name: LocalText::default(), admits };
    let choices = vec![choice(true), choice(false)];
    let question = Some(Question { text: LocalText::default(), choices });
    event.admission.check = Check { photo: true, name: false, age: Some(18), question };
    event
}

fn names(gate: &Gate) -> Vec<&'static str> {
    gate.bodies().iter().map(JournalBody::name).collect()
}

#[test]
fn answers_lead_to_one_redemption_alone_and_online() {
    for online in [false, true] {
        let mut event = checked();
        let mut gate = if online { Gate::online(&event) } else { Gate::new(&event) };
        gate.scan(event.text(0));
        assert_eq!(gate.last(), ReasonCode::CheckIdentity);
        gate.answer(Answer::Yes);
        assert_eq!(gate.last(), ReasonCode::AskQuestion);
        assert!(gate.claims.is_empty(), "claimed before everything was asked");
        gate.answer(Answer::Number(1));
        if online {
            gate.answer_claim(&mut event);
        }
        assert_eq!(gate.last(), ReasonCode::Admitted);
        let expected = ["refused", "refused", "checked", "redeemed", "shown"];
        assert_eq!(names(&gate), expected, "online: {online}");
        let given =
            JournalBody::Checked { right: event.right(0), identity: Some(true), choice: Some(1) };
        assert!(gate.bodies().contains(&given));
        gate.answer(Answer::Yes);
        assert_eq!(names(&gate).len(), 5, "an answer to nothing was taken");
    }
}

#[test]
fn what_does_not_fit_keeps_out_and_is_recorded() {
    for (answers, code) in [
        (&[Answer::No][..], ReasonCode::IdentityMismatch),
        (&[Answer::Yes, Answer::Number(2)][..], ReasonCode::AnswerRefused),
    ] {
        let event = checked();
        let mut gate = Gate::new(&event);
        gate.scan(event.text(0));
        for answer in answers {
            gate.answer(*answer);
        }
        assert_eq!(gate.last(), code);
        assert!(names(&gate).contains(&"checked") && !names(&gate).contains(&"redeemed"));
        assert!(gate.lit.is_empty());
        // The next guest's answers aren't this one's.
        gate.scan(event.text(1));
        assert_eq!(gate.last(), ReasonCode::CheckIdentity);
    }
}

#[test]
fn an_answer_of_another_kind_or_to_another_guest_changes_nothing() {
    let event = checked();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    for answer in [Answer::Number(1), Answer::Number(0)] {
        gate.answer(answer);
        assert_eq!((gate.last(), gate.shown.len()), (ReasonCode::CheckIdentity, 1));
    }
    gate.answer(Answer::Yes);
    // Somebody else shows a ticket before the second question is answered.
    gate.scan(event.text(1));
    gate.answer(Answer::Number(1));
    assert_eq!(gate.last(), ReasonCode::CheckIdentity);
    assert!(gate.lit.is_empty());
}

#[test]
fn a_ticket_used_while_staff_asked_is_not_admitted() {
    let mut event = checked();
    event.admission.check.question = None;
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    event.used_elsewhere(0, 1);
    gate.feed(&event, 3);
    gate.answer(Answer::Yes);
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    assert!(gate.lit.is_empty());
}

#[test]
fn a_group_comes_in_parts_and_no_more_than_it_is() {
    let mut event = Event::new();
    event.admission.group = true;
    let mut gate = Gate::online(&event);
    // Ticket 2 is for two.
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::AskPersons);
    assert_eq!(gate.shown.last().unwrap().1.facts.left, Some(2));
    gate.answer(Answer::Number(3));
    assert_eq!(gate.last(), ReasonCode::NotEnoughLeft);
    gate.scan(event.text(2));
    gate.answer(Answer::Number(0));
    assert_eq!(gate.last(), ReasonCode::AskPersons);
    gate.answer(Answer::Number(2));
    assert_eq!(gate.claims.front().unwrap().used.count, 2);
    gate.answer_claim(&mut event);
    let shown = gate.shown.last().unwrap().1;
    assert_eq!(
        (shown.code, shown.facts.persons, shown.facts.left),
        (ReasonCode::Admitted, Some(2), Some(0))
    );
    let redeemed = gate.bodies().into_iter().filter_map(|body| match body {
        JournalBody::Redeemed { count, .. } => Some(count),
        _ => None,
    });
    assert_eq!(redeemed.collect::<Vec<_>>(), [2]);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn another_number_of_persons_is_another_claim() {
    let mut event = Event::new();
    event.admission.group = true;
    let mut gate = Gate::online(&event);
    gate.scan(event.text(2));
    gate.answer(Answer::Number(2));
    let first = gate.claims.pop_front().unwrap().used.claim;
    // The redemption can't be written, so the claim stays open.
    gate.full = true;
    let granted = kaisatsu_shared::sync::ClaimAnswer::Granted { sequence: 9 };
    gate.handle(crate::engine::Input::Claimed { key: first, answer: granted });
    assert_eq!(gate.last(), ReasonCode::CannotRecord);
    gate.full = false;
    gate.scan(event.text(2));
    gate.answer(Answer::Number(1));
    let again = gate.claims.pop_front().unwrap();
    assert_ne!(again.used.claim, first);
    assert!(again.abandons.contains(&first));
}
