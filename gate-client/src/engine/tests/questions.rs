//! A ticket of several entries can have several interrupted admissions: each is asked about.

use std::collections::BTreeSet;

use kaisatsu_shared::{id::Serial, journal::JournalBody, ledger::LedgerBody, reason::ReasonCode};

use super::world::{ELSEWHERE, Event, Gate, HERE};
use crate::engine::{
    Answer, Input, LinkState,
    granted::Granted,
    heard::Heard,
    holdings::Holdings,
    overlay::{Known, Overlay, Whose},
};

#[test]
fn a_later_interruption_elsewhere_hides_no_earlier_one_here() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(2));
    gate.crash(&event, true);
    gate.slow = false;
    gate.finish_store();
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    event.used_elsewhere(2, 5);
    let (serial, device) = (Serial(2), ELSEWHERE);
    event.append(LedgerBody::Interrupted { serial, device, number: 5 });
    gate.feed(&event, 3);
    for _ in 0..2 {
        gate.scan(event.text(2));
        assert_eq!(gate.last(), ReasonCode::Interrupted);
        gate.answer(Answer::Yes);
    }
    for restart in [false, true] {
        if restart {
            gate.crash(&event, true);
        }
        gate.scan(event.text(2));
        assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    }
    let answered = gate.bodies().into_iter().filter_map(|body| match body {
        JournalBody::Answered { device, number, .. } => Some((device, number)),
        _ => None,
    });
    assert_eq!(answered.collect::<BTreeSet<_>>(), [(HERE, 1), (ELSEWHERE, 5)].into());
}

#[test]
fn a_question_whose_answer_is_still_being_written_is_not_asked_again() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(&event, true);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
    gate.answer(Answer::Yes);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.answer(Answer::No);
    while !gate.waiting.is_empty() {
        gate.finish_store();
    }
    let answers =
        gate.bodies().into_iter().filter(|body| matches!(body, JournalBody::Answered { .. }));
    assert_eq!(answers.count(), 1);
    // What wasn't written is asked again after a restart.
    let mut gate = Gate::new(&event);
    gate.slow = true;
    gate.scan(event.text(0));
    gate.crash(&event, true);
    gate.scan(event.text(0));
    gate.answer(Answer::Yes);
    gate.crash(&event, false);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::Interrupted);
}

#[test]
fn own_interruptions_are_asked_about_oldest_first() {
    let event = Event::new();
    let mut overlay = Overlay::new(HERE);
    let (holdings, granted, heard) = (Holdings::default(), Granted::default(), Heard::default());
    let (holdings, granted, heard) = (&holdings, &granted, &heard);
    let question = |overlay: &Overlay| {
        let known = Known { overlay, holdings, granted, heard, state: &event.state };
        known.view_of(Serial(2), Whose::Others).interrupted
    };
    let mut asked = Vec::new();
    for number in [3, 7, 3] {
        overlay.interrupt(Serial(2), number);
    }
    while let Some((device, number)) = question(&overlay) {
        asked.push(number);
        let right = event.right(2);
        overlay.note(&event.entry(JournalBody::Answered { device, number, right, let_in: true }));
    }
    assert_eq!(asked, [3, 7]);
}
