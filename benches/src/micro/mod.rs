//! The single steps of a ticket's way, each beside the least that could do it.

pub mod cases;

use kaisatsu_shared::reason::ReasonCode;

use crate::paired::{Pair, measure};

use cases::{Cases, ClockCase};

/// Measures every step; prints a table and a line `bench NAME ratio X.XX` each.
///
/// # Errors
/// If a case can't be set up.
pub fn run() -> anyhow::Result<()> {
    let cases = Cases::new(1_000_000)?;
    let clocks = cases.clock()?;
    let issue = cases.issue();
    let photo = cases::photo::PhotoCase::new(&cases)?;
    let mut turn = cases.turn();
    let mut limit_turn = cases.turn();
    let rows = [
        (
            "token_verify",
            "bare verify_strict",
            measure(|| cases.verify().is_some(), || cases.verify_limit())?,
        ),
        (
            "decide_1m",
            "bare verify_strict",
            measure(
                || cases.decide(turn()) == Some(ReasonCode::Admitted),
                || cases.decide_limit(limit_turn()),
            )?,
        ),
        (
            "clock_verify_step_1",
            "verify_strict + 1 hash",
            measure(|| admitted(&clocks.first), || clocks.first.limit())?,
        ),
        (
            "clock_verify",
            "verify_strict + 5,760 hashes",
            measure(|| admitted(&clocks.last), || clocks.last.limit())?,
        ),
        (
            "issue",
            "bare sign",
            measure(|| issue.issue().is_some(), || issue.limit().to_bytes() != [0; 64])?,
        ),
        ("image_decode", "bare decoder", {
            let (mut work, mut limit) = photo.decoding();
            measure(&mut work, &mut limit)?
        }),
        ("image_to_verdict", "decode + one durable write", photo.to_verdict()?),
    ];
    println!("{:<22}{:>12}{:>12}{:>8}  beside", "step", "µs", "limit µs", "ratio");
    for (name, limit, pair) in &rows {
        println!(
            "{name:<22}{:>12.2}{:>12.2}{:>8.2}  {limit}",
            microseconds(pair.work),
            microseconds(pair.limit),
            pair.ratio()
        );
    }
    for (name, _, pair) in &rows {
        print_ratio(name, pair);
    }
    Ok(())
}

fn admitted(clock: &ClockCase) -> bool {
    clock.verify() == ReasonCode::Admitted
}

fn print_ratio(name: &str, pair: &Pair) {
    println!("bench {name} ratio {:.2}", pair.ratio());
}

fn microseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
