//! Virtual time: what is to happen, ordered by time and then by when it was planned. Nothing else
//! moves the time on.

use std::collections::BTreeMap;

use crate::event::Event;

/// A millisecond in the schedule's microseconds.
pub const MILLI: u64 = 1_000;
/// A second.
pub const SECOND: u64 = 1_000 * MILLI;
/// A minute.
pub const MINUTE: u64 = 60 * SECOND;
/// An hour.
pub const HOUR: u64 = 60 * MINUTE;

/// The queue of events, and the true time.
#[derive(Debug, Default)]
pub struct Schedule {
    now: u64,
    order: u64,
    waiting: BTreeMap<(u64, u64), Event>,
    carried_out: u64,
    fingerprint: u64,
}

impl Schedule {
    /// The true time: microseconds since the doors opened.
    #[must_use]
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// Plans an event at a time; at once where that is past.
    pub fn at(&mut self, time: u64, event: Event) {
        self.waiting.insert((time.max(self.now), self.order), event);
        self.order = self.order.saturating_add(1);
    }

    /// Plans an event so many microseconds from now.
    pub fn after(&mut self, delay: u64, event: Event) {
        self.at(self.now.saturating_add(delay), event);
    }

    /// The next event; the time moves on to it.
    pub fn take_next(&mut self) -> Option<Event> {
        let ((time, order), event) = self.waiting.pop_first()?;
        self.now = time;
        self.carried_out = self.carried_out.saturating_add(1);
        self.note(time);
        self.note(order);
        self.note(event.number());
        Some(event)
    }

    /// Takes something that happened into the fingerprint.
    pub fn note(&mut self, number: u64) {
        let mixed = (self.fingerprint.rotate_left(23) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.fingerprint = mixed ^ (mixed >> 29);
    }

    /// A hash over everything that happened: the same for the same seed.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// How many events were carried out.
    #[must_use]
    pub const fn carried_out(&self) -> u64 {
        self.carried_out
    }
}
