//! The cases once more, told: the decision with its trail is the decision without, and the trial of
//! rules ends as the server's run does.

use kaisatsu_shared::{
    bundle::{EventRules, OpenBundle},
    ledger::EventState,
    rules::{Context, Explained, Knowledge, Presented, Reach, explain},
};

use crate::{
    Report, Suite, Unusable,
    deciding::{Known, answered, reach},
    scan::Given,
};

/// The server's trial of a scan.
pub type Trier<'a> =
    dyn Fn(&EventState, &OpenBundle, &EventRules, Presented<'_>, &Context) -> Explained + 'a;

/// Plays each case that is a scan through the trial of rules, `trier`, and compares the decision told with the
/// plain one; a trial is of a scan alone, without what happens after it. It is nobody's in particular: what
/// a claim key's own past decides ends otherwise.
#[must_use]
pub fn play_traced(suite: &Suite, trier: &Trier<'_>) -> Report {
    Report::of_those(
        suite,
        |case| case.then.is_empty() && case.fault.is_none(),
        |case, world| {
            let given = Given::of(&case.scan, &world)?;
            let reach = reach(case);
            let state = match reach {
                Reach::Server => &world.state,
                Reach::Hub | Reach::Nobody => &world.seen,
            };
            let (decision, context) = answered(state, &world.open, case, reach, world.now, &given);
            let rights = Known(state);
            let knowledge =
                Knowledge { bundle: &world.open, roster: state.roster(), rights: &rights };
            let presented = given.presented(&world.open);
            let told = explain(presented, &knowledge, &context);
            if told.decision() != &decision {
                return Err(Unusable("told, it is decided otherwise".into()));
            }
            let rules = world.rules()?;
            let tried = trier(state, &world.open, &rules, presented, &context);
            for explained in [&told, &tried] {
                let last = explained.trail().steps().last().and_then(|step| step.said);
                if last != Some(explained.decision().verdict.code) {
                    return Err(Unusable("the trail ends otherwise than the verdict".into()));
                }
            }
            Ok(tried.decision().verdict)
        },
    )
}
