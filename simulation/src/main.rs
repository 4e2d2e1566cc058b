//! `kaisatsu-simulation --seeds N [--seed FIRST]` runs seeds; `--seed S` alone tells the story of one;
//! `--first MOST [--fault WORD]` looks for a seed that catches each planted fault, or those with this word in their
//! names: the one on record or the first of so many; `--measure` says what the policy `strict` costs guests.

use std::process::ExitCode;

use kaisatsu_simulation::{
    Plan,
    bugs::{self, ALL},
    measure,
    plan::shrink,
    run,
    story::about,
    summary::Summary,
};

const USAGE: &str = "usage: --seeds N [--seed FIRST], --seed S for the story of one, --first MOST [--fault WORD], or --measure";

fn main() -> ExitCode {
    kaisatsu_simulation::sign_with_stand_ins(true);
    if std::env::args().skip(1).eq(["--measure"]) {
        return match measure::print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        };
    }
    match Asked::read(std::env::args().skip(1)) {
        Some(Asked { first: Some(most), fault, .. }) => look_for_first(most, &fault),
        Some(Asked { seeds: None, seed: Some(seed), .. }) => tell(seed),
        Some(Asked { seeds: Some(seeds), seed, .. }) => simulate(seeds, seed.unwrap_or(0)),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// What was asked for.
#[derive(Default)]
struct Asked {
    seeds: Option<u64>,
    seed: Option<u64>,
    first: Option<u64>,
    fault: String,
}

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut asked = Self::default();
        while let Some(argument) = arguments.next() {
            let value = arguments.next()?;
            if argument == "--fault" {
                asked.fault = value;
                continue;
            }
            let number = value.parse().ok()?;
            match argument.as_str() {
                "--seeds" => asked.seeds = Some(number),
                "--seed" => asked.seed = Some(number),
                "--first" => asked.first = Some(number),
                _ => return None,
            }
        }
        Some(asked)
    }
}

fn tell(seed: u64) -> ExitCode {
    let outcome = run(&Plan::of(seed), None, true);
    outcome.story.iter().for_each(|line| println!("{line}"));
    println!("seed {seed}: {} events, fingerprint {:016x}", outcome.events, outcome.fingerprint);
    if outcome.trouble.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The table of README.md: the seed on record, or the first that catches where that doesn't any more.
fn look_for_first(most: u64, word: &str) -> ExitCode {
    let mut missed = 0_u32;
    for bug in ALL.iter().filter(|bug| bug.name.contains(word)) {
        // The seed on record first: it mostly still is one.
        let mut seeds = core::iter::once(bug.first).chain(0..most);
        let found = seeds.find_map(|seed| Some((seed, bugs::caught_by(seed, bug)?)));
        match found {
            Some((seed, check)) => println!("| {} | {seed} | {} |", bug.name, check.name()),
            None => {
                missed += 1;
                println!("| {} | none below {most} | |", bug.name);
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn simulate(seeds: u64, first: u64) -> ExitCode {
    let mut summary = Summary::default();
    for seed in first..first.saturating_add(seeds) {
        let plan = Plan::of(seed);
        let outcome = run(&plan, None, false);
        if let Some(trouble) = &outcome.trouble {
            println!("seed {seed}: {}: {}", trouble.check.name(), trouble.what);
            let fails = |plan: &Plan| {
                let found = run(plan, None, false).trouble;
                found.is_some_and(|found| found.check == trouble.check)
            };
            let least = run(&shrink(plan, fails), None, true);
            println!("The least that still goes wrong:");
            let what = least.trouble.as_ref().map_or("", |trouble| trouble.what.as_str());
            about(&least.story, what).iter().for_each(|line| println!("  {line}"));
            return ExitCode::FAILURE;
        }
        summary.add(&outcome);
    }
    let missed: Vec<_> =
        ALL.iter().filter(|bug| bugs::caught_by(bug.first, bug).is_none()).collect();
    for bug in &missed {
        println!("not caught by seed {}: {}", bug.first, bug.name);
    }
    summary.bugs = (ALL.len().saturating_sub(missed.len()), ALL.len());
    println!("{summary}");
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
