//! A story told to the whole gate: its engine follows the feed, scans the code, claims, and is given
//! staff's answers to what it asks.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{
    Answer, Effect, Engine, Identity, Input, LinkState, Now, Record, Restored,
};
use kaisatsu_shared::{
    bundle::{OpenBundle, SignedBundle},
    id::{ClaimKey, DeviceId, OperatorId},
    key::RootKey,
    reason::ReasonCode,
    rules::Direction,
};

use crate::{story::Story, world};

const KEY: ClaimKey = ClaimKey([9; 16]);

/// The code of the last verdict that the gate shows.
pub(crate) fn shown(story: &Story) -> ReasonCode {
    // A TEST KEY. Who signed the bundle was checked when it came in.
    let root = RootKey::from_seed([1; 32]);
    let signed = SignedBundle::sign(&story.bundle, &root).unwrap();
    let open = OpenBundle::new(story.bundle.clone()).unwrap();
    let identity = Identity {
        installation: open.installation,
        event: open.event,
        gate: story.gate,
        device: DeviceId(1),
        operator: OperatorId(0),
    };
    let now = Now { monotonic: 0, time: story.now };
    let restored = Restored { bundle: Some((signed, open)), ..Restored::default() };
    let (engine, effects) = Engine::start(identity, restored, std::iter::empty(), now).unwrap();
    let mut gate = Gate { engine, story, now, shown: None, recorded: 0 };
    gate.carry_out(effects);
    gate.handle(Input::Feed { entries: world::feed(story), end: None });
    if story.online {
        gate.handle(Input::Link(LinkState::Online));
    }
    let direction = if story.exit { Direction::Exit } else { Direction::Entry };
    gate.handle(Input::Direction(direction));
    gate.handle(Input::Scan { text: world::scanned(story), key: KEY });
    let mut asked = Vec::new();
    while let Some((question, answer)) = gate.asked().filter(|(code, _)| !asked.contains(code)) {
        asked.push(question);
        gate.handle(Input::Answer { answer, key: KEY });
    }
    gate.shown.expect("a scan ends with a verdict")
}

struct Gate<'a> {
    engine: Engine,
    story: &'a Story,
    now: Now,
    shown: Option<ReasonCode>,
    /// Uses in the journal on the disk.
    recorded: usize,
}

impl Gate<'_> {
    fn handle(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.now);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Store { id, records } => {
                    let journal = records.iter().filter(|it| matches!(it, Record::Journal { .. }));
                    self.recorded += journal.count();
                    Input::Stored { id, result: Ok(()) }
                }
                Effect::Claim(claim) => {
                    let answer = world::answer(self.story, &claim);
                    Input::Claimed { key: claim.used.claim, answer }
                }
                Effect::Show { verdict, .. } => {
                    let green = verdict.outcome().passes();
                    assert!(!green || self.recorded > 0, "green before its record");
                    self.shown = Some(verdict.code);
                    continue;
                }
                Effect::Upload { .. } => Input::UploadFailed,
                Effect::FeedBroken(why) => panic!("the feed: {why}"),
                _ => continue,
            };
            todo.extend(self.engine.handle(input, self.now));
        }
    }

    /// What is asked on the screen, and what staff say.
    fn asked(&self) -> Option<(ReasonCode, Answer)> {
        let (code, answers) = (self.shown?, self.story.answers);
        let answer = match code {
            ReasonCode::AskPersons => Answer::Number(answers.persons?),
            ReasonCode::CheckIdentity => match answers.identity? {
                true => Answer::Yes,
                false => Answer::No,
            },
            ReasonCode::AskQuestion => Answer::Number(answers.choice?),
            _ => return None,
        };
        Some((code, answer))
    }
}
