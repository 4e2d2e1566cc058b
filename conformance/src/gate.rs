//! The cases at a gate: its engine follows the ledger, gets the scan, and has its effects carried
//! out until it shows a verdict, which staff may overrule.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{
    Answer, Effect, Engine, Identity, Input, LinkState, Now, Restored, StoreFailed,
};
use kaisatsu_shared::{
    bundle::{EventRules, OpenBundle},
    id::{DeviceId, OperatorId},
    ledger::EventState,
    reason::ReasonCode,
    rules::{Answers, Context, Direction, Knowledge, Reach, SeenBy, Verdict, decide_by_hand},
    sync::{Claim, ClaimAnswer, ClaimRefusal},
    time::TimeInterval,
};

use crate::{
    Report, Suite, Unusable,
    answer::answer,
    case::{Case, CaseReach, Fault, claim_key},
    scan::{Given, HandCase},
    server::LATER,
    then::{Declined, Played, Then},
    world::World,
};

/// The device that scans.
pub(crate) const HERE: DeviceId = DeviceId(1);
/// The claim key that it draws, where a case names none.
pub(crate) const DRAWN: u8 = 1;

/// The first of the claim keys that it draws with answers about a guest without a code.
const ANSWERED: u8 = 200;
/// More than any guest is asked.
const MOST_ANSWERS: u8 = 8;

/// Plays every case through the gate's engine.
#[must_use]
pub fn play_at_gate(suite: &Suite) -> Report {
    Report::of(suite, play)
}

fn play(case: &Case, world: World) -> Result<Played, Unusable> {
    let given = Given::of(&case.scan, &world)?;
    let rules = world.rules()?;
    let served = world.reopened()?;
    let later = later(case, &world)?;
    let World { signed, open, feed, state, now, .. } = world;
    let now = Now { monotonic: 0, time: now };
    let identity = Identity {
        installation: open.installation,
        event: open.event,
        gate: case.gate,
        device: HERE,
        operator: case.scan.by_hand.unwrap_or(OperatorId(0)),
    };
    let restored = Restored { bundle: Some((signed, open)), ..Restored::default() };
    let (engine, effects) = Engine::start(identity, restored, std::iter::empty(), now)
        .map_err(|error| Unusable::because("the engine doesn't start", error))?;
    let hand = match &given {
        Given::Hand(hand) => Some(hand),
        Given::Code(_) => None,
    };
    let server = Server { state, rules, bundle: served, hand };
    let mut gate = Gate { engine, case, server, now, shown: None, declined: None, durable: 0 };
    gate.carry_out(effects)?;
    gate.handle(Input::Feed { entries: feed, end: None })?;
    if case.reach != CaseReach::Nobody {
        gate.handle(Input::Link(LinkState::Online))?;
    }
    gate.handle(Input::Direction(case.direction.into()))?;
    if case.fault == Some(Fault::GateRevoked) {
        gate.handle(Input::Revoked)?;
    }
    let key = claim_key(case.scan.claim.unwrap_or(DRAWN));
    let input = match &given {
        Given::Code(text) => Input::Scan { text: text.clone(), key },
        Given::Hand(hand) => Input::AdmitByHand { right: hand.right, key },
    };
    gate.handle(input)?;
    for number in 0..MOST_ANSWERS {
        let Some(answer) = gate.answer() else { break };
        let before = gate.shown;
        // By hand each question may have been a claim's, which is given up with its key.
        let by_hand = case.scan.by_hand.is_some();
        let key = if by_hand { claim_key(ANSWERED.saturating_add(number)) } else { key };
        gate.handle(Input::Answer { answer, key })?;
        if gate.shown == before {
            break;
        }
    }
    for input in later {
        gate.declined = None;
        gate.handle(input)?;
    }
    let verdict = gate.shown.ok_or_else(|| Unusable("the gate showed no verdict".into()))?;
    Ok(Played { verdict, declined: gate.declined })
}

/// What the gate hears of after the scan.
fn later(case: &Case, world: &World) -> Result<Vec<Input>, Unusable> {
    let mut inputs = Vec::new();
    let mut number = LATER;
    for then in &case.then {
        number = number.saturating_add(1);
        match *then {
            Then::Scanned { ticket } => {
                let key = claim_key(number);
                match Given::of(&Then::scan(ticket), world)? {
                    Given::Code(text) => inputs.push(Input::Scan { text, key }),
                    Given::Hand(_) => return Err(Unusable("a scan is of a code".into())),
                }
            }
            Then::NotLetIn {} => {
                inputs.push(Input::Answer { answer: Answer::No, key: claim_key(number) });
            }
            Then::Overruled { operator, reason } => {
                let signed_in = operator != OperatorId(0);
                inputs.extend(signed_in.then_some(Input::SignIn { operator }));
                inputs.push(Input::Override { reason });
            }
        }
    }
    Ok(inputs)
}

const fn yes_or_no(yes: bool) -> Answer {
    if yes { Answer::Yes } else { Answer::No }
}

/// Who answers the gate's claims.
struct Server<'a> {
    state: EventState,
    rules: EventRules,
    bundle: OpenBundle,
    hand: Option<&'a HandCase>,
}

impl Server<'_> {
    /// A guest to be let in by hand is judged from their ticket first.
    fn answer(&self, claim: &Claim, now: TimeInterval, fault: Option<Fault>) -> ClaimAnswer {
        let by_hand = self.hand.zip(claim.by_hand);
        let refusal = by_hand.and_then(|(hand, answers)| self.judge(hand, claim, answers, now));
        refusal.unwrap_or_else(|| answer(&self.state, &self.rules, claim, (now, fault)))
    }

    fn judge(
        &self,
        hand: &HandCase,
        claim: &Claim,
        answers: Answers,
        now: TimeInterval,
    ) -> Option<ClaimAnswer> {
        let rights = SeenBy { device: HERE, state: &self.state };
        let knowledge =
            Knowledge { bundle: &self.bundle, roster: self.state.roster(), rights: &rights };
        let (gate, direction, reach) = (claim.used.gate, Direction::Entry, Reach::Server);
        let context = Context { gate, direction, reach, now, answers };
        let role = self.bundle.role(claim.used.operator);
        let verdict = decide_by_hand(&hand.token, role, &knowledge, &context).verdict;
        let refusal = ClaimRefusal::ByHand(verdict.code);
        let refused = ClaimAnswer::Refused { refusal, facts: verdict.facts };
        (!verdict.outcome().passes()).then_some(refused)
    }
}

struct Gate<'a> {
    engine: Engine,
    case: &'a Case,
    server: Server<'a>,
    now: Now,
    shown: Option<Verdict>,
    declined: Option<Declined>,
    /// Journal entries on the disk.
    durable: u64,
}

impl Gate<'_> {
    fn handle(&mut self, input: Input) -> Result<(), Unusable> {
        let effects = self.engine.handle(input, self.now);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Unusable> {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Store { id, records } => {
                    let journal = |record: &&_| {
                        matches!(record, kaisatsu_gate::engine::Record::Journal { .. })
                    };
                    let entries = u64::try_from(records.iter().filter(journal).count());
                    self.durable = self.durable.saturating_add(entries.unwrap_or_default());
                    let full = self.case.fault == Some(Fault::DiskFull);
                    Input::Stored { id, result: if full { Err(StoreFailed) } else { Ok(()) } }
                }
                Effect::Claim(claim) if self.case.reach == CaseReach::Silent => {
                    Input::ClaimFailed { key: claim.used.claim }
                }
                Effect::Claim(claim) => {
                    let fault = self.case.fault;
                    let answer = self.server.answer(&claim, self.now.time, fault);
                    Input::Claimed { key: claim.used.claim, answer }
                }
                Effect::Show { verdict, .. } => {
                    if verdict.outcome().passes() && self.durable == 0 {
                        return Err(Unusable("green without a durable entry".into()));
                    }
                    self.shown = Some(verdict);
                    continue;
                }
                Effect::Wait { verdict, .. } => {
                    self.shown = Some(verdict);
                    continue;
                }
                // Deliveries are no part of a case.
                Effect::Upload { .. } => Input::UploadFailed,
                Effect::Declined(declined) => {
                    self.declined = Some(declined.try_into()?);
                    continue;
                }
                // The cases have no hub.
                Effect::AskHub(_)
                | Effect::TellHub { .. }
                | Effect::OfferHub { .. }
                | Effect::HubAnswer { .. }
                | Effect::HubHeard { .. }
                | Effect::Recall { .. }
                | Effect::HandOver { .. } => continue,
                Effect::Conflict { .. } | Effect::TimesDoubted(_) | Effect::Done(_) => continue,
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
            ReasonCode::CheckIdentity => answers.identity.map(yes_or_no),
            ReasonCode::ConfirmHolder => answers.holder.map(yes_or_no),
            ReasonCode::AskQuestion => answers.choice.map(Answer::Number),
            _ => None,
        }
    }
}
