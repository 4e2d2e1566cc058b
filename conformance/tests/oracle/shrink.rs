//! Makes a failing story smaller while it fails.

use kaisatsu_shared::{
    id::GateId,
    rules::{Admission, Answers},
    time::TimeInterval,
};

use crate::story::{Flaw, Story};

const STEPS: [fn(&mut Story); 14] = [
    |story| story.bundle.rules.types[0].admission = Admission::default(),
    |story| story.bundle.rules.types[0].admission.schedule = Default::default(),
    |story| story.bundle.rules.types[0].admission.presence = Default::default(),
    |story| story.bundle.rules.types[0].admission.limits = Default::default(),
    |story| story.bundle.rules.types[0].admission.check = Default::default(),
    |story| story.bundle.rules.types[0].admission.zones.clear(),
    |story| story.bundle.rules.types[0].gates.clear(),
    |story| story.bundle.rules.calendar.closing = None,
    |story| story.bundle.rules.capacity = None,
    |story| story.crowd.truncate(story.crowd.len().saturating_sub(1)),
    |story| story.flaw = Flaw::None,
    |story| story.now = TimeInterval::exact(story.now.earliest),
    |story| story.gate = GateId(1),
    |story| {
        story.answers =
            Answers { persons: Some(1), identity: Some(true), choice: Some(1), holder: None }
    },
];

pub(crate) fn shrink(mut story: Story, fails: impl Fn(&Story) -> bool) -> Story {
    loop {
        let before = format!("{story:?}");
        for step in STEPS {
            let mut smaller = story.clone();
            step(&mut smaller);
            if fails(&smaller) {
                story = smaller;
            }
        }
        // From the end: later things name earlier ones.
        let mut shorter = story.clone();
        if shorter.past.pop().is_some() {
            shorter.heard = shorter.heard.min(shorter.past.len());
            if fails(&shorter) {
                story = shorter;
            }
        }
        if format!("{story:?}") == before {
            return story;
        }
    }
}
