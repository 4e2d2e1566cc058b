//! The cases at a gate: its engine follows the ledger, gets the scan, and has its effects carried
//! out until it shows a verdict.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{Answer, Effect, Engine, Identity, Input, LinkState, Now, Restored};
use kaisatsu_shared::{
    bundle::EventRules,
    id::{DeviceId, OperatorId},
    ledger::EventState,
    reason::ReasonCode,
    rules::Verdict,
};

use crate::{
    Answerer, Report, Suite, Unusable,
    case::{Case, CaseReach, claim_key},
    scan,
    world::World,
};

/// The device that scans.
pub(crate) const HERE: DeviceId = DeviceId(1);
/// The claim key that it draws, where a case names none.
pub(crate) const DRAWN: u8 = 1;

/// Plays every case through the gate's engine; claims are answered by `answerer`.
#[must_use]
pub fn play_at_gate(suite: &Suite, answerer: &Answerer<'_>) -> Report {
    Report::of(suite, |case, world| play(case, world, answerer))
}

fn play(case: &Case, world: World, answerer: &Answerer<'_>) -> Result<Verdict, Unusable> {
    let text = scan::text(&case.scan, &world)?;
    let rules = world.rules()?;
    let World { signed, open, feed, state, now, .. } = world;
    let now = Now { monotonic: 0, time: now };
    let identity = Identity {
        installation: open.installation,
        event: open.event,
        gate: case.gate,
        device: HERE,
        operator: OperatorId(0),
    };
    let restored = Restored { bundle: Some((signed, open)), ..Restored::default() };
    let (engine, effects) = Engine::start(identity, restored, std::iter::empty(), now)
        .map_err(|error| Unusable::because("the engine doesn't start", error))?;
    let mut gate = Gate { engine, case, state, rules, now, shown: None, durable: 0 };
    gate.carry_out(effects, answerer)?;
    gate.handle(Input::Feed { entries: feed }, answerer)?;
    if case.reach != CaseReach::Nobody {
        gate.handle(Input::Link(LinkState::Online), answerer)?;
    }
    gate.handle(Input::Direction(case.direction.into()), answerer)?;
    let key = claim_key(case.scan.claim.unwrap_or(DRAWN));
    gate.handle(Input::Scan { text, key }, answerer)?;
    while let Some(answer) = gate.answer() {
        let before = gate.shown;
        gate.handle(Input::Answer { answer, key }, answerer)?;
        if gate.shown == before {
            break;
        }
    }
    gate.shown.ok_or_else(|| Unusable("the gate showed no verdict".into()))
}

struct Gate<'a> {
    engine: Engine,
    case: &'a Case,
    /// The server's state.
    state: EventState,
    /// And its rules.
    rules: EventRules,
    now: Now,
    shown: Option<Verdict>,
    /// Journal entries on the disk.
    durable: u64,
}

impl Gate<'_> {
    fn handle(&mut self, input: Input, answerer: &Answerer<'_>) -> Result<(), Unusable> {
        let effects = self.engine.handle(input, self.now);
        self.carry_out(effects, answerer)
    }

    fn carry_out(&mut self, effects: Vec<Effect>, answerer: &Answerer<'_>) -> Result<(), Unusable> {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Store { id, records } => {
                    let journal = |record: &&_| {
                        matches!(record, kaisatsu_gate::engine::Record::Journal { .. })
                    };
                    let entries = u64::try_from(records.iter().filter(journal).count());
                    self.durable = self.durable.saturating_add(entries.unwrap_or_default());
                    Input::Stored { id, result: Ok(()) }
                }
                Effect::Claim(claim) if self.case.reach == CaseReach::Silent => {
                    Input::ClaimFailed { key: claim.used.claim }
                }
                Effect::Claim(claim) => {
                    let answer = answerer(&self.state, &self.rules, &claim, self.now.time);
                    Input::Claimed { key: claim.used.claim, answer }
                }
                Effect::Show { verdict, .. } => {
                    if verdict.outcome().passes() && self.durable == 0 {
                        return Err(Unusable("green without a durable entry".into()));
                    }
                    self.shown = Some(verdict);
                    continue;
                }
                // Deliveries are no part of a case.
                Effect::Upload { .. } => Input::UploadFailed,
                Effect::Conflict { .. }
                | Effect::TimesDoubted(_)
                | Effect::Done(_)
                | Effect::Declined(_) => continue,
                Effect::FeedBroken(why) => return Err(Unusable::because("the feed", why)),
            };
            todo.extend(self.engine.handle(input, self.now));
        }
        Ok(())
    }

    /// What staff say to the question on the screen, where the case says it.
    fn answer(&self) -> Option<Answer> {
        let answers = self.case.answers;
        match self.shown?.code {
            ReasonCode::AskPersons => answers.persons.map(Answer::Number),
            ReasonCode::CheckIdentity => {
                answers.identity.map(|fits| if fits { Answer::Yes } else { Answer::No })
            }
            ReasonCode::AskQuestion => answers.choice.map(Answer::Number),
            _ => None,
        }
    }
}
