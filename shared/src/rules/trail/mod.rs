//! The trail of a decision: which rules were asked, in which order, what each looked at and said.
//! The deciding function reports it while it decides. A decision ends only with an [`End`], which
//! only [`end`] and [`pass`] make, and both note it: so trail and verdict can't disagree.

mod explain;
mod look;
mod words;

use serde::{Deserialize, Serialize};

use crate::{reason::ReasonCode, time::UnixMillis};

use super::{Refusal, instant::Span};

pub use explain::{Explained, Presented, explain};
pub use look::{Look, SlotHours};

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// Its family, and what it looked at.
    #[serde(flatten)]
    pub look: Look,
    /// The instant it was asked about, where its answer changes with time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<UnixMillis>,
    /// The reason it gave; absent where it let the scan pass on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<ReasonCode>,
}

/// Every step of a decision, in order. The last one's reason is the verdict's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    steps: Vec<Step>,
}

impl Trail {
    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// Hears of each step.
pub(super) trait Watch {
    fn note(&mut self, step: impl FnOnce() -> Step);
}

/// Hears nothing and costs nothing: the steps aren't even made.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn note(&mut self, _: impl FnOnce() -> Step) {}
}

impl Watch for Trail {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        let step = step();
        // At an exact time the summary of all instants is what the last rule said already.
        let repeats = matches!(step.look, Look::Throughout { from, until } if from == until)
            && self.steps.last().is_some_and(|last| last.said == step.said);
        // Earlier uses are read several ways; where those don't differ, nothing new is said. The end
        // of the decision always is.
        let known = (step.at.is_some() || step.said.is_none()) && self.steps.contains(&step);
        if !repeats && !known {
            self.steps.push(step);
        }
    }
}

/// The end of a decision.
pub(super) struct End(Refusal);

impl End {
    pub(super) fn into_refusal(self) -> Refusal {
        self.0
    }
}

/// Notes what a rule said; a refusal ends the decision.
#[expect(clippy::result_large_err, reason = "it is taken apart at once, some frames above")]
pub(super) fn pass<T>(
    watch: &mut impl Watch,
    look: impl FnOnce() -> Look,
    said: Result<T, impl Into<Refusal>>,
) -> Result<T, End> {
    match said {
        Ok(passed) => {
            watch.note(|| Step { look: look(), at: None, said: None });
            Ok(passed)
        }
        Err(refusal) => Err(end(watch, look, refusal.into())),
    }
}

/// The same for a rule that says nothing where it lets pass.
#[expect(clippy::result_large_err, reason = "it is taken apart at once, some frames above")]
pub(super) fn pass_unless(
    watch: &mut impl Watch,
    look: impl FnOnce() -> Look,
    said: Option<impl Into<Refusal>>,
) -> Result<(), End> {
    pass(watch, look, said.map_or(Ok(()), Err))
}

/// Ends the decision.
pub(super) fn end(watch: &mut impl Watch, look: impl FnOnce() -> Look, refusal: Refusal) -> End {
    watch.note(|| Step { look: look(), at: None, said: Some(refusal.code) });
    End(refusal)
}

/// Notes what a rule said of an instant.
pub(super) fn heard(
    watch: &mut impl Watch,
    at: UnixMillis,
    look: impl FnOnce() -> Look,
    span: Span,
) -> Span {
    let said = span.refusal.map(|refusal| refusal.code);
    watch.note(|| Step { look: look(), at: Some(at), said });
    span
}
