//! Staff's answers to what a verdict asks: whether an interrupted guest was let in, whether an ID
//! fits, how many of a group enter. An answer is judged with all that may have changed meanwhile.

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, Serial},
    journal::JournalBody,
    reason::ReasonCode,
    right::RightRef,
    rules::{Answers, Facts, RightView, Verdict, bars_answer},
};

use super::{
    Answer, Done, Effect, Engine, LinkState, Now, ScanId, Then,
    case::{Case, Open, Pending, Stage},
    overlay::Whose,
};
use kaisatsu_shared::planted::{Fault, is_planted};

/// For so long, in milliseconds, an answer is to the code as it was read. Later it is judged anew.
const ANSWER_LASTS: u64 = 120_000;

impl Engine {
    /// Staff's word on the verdict shown last.
    pub(super) fn answer(
        &mut self,
        answer: Answer,
        key: ClaimKey,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        if self.pending.is_some() {
            return;
        }
        let Some(open) = &self.open else { return };
        let mut answers = open.case.answers;
        match (open.verdict.code, answer) {
            (ReasonCode::Interrupted, Answer::Yes | Answer::No) => {
                return self.was_let_in(answer == Answer::Yes, key, now, effects);
            }
            (ReasonCode::CheckIdentity, Answer::Yes) => answers.identity = Some(true),
            (ReasonCode::CheckIdentity, Answer::No) => answers.identity = Some(false),
            (ReasonCode::ConfirmHolder, Answer::Yes) => answers.holder = Some(true),
            (ReasonCode::ConfirmHolder, Answer::No) => answers.holder = Some(false),
            (ReasonCode::AskPersons, Answer::Number(persons @ 1..)) => {
                answers.persons = Some(persons);
            }
            (ReasonCode::AskQuestion, Answer::Number(place @ 1..)) => {
                answers.choice = Some(place);
            }
            _ => return,
        }
        let Some(Open { case, .. }) = self.open.take() else { return };
        self.judge_anew(Case { answers, ..case }, key, now, effects);
    }

    /// Judges the case with all that may have changed, as of when its code was read.
    fn judge_anew(&mut self, case: Case, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let lasts = now.monotonic.saturating_sub(case.read.monotonic) <= ANSWER_LASTS;
        let read = if lasts { case.read } else { now };
        let scan = self.number_scan();
        self.scan(scan, Case { read, ..case }, key, now, effects);
    }

    /// Journals what staff saw and heard, once it has let the guest in or kept them out.
    pub(super) fn note_answers(
        &mut self,
        case: &Case,
        code: ReasonCode,
        right: Option<RightRef>,
        now: Now,
    ) {
        let Answers { identity, choice, .. } = case.answers;
        let decides = code.outcome().passes()
            || matches!(code, ReasonCode::IdentityMismatch | ReasonCode::AnswerRefused);
        if let Some(right) = right.filter(|_| decides && (identity, choice) != (None, None)) {
            let body = JournalBody::Checked { right, identity, choice };
            self.push_entry(body, now.time, Then::MustFollow);
        }
    }

    /// Whether the guest of an interrupted admission had been let in.
    fn was_let_in(&mut self, let_in: bool, key: ClaimKey, now: Now, effects: &mut Vec<Effect>) {
        let Some(Open { case, verdict, right }) = self.open.take() else { return };
        let view = self.known().view_of(right.serial, Whose::Others);
        let Some((device, number)) = view.interrupted else {
            // Another gate's staff answered meanwhile. Who is inside needs nothing more; who stands here
            // is judged by what is known now.
            if let_in {
                effects.push(Effect::Done(Done::Answered));
            } else {
                self.judge_anew(case, key, now, effects);
            }
            return;
        };
        let body = JournalBody::Answered { device, number, right, let_in };
        if let_in {
            // At once: until the entry is durable, another scan would ask, and answer, once more.
            self.overlay.answer(right.serial, (device, number));
            self.push_entry(body, now.time, Then::MustFollow);
            effects.push(Effect::Done(Done::Answered));
            return;
        }
        let scan = self.number_scan();
        // Unanswered in the journal, so that the question is asked again once the way is free.
        if let Some(code) = self.bars_answer(&view, right.serial) {
            let lane = verdict.facts.last_use.map(|used| used.gate);
            let facts = Facts { block: view.blocked, lane, ..verdict.facts };
            let verdict = Verdict { code, facts, at: now.time };
            return self.refuse(scan, case, verdict, Some(right), effects);
        }
        let code = ReasonCode::AdmittedAfterInterruption;
        let verdict = Verdict { code, at: now.time, ..verdict };
        self.push_entry(body, now.time, Then::Light(scan));
        let stage = Stage::Recording { verdict, authority: None };
        self.pending = Some(Pending { scan, case, stage });
    }

    /// Why a guest who wasn't let in before may not enter now either, if they may not.
    fn bars_answer(&self, view: &RightView, serial: Serial) -> Option<ReasonCode> {
        let (ticket_type, entries) = self.state.roster().class(serial).unwrap_or_default();
        let terms = self.bundle.as_ref().map(|bundle| bundle.terms(ticket_type, entries));
        let policy = terms.map_or(Policy::Available, |terms| terms.policy());
        let interrupted = view.interrupted.map(|(device, _)| device);
        let here = interrupted
            .filter(|_| is_planted(Fault::InterruptedElsewhereLetIn))
            .unwrap_or(self.identity.device);
        match bars_answer(view, policy, self.reach(), here) {
            Some(code @ (ReasonCode::Voided | ReasonCode::Blocked)) => Some(code),
            _ if self.link == LinkState::Refused => Some(ReasonCode::ClaimRefused),
            code => code,
        }
    }

    /// The next scan's number.
    pub(super) const fn number_scan(&mut self) -> ScanId {
        let scan = ScanId(self.next_scan);
        self.next_scan = self.next_scan.saturating_add(1);
        scan
    }
}
