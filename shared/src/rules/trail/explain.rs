//! A decision with its trail, for trying rules: nothing is scanned, nothing is recorded.

use crate::{display::clock::LinkCache, operator::Role, token::Token};

use super::{Look, Refusal, Step, Trail};
use crate::rules::{
    Context, Decision, Knowledge, Reach,
    decide::{Scan, decide_watched},
};

/// What is held before the imagined scanner.
#[derive(Clone, Copy, Debug)]
pub enum Presented<'a> {
    /// A code's text, judged with the display it holds.
    Code(&'a str),
    /// A ticket without a display, which is taken as fresh.
    Ticket(&'a Token),
    /// The ticket of a guest who is to be let in by hand, by somebody of this role.
    ByHand(&'a Token, Option<Role>),
}

/// A decision, and how it came about.
#[derive(Clone, Debug)]
pub struct Explained {
    decision: Decision,
    trail: Trail,
    reach: Reach,
}

/// Decides like [`decide`](crate::rules::decide()), and tells how.
#[must_use]
pub fn explain(
    presented: Presented<'_>,
    knowledge: &Knowledge<'_>,
    context: &Context,
) -> Explained {
    let mut trail = Trail::default();
    let mut links = LinkCache::default();
    let scan = match presented {
        Presented::Code(text) => Scan::Text(text, &mut links),
        Presented::Ticket(token) => Scan::Named(token),
        Presented::ByHand(token, role) => Scan::ByHand(token, role),
    };
    let decision = decide_watched(scan, knowledge, context, &mut trail);
    Explained { decision, trail, reach: context.reach }
}

impl Explained {
    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// How it came about.
    #[must_use]
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Adds what the server says to the claim that a gate makes before it lets anybody pass; `ask`
    /// is asked only where a gate would.
    #[must_use]
    pub fn claimed(mut self, ask: impl FnOnce(&Decision) -> Option<Refusal>) -> Self {
        if !self.decision.verdict.outcome().passes() || self.reach != Reach::Server {
            return self;
        }
        let refusal = ask(&self.decision);
        let last = self.trail.steps.pop().filter(|_| refusal.is_none());
        let said = refusal.map(|refusal| refusal.code);
        self.trail.steps.push(Step { look: Look::Claim, at: None, said });
        self.trail.steps.extend(last);
        if let Some(refusal) = refusal {
            self.decision.verdict = self.decision.verdict.refused_claim(refusal);
        }
        self
    }
}
