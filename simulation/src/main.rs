//! Runs seeds.

use std::process::ExitCode;

use kaisatsu_simulation::{Plan, run};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seeds = arguments.next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(100);
    let first = arguments.next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    let mut doubles = (0, 0, 0, 0);
    let mut failed: std::collections::BTreeMap<&str, (u64, u64, String)> = Default::default();
    let mut events = 0;
    for seed in first..first + seeds {
        let outcome = run(&Plan::of(seed), None, seeds == 1);
        if seeds == 1 {
            for line in &outcome.story {
                println!("{line}");
            }
        }
        events += outcome.events;
        doubles.0 += outcome.counts.doubles;
        doubles.1 += outcome.counts.found;
        doubles.2 += outcome.counts.apart;
        doubles.3 += outcome.counts.lights;
        if let Some(trouble) = outcome.trouble {
            let entry = failed.entry(trouble.check.name()).or_insert((seed, 0, trouble.what));
            entry.1 += 1;
        }
    }
    for (name, (seed, times, what)) in &failed {
        println!("{name}: {times} times, first seed {seed}: {what}");
    }
    println!("{seeds} seeds, {events} events, doubles/found/apart/lights {doubles:?}");
    ExitCode::SUCCESS
}
