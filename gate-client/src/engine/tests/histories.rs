//! Random histories: scans, answers, cuts, crashes, a full disk, late and repeated messages.
//! The driver in `world.rs` checks each effect; here is what must hold of the whole.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::Serial,
    journal::JournalBody,
    ledger::{LedgerBody, VoidReason},
    right::{Authority, OverrideReason},
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
};
use proptest::prelude::*;

use super::{
    interventions::{LEAD, staffed},
    world::{ENTRIES, Event, Gate, HERE},
};
use crate::engine::{Answer, Input, LinkState};

#[derive(Clone, Debug)]
enum Step {
    Scan(u32),
    Text(String),
    Answer(bool),
    ServerAnswers,
    AnswerIsLate,
    Refuses(ClaimRefusal),
    ClaimFails,
    ClaimRejected,
    StrangeGrant,
    Pass(u64),
    Link(LinkState),
    Deliver,
    AnswerToDeliveryLost,
    DeliveryFails,
    Feed { back: usize },
    Elsewhere(u32),
    Void(u32),
    Annul,
    Override,
    SignIn,
    Full(bool),
    Slow(bool),
    FinishStore,
    Crash { reached: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u32..4).prop_map(Step::Scan),
        1 => ".{0,40}".prop_map(Step::Text),
        1 => "KS1:[0-9A-Z $%*+./:-]{0,200}".prop_map(Step::Text),
        2 => any::<bool>().prop_map(Step::Answer),
        5 => Just(Step::ServerAnswers),
        1 => Just(Step::AnswerIsLate),
        1 => prop::sample::select(vec![
            ClaimRefusal::AlreadyUsed, ClaimRefusal::BeingAdmitted, ClaimRefusal::Interrupted,
            ClaimRefusal::Abandoned, ClaimRefusal::KeyReused,
        ]).prop_map(Step::Refuses),
        1 => Just(Step::ClaimFails),
        1 => Just(Step::ClaimRejected),
        1 => Just(Step::StrangeGrant),
        2 => (1_u64..400).prop_map(Step::Pass),
        2 => prop::sample::select(vec![
            LinkState::Online, LinkState::Online, LinkState::Online, LinkState::Alone, LinkState::Refused,
        ]).prop_map(Step::Link),
        3 => Just(Step::Deliver),
        1 => Just(Step::AnswerToDeliveryLost),
        1 => Just(Step::DeliveryFails),
        3 => (0_usize..4).prop_map(|back| Step::Feed { back }),
        1 => (0_u32..3).prop_map(Step::Elsewhere),
        1 => (0_u32..3).prop_map(Step::Void),
        2 => Just(Step::Annul),
        1 => Just(Step::Override),
        1 => Just(Step::SignIn),
        1 => any::<bool>().prop_map(Step::Full),
        1 => any::<bool>().prop_map(Step::Slow),
        4 => Just(Step::FinishStore),
        2 => any::<bool>().prop_map(|reached| Step::Crash { reached }),
    ]
}

fn take(event: &mut Event, gate: &mut Gate, number: u64, step: Step) {
    match step {
        Step::Scan(serial) => gate.scan(event.text(serial)),
        Step::Text(text) => gate.scan(text),
        Step::Answer(let_in) => gate.answer(if let_in { Answer::Yes } else { Answer::No }),
        Step::ServerAnswers => {
            if let Some(claim) = gate.claims.front()
                && claim.used.right.serial.0 < 3
            {
                gate.answer_claim(event);
            }
        }
        Step::AnswerIsLate => {
            if let Some(claim) = gate.claims.pop_front()
                && claim.used.right.serial.0 < 3
            {
                let answer = event.answer(&claim);
                gate.pass(400);
                gate.handle(Input::Claimed { key: claim.used.claim, answer });
            }
        }
        Step::Refuses(refusal) => {
            if let Some(claim) = gate.claims.pop_front() {
                let answer = ClaimAnswer::Refused { refusal, facts: Facts::EMPTY };
                gate.handle(Input::Claimed { key: claim.used.claim, answer });
            }
        }
        Step::ClaimFails => {
            if let Some(claim) = gate.claims.pop_front() {
                gate.handle(Input::ClaimFailed { key: claim.used.claim });
            }
        }
        Step::ClaimRejected => {
            if let Some(claim) = gate.claims.pop_front() {
                gate.handle(Input::ClaimRejected { key: claim.used.claim });
            }
        }
        Step::StrangeGrant => {
            let key = gate.key();
            gate.handle(Input::Claimed { key, answer: ClaimAnswer::Granted { sequence: 1 } });
        }
        Step::Pass(millis) => gate.pass(millis),
        Step::Link(state) => gate.handle(Input::Link(state)),
        Step::Deliver => {
            if let Some(entries) = gate.uploads.front() {
                event.issue_the_fourth(entries);
                gate.deliver(event);
            }
        }
        Step::AnswerToDeliveryLost => {
            if let Some(entries) = gate.uploads.pop_front() {
                event.issue_the_fourth(&entries);
                event.take(&entries);
                gate.handle(Input::UploadFailed);
            }
        }
        Step::DeliveryFails => {
            if gate.uploads.pop_front().is_some() {
                gate.handle(Input::UploadFailed);
            }
        }
        Step::Feed { back } => {
            let known = gate.engine.state().cursor().sequence as usize;
            gate.feed(event, known.saturating_sub(back));
        }
        Step::Elsewhere(serial) => {
            event.used_elsewhere(serial, number + 1);
        }
        Step::Void(serial) => {
            event.append(LedgerBody::Voided { serial: Serial(serial), reason: VoidReason::Other });
        }
        Step::Annul => gate.handle(Input::Annul),
        Step::Override => gate.handle(Input::Override { reason: OverrideReason::Safety }),
        Step::SignIn => gate.handle(Input::SignIn { operator: LEAD }),
        Step::Full(full) => gate.full = full,
        Step::Slow(slow) => {
            gate.slow = slow;
            while !slow && !gate.waiting.is_empty() {
                gate.finish_store();
            }
        }
        Step::FinishStore => gate.finish_store(),
        Step::Crash { reached } => gate.crash(event, reached),
    }
}

/// What the finished journal must say.
fn check(gate: &Gate) -> Result<(), TestCaseError> {
    let mut uses = BTreeMap::<_, u32>::new();
    let mut keys = BTreeSet::new();
    let mut answers = BTreeSet::new();
    let mut annulled = BTreeSet::new();
    for (index, body) in gate.bodies().into_iter().enumerate() {
        match body {
            JournalBody::Redeemed { right, claim, authority, .. } => {
                *uses.entry(right.serial).or_default() += 1;
                prop_assert!(keys.insert(claim), "{claim} has two outcomes");
                if authority == Authority::Alone {
                    let known = gate.engine.state().roster().len();
                    prop_assert!(right.serial.0 < known, "alone without roster");
                }
            }
            JournalBody::Abandoned { claim, .. } => {
                prop_assert!(keys.insert(claim), "{claim} has two outcomes");
            }
            JournalBody::Answered { device, number, .. } => {
                prop_assert!(answers.insert((device, number)), "{number} answered twice");
            }
            JournalBody::Annulled { device, number, right } => {
                prop_assert!(annulled.insert((device, number)), "{number} taken back twice");
                if device == HERE {
                    *uses.entry(right.serial).or_default() -= 1;
                }
            }
            JournalBody::Shown { number } => {
                prop_assert!(gate.lit.contains(&number) && number <= index as u64);
            }
            _ => {}
        }
    }
    for (serial, uses) in uses {
        let allowed = ENTRIES.get(serial.0 as usize).copied().unwrap_or(1);
        prop_assert!(uses <= u32::from(allowed), "ticket {serial} was admitted {uses} times");
    }
    Ok(())
}

/// With disk and server back, everything comes to rest and everything arrives.
fn settle(event: &mut Event, gate: &mut Gate) -> Result<(), TestCaseError> {
    gate.full = false;
    gate.slow = false;
    gate.handle(Input::Link(LinkState::Alone));
    for serial in 0..4 {
        gate.pass(1_000);
        gate.scan(event.text(serial));
    }
    for _ in 0..20 {
        while !gate.waiting.is_empty() {
            gate.finish_store();
        }
        while let Some(claim) = gate.claims.pop_front() {
            gate.handle(Input::ClaimFailed { key: claim.used.claim });
        }
        gate.handle(Input::Link(LinkState::Online));
        gate.pass(1_000);
        while let Some(entries) = gate.uploads.pop_front() {
            // Ticket 3 was let in by word of a server that these histories make up.
            event.issue_the_fourth(&entries);
            let answer = event.take(&entries);
            gate.handle(Input::Uploaded(answer));
        }
        gate.feed(event, gate.engine.state().cursor().sequence as usize);
    }
    prop_assert!(gate.engine.is_idle());
    prop_assert!(gate.broken.is_empty(), "{:?}", gate.broken);
    prop_assert!(gate.disk.intents.is_empty(), "a claim without outcome");
    prop_assert_eq!(gate.engine.status().unsynced, 0);
    prop_assert_eq!(&gate.disk.ledger, &event.ledger);
    for number in &gate.lit {
        let recorded = event.state.rights().any(|(_, right)| {
            let by_lead =
                right.overrides.iter().any(|told| (told.by.device, told.number) == (HERE, *number));
            right.redemption(HERE, *number).is_some() || by_lead
        });
        let answered = matches!(gate.bodies()[*number as usize - 1], JournalBody::Answered { .. });
        prop_assert!(recorded || answered, "the green of entry {number} never arrived");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_the_promises(steps in prop::collection::vec(step(), 1..80)) {
        let mut event = staffed();
        let mut gate = Gate::online(&event);
        for (number, step) in steps.into_iter().enumerate() {
            take(&mut event, &mut gate, number as u64, step);
        }
        check(&gate)?;
        settle(&mut event, &mut gate)?;
        check(&gate)?;
    }

    #[test]
    fn no_text_is_admitted_or_breaks_the_gate(text in "\\PC{0,300}") {
        let event = staffed();
        let mut gate = Gate::online(&event);
        gate.scan(text);
        prop_assert!(gate.lit.is_empty() && gate.claims.is_empty() && gate.shown.len() == 1);
        prop_assert_eq!(gate.engine.status().link, LinkState::Online);
    }
}
