//! What guest and staff do after a verdict: answer, ask a lead, try again, take back, go.

use kaisatsu_gate::engine::{Answer, Input};
use kaisatsu_shared::{
    reason::{Outcome, ReasonCode},
    right::{OverrideReason, UseKind},
};

use super::{Gate, Visitor, showing::AGAIN};
use crate::{
    check::Check,
    event::{Event, StaffAct},
    house::LEAD,
    plan::{Mistake, Shows, Visit},
    record::LightKind,
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// A guest tries so many times at most.
const MOST_ATTEMPTS: u8 = 4;

impl Gate {
    /// After a verdict that lets nobody pass.
    pub(super) fn react(
        &mut self,
        stage: &mut Stage,
        visitor: Visitor,
        visit: &Visit,
        code: ReasonCode,
    ) {
        let act = match code {
            ReasonCode::AskPersons => Some(StaffAct::Count(visit.persons)),
            ReasonCode::Interrupted => stage.record.was_let_in(visit.serial).map(StaffAct::LetIn),
            _ if code.outcome() == Outcome::Review && visit.insists => Some(StaffAct::Override),
            _ => None,
        };
        if let Some(act) = act {
            let soon = stage.draw.between(300 * MILLI, 4 * SECOND);
            return self.plan_act(stage, visitor.visit, act, soon);
        }
        let again = matches!(
            code,
            ReasonCode::BeingAdmitted
                | ReasonCode::DisplayBehind
                | ReasonCode::ServerNeeded
                | ReasonCode::CannotRecord
                | ReasonCode::ClaimRefused
                | ReasonCode::ClockUnsure
                | ReasonCode::OtherLane
                | ReasonCode::LaneSilent
                | ReasonCode::ServerRestored
        );
        if again && visitor.attempt < MOST_ATTEMPTS && !stage.healed {
            let (visit, attempt) = (visitor.visit, visitor.attempt.saturating_add(1));
            stage.after(AGAIN, Event::Visits { visit, attempt });
        }
        self.leave(stage);
    }

    /// After a light.
    pub(super) fn after_light(
        &mut self,
        stage: &mut Stage,
        visitor: Visitor,
        visit: &Visit,
        kind: LightKind,
    ) {
        let mistaken = visit.mistake != Mistake::None && kind == LightKind::Use(UseKind::Entry);
        if mistaken && !stage.healed {
            let soon = stage.draw.between(SECOND, 15 * SECOND);
            self.plan_act(stage, visitor.visit, StaffAct::Annul, soon);
        } else if kind == LightKind::Override {
            self.plan_act(stage, visitor.visit, StaffAct::SignOut, SECOND);
        } else {
            self.leave(stage);
        }
    }

    pub(super) fn plan_act(&self, stage: &mut Stage, visit: usize, act: StaffAct, soon: u64) {
        let (gate, boot) = (self.place, self.boot);
        stage.after(soon, Event::Staff { gate, boot, visit, act });
        let later = soon.saturating_add(20 * SECOND);
        let gives_up = Event::Staff { gate, boot, visit, act: StaffAct::GiveUp };
        if !matches!(act, StaffAct::Wonder(_)) {
            stage.after(later, gives_up);
        }
    }

    pub(super) fn act(&mut self, stage: &mut Stage, visit: usize, act: StaffAct) {
        let Some(running) = &mut self.running else { return };
        if running.visitor.is_none_or(|visitor| visitor.visit != visit) {
            return;
        }
        if stage.healed {
            // The doors are closed; whoever waits for a verdict gets it.
            if running.visitor.is_some_and(|visitor| !visitor.waits) {
                self.leave(stage);
            }
            return;
        }
        let next = running.engine.next_scan();
        if let Some(visitor) = running.visitor.as_mut().filter(|_| act.is_for_a_light()) {
            visitor.scan = next;
            visitor.waits = true;
        }
        if let Some(visitor) = running.visitor.as_mut().filter(|_| act.is_for_a_light()) {
            visitor.overrules = act == StaffAct::Override;
        }
        if !matches!(act, StaffAct::Wonder(_) | StaffAct::GiveUp) {
            stage.tell(format_args!("staff at gate {}: {act:?}", self.place));
        }
        match act {
            StaffAct::Count(persons) => {
                let key = Self::key(stage);
                self.handle(stage, Input::Answer { answer: Answer::Number(persons), key });
            }
            StaffAct::LetIn(let_in) => {
                let key = Self::key(stage);
                let answer = if let_in { Answer::Yes } else { Answer::No };
                self.handle(stage, Input::Answer { answer, key });
            }
            StaffAct::Annul => {
                self.taken_back = Some(stage.now());
                self.handle(stage, Input::Annul);
            }
            StaffAct::Override => {
                self.handle(stage, Input::SignIn { operator: LEAD });
                self.handle(stage, Input::Override { reason: OverrideReason::Courtesy });
            }
            StaffAct::SignOut => {
                self.handle(stage, Input::SignOut);
                self.leave(stage);
            }
            StaffAct::Wonder(scan) => {
                let waits = running.visitor.filter(|it| it.waits && it.scan.0 == scan);
                if waits.is_some() && !self.disk_full {
                    let what = format!("no verdict comes at gate {}", self.place);
                    stage.wrong(Check::NobodyStranded, what);
                }
            }
            StaffAct::GiveUp => {
                if !self.engine().is_some_and(|engine| engine.is_deciding()) {
                    self.handle(stage, Input::SignOut);
                    self.leave(stage);
                }
            }
        }
    }
}

impl StaffAct {
    /// Whether a verdict follows.
    const fn is_for_a_light(self) -> bool {
        matches!(self, Self::Count(_) | Self::LetIn(_) | Self::Override)
    }
}

impl Visit {
    /// Whether what is shown is a ticket.
    #[must_use]
    pub const fn is_genuine(&self) -> bool {
        !matches!(self.shows, Shows::Nonsense(_))
    }
}
