//! Trying rules: what a scan would end with at a gate, and how, without a scan. Pure, and made of
//! the gate's own decision and the server's own judgement of the claim that would follow.

mod words;

use kaisatsu_shared::{
    bundle::{EventRules, OpenBundle},
    ledger::EventState,
    right::UseKind,
    rules::{Context, Direction, Explained, Knowledge, Presented, Refusal, explain},
};

use crate::claims::{Wanted, refuse};

pub use words::in_words;

/// Tries a scan. It is no device's in particular: every open grant counts as somebody else's.
#[must_use]
pub fn try_scan(
    state: &EventState,
    bundle: &OpenBundle,
    rules: &EventRules,
    presented: Presented<'_>,
    context: &Context,
) -> Explained {
    let knowledge = Knowledge { bundle, roster: state.roster(), rights: state };
    explain(presented, &knowledge, context).claimed(|decision| {
        let kind = match context.direction {
            Direction::Entry => UseKind::Entry,
            Direction::Exit => UseKind::Exit,
        };
        let count = decision.verdict.facts.persons.unwrap_or(1);
        let wanted = Wanted { right: decision.right?, kind, count, gate: context.gate };
        let (refusal, facts) = refuse(state, rules, wanted, &[], context.now)?;
        Some(Refusal { code: refusal.code(), facts })
    })
}
