//! The domain's decision, asked of a state without a gate around it: the one place that sets the
//! fields of its context and its knowledge.

use kaisatsu_shared::{
    bundle::OpenBundle,
    display::clock::LinkCache,
    id::Serial,
    ledger::{Crowd, EventState},
    reason::ReasonCode,
    rules::{
        Answers, Context, Decision, Holder, Knowledge, Reach, RightView, Rights, SeenBy, decide,
        decide_by_hand,
    },
    time::TimeInterval,
};

use crate::{
    case::{Case, CaseReach},
    gate::HERE,
    scan::Given,
};

/// Decides the case's scan from `state`.
pub(crate) fn decide_from(
    state: &EventState,
    bundle: &OpenBundle,
    case: &Case,
    reach: Reach,
    now: TimeInterval,
    given: &Given,
) -> Decision {
    answered(state, bundle, case, reach, now, given).0
}

/// The same, and the context that staff's answers left it with.
pub(crate) fn answered(
    state: &EventState,
    bundle: &OpenBundle,
    case: &Case,
    reach: Reach,
    now: TimeInterval,
    given: &Given,
) -> (Decision, Context) {
    let rights = Known(state);
    let knowledge = Knowledge { bundle, roster: state.roster(), rights: &rights };
    let mut context = Context {
        gate: case.gate,
        direction: case.direction.into(),
        reach,
        now,
        answers: Answers::NONE,
    };
    loop {
        let decision = match given {
            Given::Code(text) => decide(text, &knowledge, &context, &mut LinkCache::default()),
            Given::Hand(hand) => {
                let role = bundle.role(hand.operator);
                decide_by_hand(&hand.token, role, &knowledge, &context)
            }
        };
        let answered = context.answers;
        answer(case, decision.verdict.code, &mut context.answers);
        if context.answers == answered {
            return (decision, context);
        }
    }
}

/// Adds what staff say to the question of a verdict, where the case says it.
fn answer(case: &Case, code: ReasonCode, answers: &mut Answers) {
    match code {
        ReasonCode::AskPersons => answers.persons = case.answers.persons,
        ReasonCode::CheckIdentity => answers.identity = case.answers.identity,
        ReasonCode::AskQuestion => answers.choice = case.answers.choice,
        ReasonCode::ConfirmHolder => answers.holder = case.answers.holder,
        _ => {}
    }
}

/// Whom the server's decision reckons to be in reach: an unanswered claim is decided alone.
pub(crate) const fn reach(case: &Case) -> Reach {
    match case.reach {
        CaseReach::Server => Reach::Server,
        CaseReach::Nobody | CaseReach::Silent => Reach::Nobody,
    }
}

/// What is recorded, and who decides as the gate that scans knows it.
pub(crate) struct Known<'a>(pub(crate) &'a EventState);

impl Rights for Known<'_> {
    fn view(&self, serial: Serial) -> RightView {
        self.0.view(serial)
    }

    fn crowd(&self, _: Serial) -> Crowd<'_> {
        Crowd::of(self.0, |lease| lease.device == HERE)
    }

    fn holder(&self, serial: Serial) -> Holder {
        SeenBy { device: HERE, state: self.0 }.holder(serial)
    }
}
