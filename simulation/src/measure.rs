//! What the policy `strict` costs guests on an ordinary evening: how many wait for another lane, how many are
//! sent there, how long a verdict takes.

use core::fmt;

use kaisatsu_shared::reason::{Outcome as Light, ReasonCode};

use crate::{
    Outcome,
    plan::{Leases, Ordinary, Plan},
    record::Scan,
    run,
    schedule::MILLI,
};

const LAN: (u64, u64) = (1_000, 12_000);
const MOBILE: (u64, u64) = (20_000, 120_000);
/// Of a thousand guests so many go to the lane that their ticket names.
const MOST_KNOW: u64 = 950;
/// Evenings of each kind.
const EVENINGS: u64 = 5;

/// Prints the tables of README.md.
///
/// # Errors
/// What went wrong on an evening on which nothing breaks.
pub fn print() -> Result<(), String> {
    println!("| lanes | link | lane on the ticket | fetched | sent elsewhere | median | 95 % |");
    println!("|---|---|---|---|---|---|---|");
    for (link, delay, cut) in [("LAN", LAN, false), ("4G", MOBILE, false), ("cut off", LAN, true)] {
        for lanes in [1, 4, 16] {
            for know in [0, MOST_KNOW] {
                let evening = Ordinary { lanes, delay, know, cut, hub: None };
                let cost = measure(evening)?;
                println!("| {lanes} | {link} | {} | {cost}", named(know));
            }
        }
    }
    println!();
    print_with_hub()
}

/// All are cut off from the server, and one lane is the venue's hub. Where all tickets are leased to it, no ticket
/// names another lane.
fn print_with_hub() -> Result<(), String> {
    println!(
        "| lanes | leased to | lane on the ticket | by the hub | fetched | sent elsewhere | median | 95 % |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for lanes in [4, 16] {
        let kinds = [("the hub", Leases::Hub, 0), ("the lanes", Leases::Lanes, 0)];
        let known = ("the lanes", Leases::Lanes, MOST_KNOW);
        for (to, leases, know) in kinds.into_iter().chain([known]) {
            let evening = Ordinary { lanes, delay: LAN, know, cut: true, hub: Some(leases) };
            let cost = measure(evening)?;
            let by_hub = cost.percent(cost.by_hub);
            println!("| {lanes} | {to} | {} | {by_hub} | {cost}", named(know));
        }
    }
    Ok(())
}

const fn named(know: u64) -> &'static str {
    if know > 0 { "yes" } else { "no" }
}

/// What guests met.
#[derive(Debug, Default)]
struct Cost {
    guests: u64,
    /// Those for whom the hub was asked, or who waited at it while it asked a lane.
    by_hub: u64,
    fetched: u64,
    sent: u64,
    /// Microseconds to the verdict, in order.
    waits: Vec<u64>,
}

fn measure(evening: Ordinary) -> Result<Cost, String> {
    let mut cost = Cost::default();
    for seed in 0..EVENINGS {
        let Outcome { scans, trouble, .. } = run(&Plan::ordinary(seed, evening), None, false);
        if let Some(trouble) = trouble {
            return Err(format!("{evening:?}, seed {seed}: {}", trouble.what));
        }
        scans.iter().for_each(|scan| cost.add(scan));
    }
    cost.waits.sort_unstable();
    Ok(cost)
}

impl Cost {
    fn add(&mut self, scan: &Scan) {
        let Some((ended, code)) = scan.ended else { return };
        self.guests += 1;
        let admitted = code.outcome() == Light::Admit;
        self.by_hub += u64::from(scan.by_hub || scan.waited);
        self.fetched += u64::from(admitted && scan.waited);
        let sent = [ReasonCode::OtherLane, ReasonCode::LaneSilent].contains(&code);
        self.sent += u64::from(sent);
        self.waits.push(ended.saturating_sub(scan.began));
    }

    fn percent(&self, part: u64) -> String {
        let mille = part.saturating_mul(1_000) / self.guests.max(1);
        format!("{}.{} %", mille / 10, mille % 10)
    }

    /// So many of a hundred verdicts took no longer, in milliseconds.
    fn within(&self, hundredth: usize) -> u64 {
        let place = self.waits.len().saturating_mul(hundredth) / 100;
        self.waits.get(place).map_or(0, |wait| wait / MILLI)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fetched, sent) = (self.percent(self.fetched), self.percent(self.sent));
        let (median, most) = (self.within(50), self.within(95));
        write!(f, "{fetched} | {sent} | {median} ms | {most} ms |")
    }
}
