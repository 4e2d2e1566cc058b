//! Persons by the time of their arrival, quick to count: in minutes, and in hours above them.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::{TimeInterval, UnixMillis};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60;

/// Some minutes after each other; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    last: u64,
    first: u64,
}

impl Span {
    /// The minutes in which it may have been.
    pub(super) const fn of(at: TimeInterval) -> Self {
        Self { last: at.latest.0 / MINUTE, first: at.earliest.0 / MINUTE }
    }

    /// The minutes from one instant until before another.
    pub(super) const fn between(from: UnixMillis, until: UnixMillis) -> Self {
        Self { last: until.0.saturating_sub(1) / MINUTE, first: from.0 / MINUTE }
    }

    /// The first of the spans that end there.
    const fn ending_at(last: u64) -> Self {
        Self { last, first: 0 }
    }

    /// Whether they have a minute in common.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.last >= other.first && self.first <= other.last
    }

    const fn hours(self) -> Self {
        Self { last: self.last / HOUR, first: self.first / HOUR }
    }

    /// Whatever lies in these hours meets `other`.
    const fn surely_meets(self, other: Self) -> bool {
        let (last, first) = (self.last * HOUR, self.first * HOUR + HOUR - 1);
        last >= other.first && first <= other.last
    }
}

/// Persons by the time of their arrival and by one thing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tally<K> {
    minutes: Level<K>,
    /// The same persons by hours.
    hours: Level<K>,
}

type Level<K> = BTreeMap<Span, BTreeMap<K, u32>>;

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { minutes: BTreeMap::new(), hours: BTreeMap::new() }
    }
}

impl<K: Copy + Ord> Tally<K> {
    pub(super) fn add(&mut self, span: Span, key: K, persons: u32) {
        for (level, span) in [(&mut self.minutes, span), (&mut self.hours, span.hours())] {
            let known = level.entry(span).or_default().entry(key).or_default();
            *known = known.saturating_add(persons);
        }
    }

    pub(super) fn remove(&mut self, span: Span, key: K, persons: u32) {
        take(&mut self.minutes, span, key, persons);
        take(&mut self.hours, span.hours(), key, persons);
    }

    /// Persons who may have arrived within `span`, of those whose key counts.
    pub(super) fn persons(&self, span: Span, counts: &dyn Fn(K) -> bool) -> u64 {
        let of = |keys: &BTreeMap<K, u32>| -> u64 {
            keys.iter().filter(|(key, _)| counts(**key)).map(|(_, n)| u64::from(*n)).sum()
        };
        let hours = self.hours.range(Span::ending_at(span.hours().first)..);
        let (mut sum, mut at_the_edge) = (0_u64, BTreeSet::new());
        for (hours, keys) in hours.filter(|(hours, _)| hours.meets(span.hours())) {
            if hours.surely_meets(span) {
                sum = sum.saturating_add(of(keys));
            } else {
                at_the_edge.insert(hours.last);
            }
        }
        for hour in at_the_edge {
            let hour = Span::ending_at(hour * HOUR)..Span::ending_at((hour + 1) * HOUR);
            for (minutes, keys) in self.minutes.range(hour) {
                if minutes.meets(span) && !minutes.hours().surely_meets(span) {
                    sum = sum.saturating_add(of(keys));
                }
            }
        }
        sum
    }
}

fn take<K: Ord>(level: &mut Level<K>, span: Span, key: K, persons: u32) {
    let Some(keys) = level.get_mut(&span) else { return };
    if let Some(known) = keys.get_mut(&key) {
        *known = known.saturating_sub(persons);
        if *known == 0 {
            keys.remove(&key);
        }
    }
    if keys.is_empty() {
        level.remove(&span);
    }
}
