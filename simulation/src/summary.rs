//! What many seeds showed together.

use core::fmt;

use crate::{Outcome, check::Counts};

/// Sums over seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many seeds.
    pub seeds: u64,
    /// How many events they took.
    pub events: u64,
    /// What they counted.
    pub counts: Counts,
    /// Planted faults that were caught, of how many.
    pub bugs: (usize, usize),
}

impl Summary {
    /// Adds what a seed showed.
    pub const fn add(&mut self, outcome: &Outcome) {
        let Counts { lights, strict, doubles, found, lost, apart, forks, told } = outcome.counts;
        self.seeds += 1;
        self.events += outcome.events;
        self.counts.lights += lights;
        self.counts.strict += strict;
        self.counts.doubles += doubles;
        self.counts.found += found;
        self.counts.lost += lost;
        self.counts.apart += apart;
        self.counts.forks += forks;
        self.counts.told += told;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seeds, events, counts, bugs: (caught, planted) } = self;
        let Counts { lights, strict, doubles, found, lost, apart, forks, told } = counts;
        writeln!(f, "carried out: {events} events, {lights} lights")?;
        writeln!(
            f,
            "counted apart (a device lost, rolled back, copied or revoked; an order that no clock \
             tells): {apart} doubles; \
             journals written twice {forks}, told {told}"
        )?;
        write!(
            f,
            "simulate: {seeds} seeds, strict doubles {strict}, available doubles {doubles} found {found}, \
             lost {lost}, \
             bugs caught {caught}/{planted}"
        )
    }
}
