//! Paired timing: two pieces of work in turn, many short rounds, compared by their medians.

use std::{hint::black_box, time::Duration};

/// The shortest time one round measures.
const ROUND: Duration = Duration::from_millis(20);
/// Rounds of each side.
const ROUNDS: usize = 31;

/// The median time of one call of each side.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The measured work.
    pub work: Duration,
    /// The least that could do it.
    pub limit: Duration,
}

impl Pair {
    /// How many times the limit the work takes.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.work.as_secs_f64() / self.limit.as_secs_f64()
    }
}

/// Times `work` beside `limit`, in turn. Each says whether it did all it should: what fails early
/// would look fast.
///
/// # Errors
/// If a call did not.
pub fn measure(
    mut work: impl FnMut() -> bool,
    mut limit: impl FnMut() -> bool,
) -> anyhow::Result<Pair> {
    let mut done = true;
    let mut work = || done &= black_box(work());
    let mut all = true;
    let mut limit = || all &= black_box(limit());
    let (work_calls, limit_calls) = (calls_a_round(&mut work), calls_a_round(&mut limit));
    let mut works = Vec::with_capacity(ROUNDS);
    let mut limits = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        works.push(time(&mut work, work_calls));
        limits.push(time(&mut limit, limit_calls));
    }
    let pair = Pair { work: median(works), limit: median(limits) };
    anyhow::ensure!(done && all, "a measured call didn't do its work");
    Ok(pair)
}

fn calls_a_round(work: &mut impl FnMut()) -> u32 {
    let mut calls = 1;
    while time(work, calls) * calls < ROUND && calls < 1 << 20 {
        calls *= 2;
    }
    calls
}

/// The mean time of one of `calls` calls.
#[allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn time(work: &mut impl FnMut(), calls: u32) -> Duration {
    let start = std::time::Instant::now();
    for _ in 0..calls {
        work();
    }
    start.elapsed() / calls
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
