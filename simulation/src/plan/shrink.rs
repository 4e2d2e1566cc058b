//! A failing plan made smaller: guests, deeds and breakdowns are left out while it still fails.

use super::Plan;

/// Most plans that are tried.
const TRIES: usize = 600;

/// The smallest plan found for which `fails` holds, given that it holds for `plan`.
#[must_use]
pub fn shrink(plan: Plan, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let mut best = plan;
    let mut tries = 0;
    loop {
        let before = size(&best);
        for part in [Part::Visits, Part::Breakdowns, Part::Deeds] {
            best = without(best, part, &mut tries, &mut fails);
        }
        let calm = calm(best.clone());
        if size(&best) < before && tries < TRIES {
            continue;
        }
        return match calm {
            Some(calm) if fails(&calm) => calm,
            _ => best,
        };
    }
}

#[derive(Clone, Copy)]
enum Part {
    Visits,
    Deeds,
    Breakdowns,
}

fn size(plan: &Plan) -> usize {
    plan.visits.len() + plan.deeds.len() + plan.breakdowns.len()
}

fn length(plan: &Plan, part: Part) -> usize {
    match part {
        Part::Visits => plan.visits.len(),
        Part::Deeds => plan.deeds.len(),
        Part::Breakdowns => plan.breakdowns.len(),
    }
}

/// Leaves out ever smaller pieces of a part.
fn without(
    mut best: Plan,
    part: Part,
    tries: &mut usize,
    fails: &mut impl FnMut(&Plan) -> bool,
) -> Plan {
    let mut piece = length(&best, part);
    while piece > 0 {
        let mut from = 0;
        while from < length(&best, part) && *tries < TRIES {
            let mut smaller = best.clone();
            let left_out = from..(from + piece).min(length(&best, part));
            match part {
                Part::Visits => drop(smaller.visits.drain(left_out)),
                Part::Deeds => drop(smaller.deeds.drain(left_out)),
                Part::Breakdowns => drop(smaller.breakdowns.drain(left_out)),
            }
            *tries += 1;
            if fails(&smaller) {
                best = smaller;
            } else {
                from += piece;
            }
        }
        piece /= 2;
    }
    best
}

/// The same in fair weather, where it isn't fair.
fn calm(mut plan: Plan) -> Option<Plan> {
    let rough = plan.weather.drop > 0 || plan.weather.duplicate > 0;
    plan.weather.drop = 0;
    plan.weather.duplicate = 0;
    rough.then_some(plan)
}
