//! A failing plan made smaller: the hub, guests, deeds and breakdowns are left out while it still fails.

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
        let without_hub = best.hub.is_some().then(|| Plan { hub: None, ..best.clone() });
        if let Some(plain) = without_hub.filter(|plain| fails(plain)) {
            best = plain;
        }
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
    let hub = usize::from(plan.hub.is_some());
    plan.visits.len() + plan.deeds.len() + plan.breakdowns.len() + hub
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
    let mut rough = false;
    let lan = plan.hub.as_mut().map(|hub| &mut hub.lan);
    for weather in core::iter::once(&mut plan.weather).chain(lan) {
        rough |= weather.drop > 0 || weather.duplicate > 0;
        weather.drop = 0;
        weather.duplicate = 0;
    }
    rough.then_some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_isnt_needed_is_left_out_the_hub_too() {
        let plan = (0..).map(Plan::of).find(|plan| plan.hub.is_some()).unwrap();
        let least = shrink(plan.clone(), |_| true);
        assert_eq!((size(&least), least.weather.drop), (0, 0));
        let kept = shrink(plan, |plan| plan.hub.is_some() && plan.visits.len() > 2);
        assert_eq!((size(&kept), kept.visits.len()), (4, 3));
        assert!(kept.hub.is_some_and(|hub| hub.lan.drop == 0 && hub.lan.duplicate == 0));
    }
}
