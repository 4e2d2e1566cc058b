//! No history and no scan ends with a guest let in unless an independent, slow restatement of the
//! rules lets them in too; and what that clearly lets in is let in.
//!
//! `KAISATSU_HISTORIES` sets how many are generated (20,000 by default), `KAISATSU_SEED` the first
//! one's seed. A failure names its seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod draw;
mod family;
mod gate;
mod generate;
mod judge;
mod known;
mod persons;
mod rules;
mod shrink;
mod story;
mod wall;
mod world;

use std::{collections::BTreeMap, env};

use judge::FAMILIES;
use kaisatsu_shared::{
    bundle::TicketType as Kind,
    reason::{Outcome, ReasonCode},
};
use known::Known;
use story::{Flaw, Story, What};

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// What the story is judged by in the end: the server's knowledge where it answers.
fn known(story: &Story) -> Known {
    let heard = if story.online { story.past.len() } else { story.heard };
    Known::from(&story.past[..heard])
}

/// Whether all that the gate hasn't heard of is how long the pass is valid now: it asks the server, which
/// judges by the newest dates, and all that the gate judges itself is as the server has it.
fn renewed_a_moment_ago(story: &Story) -> bool {
    let unheard = &story.past[story.heard..];
    let renewals = unheard.iter().filter(|one| matches!(one.what, What::Renewed(..))).count();
    story.online && renewals > 0 && renewals == unheard.len()
}

/// What is wrong with the product's answer, if something is.
fn wrong(story: &Story, code: ReasonCode) -> Option<String> {
    let refusing = judge::refusing(story, &known(story));
    let outcome = code.outcome();
    if story.exit {
        let real = match story.flaw {
            Flaw::None | Flaw::WrongLink => true,
            Flaw::Lengthened => story.renews(),
            _ => false,
        };
        // Of a generation that was replaced nobody knows the fingerprint any more: who came in with it
        // may leave, and so may whoever signs with a stolen key.
        let replaced = story.generation < Known::from(&story.past).generation;
        let other = matches!(story.flaw, Flaw::OtherSecret | Flaw::Lengthened);
        if other && replaced && outcome != Outcome::Admit {
            return None;
        }
        let unheard = story.generation > Known::from(&story.past[..story.heard]).generation;
        return match outcome {
            Outcome::Exit if real || story.flaw == Flaw::PastTheRoster => None,
            _ if outcome != Outcome::Exit && outcome != Outcome::Admit && (!real || unheard) => {
                None
            }
            _ => Some(format!("an exit ended with {code:?}")),
        };
    }
    let certain = (story.heard == story.past.len() || renewed_a_moment_ago(story))
        && story.now.earliest == story.now.latest
        && story.past.iter().all(|one| one.at.earliest == one.at.latest);
    match (outcome, refusing.is_empty()) {
        (Outcome::Exit, _) => Some(format!("an entry ended with {code:?}")),
        (Outcome::Admit, false) => Some(format!("admitted against {refusing:?}")),
        (Outcome::Deny | Outcome::Review, true) if certain => {
            Some(format!("{code:?}, though nothing refuses"))
        }
        _ => None,
    }
}

/// Whether a place, and not the ticket, lets no more than `most` enter.
fn bounded(story: &Story, most: u32) -> bool {
    let known = Known::from(&story.past[..story.heard]);
    let others = judge::refusing_persons(story, &known, most + 1);
    others.contains("capacity") && !others.contains("total") && !others.contains("presence")
}

/// Whether the ticket's type asks something of staff.
fn asks(story: &Story) -> bool {
    story.kind().is_some_and(|Kind { admission, .. }| {
        admission.group || admission.check != Default::default()
    })
}

#[test]
fn nobody_enters_whom_the_oracle_refuses() {
    let (histories, first) = (number("KAISATSU_HISTORIES", 20_000), number("KAISATSU_SEED", 1));
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    for seed in first..first + histories {
        let story = generate::story(seed);
        let code = world::decided(&story);
        // Where nothing is asked, the gate shows what is decided; else the answers come one by one.
        let shown = gate::shown(&story);
        let why = match asks(&story) {
            true => wrong(&story, shown),
            false => (shown != code).then(|| format!("decided {code:?}")),
        };
        assert_eq!(why, None, "seed {seed}: the gate shows {shown:?}\n{story:#?}");
        if let Some(why) = wrong(&story, code) {
            let fails = |story: &Story| wrong(story, world::decided(story)).is_some();
            let small = shrink::shrink(story, fails);
            let code = world::decided(&small);
            panic!("seed {seed}: {why}; made smaller: {:?}\n{small:#?}", wrong(&small, code));
        }
        if let Some(most) = world::asked(&story) {
            let why = persons::wrong(&story, most);
            assert_eq!(why, None, "seed {seed}: up to {most:?}\n{story:#?}");
            if most.is_some_and(|most| bounded(&story, most)) {
                *tally.entry("a place bounds a group".to_owned()).or_default() += 1;
            }
        }
        let mut count = |what: String| *tally.entry(what).or_default() += 1;
        count(format!("{:?}", code.outcome()));
        count(format!("code {code:?}"));
        let refusing = judge::refusing(&story, &known(&story));
        if renewed_a_moment_ago(&story) && !story.exit {
            let by_heard = judge::refusing(&story, &Known::from(&story.past[..story.heard]));
            let (before, after) = (by_heard.contains("validity"), refusing.contains("validity"));
            if before && !after && code.outcome() == Outcome::Admit {
                count("admitted by a renewal that the gate hasn't heard of".to_owned());
            }
            if after && !before && refusing.len() == 1 {
                count("refused by a renewal that the gate hasn't heard of".to_owned());
            }
        }
        for family in &FAMILIES {
            if (family.concerns)(&story) {
                count(format!("reaches {}", family.name));
            }
            if !story.exit && refusing.len() == 1 && refusing.contains(family.name) {
                count(format!("refused by {} alone", family.name));
            }
        }
    }
    for (what, times) in &tally {
        println!("{times:>8} {:5.1} %  {what}", *times as f64 * 100. / histories as f64);
    }
    let share = |what: &str| tally.get(what).copied().unwrap_or(0) * 1_000 / histories;
    assert!(tally.contains_key("a place bounds a group"), "no group is larger than its place");
    assert!(share("Admit") >= 150, "too few are admitted to tell anything");
    for what in ["admitted", "refused"] {
        let what = format!("{what} by a renewal that the gate hasn't heard of");
        assert!(share(&what) >= 1, "too few are {what}");
    }
    for family in &FAMILIES {
        let (name, alone) = (family.name, format!("refused by {} alone", family.name));
        assert!(share(&format!("reaches {name}")) >= 250, "too few reach {name}");
        assert!(share(&alone) >= 5, "too few hang on {name} alone");
    }
}
