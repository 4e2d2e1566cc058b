//! How often something may be asked: so many times at once, then one more after so long.

use std::collections::BTreeMap;

use kaisatsu_shared::{id::DeviceId, time::UnixMillis};

use crate::link::Link;

/// Fewer are kept without looking for those that may be forgotten.
const SWEEP: usize = 1_024;

/// For each asker, when it will have all its questions again. Those that have are forgotten.
#[derive(Debug)]
pub(super) struct Paces<K> {
    /// Most questions at once.
    burst: u64,
    /// One more after so long, in milliseconds.
    each: u64,
    full: BTreeMap<K, UnixMillis>,
    /// How many there may be before the next look for those to forget: it goes through all of them.
    sweep_at: usize,
}

impl<K: Ord> Paces<K> {
    const fn new(burst: u64, each: u64) -> Self {
        Self { burst, each, full: BTreeMap::new(), sweep_at: SWEEP }
    }

    /// Takes one question, or says in how many milliseconds there is one.
    pub(super) fn take(&mut self, asker: K, now: UnixMillis) -> Result<(), u64> {
        // Further ahead than all questions last lies only what a clock that was set back left.
        let most = now.plus(self.burst * self.each);
        let counts = |full: &UnixMillis| now < *full && *full <= most;
        if self.full.len() >= self.sweep_at {
            self.full.retain(|_, full| counts(full));
            self.sweep_at = SWEEP.max(2 * self.full.len());
        }
        let full = self.full.get(&asker).copied().filter(counts).unwrap_or(now).plus(self.each);
        if full > most {
            return Err(full.0.saturating_sub(most.0));
        }
        self.full.insert(asker, full);
        Ok(())
    }
}

impl Paces<DeviceId> {
    /// Searches of a device: 30 a minute. A stolen gate must not read the event's names one after the other.
    pub(super) const fn searches() -> Self {
        Self::new(10, 2_000)
    }
}

impl Paces<Link> {
    /// Openings of a ticket, each of which may cost a chain. By ticket, because a whole venue may have one address.
    pub(super) const fn openings() -> Self {
        Self::new(10, 2_000)
    }
}

impl Paces<Option<String>> {
    /// Links from an address that open nothing.
    pub(super) const fn wrong_links() -> Self {
        Self::new(20, 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn ten_at_once_then_one_every_two_seconds_for_each_device() {
        let mut paces = Paces::searches();
        let mut take = |device, after| paces.take(DeviceId(device), START.plus(after));
        for _ in 0..10 {
            assert_eq!(take(1, 0), Ok(()));
        }
        assert_eq!(take(1, 0), Err(2_000));
        assert_eq!(take(1, 1_500), Err(500));
        assert_eq!(take(2, 1_500), Ok(()), "another device has its own");
        assert_eq!(take(1, 2_000), Ok(()));
        assert_eq!(take(1, 2_000), Err(2_000));
        let minute = (0..60_000).step_by(100).filter(|after| take(1, 2_000 + after).is_ok());
        assert_eq!(minute.count(), 29, "one every two seconds");
        assert_eq!(take(1, 600_000), Ok(()));
    }

    #[test]
    fn who_has_all_again_is_forgotten() {
        let mut paces = Paces::searches();
        for device in 0..100_000 {
            let now = START.plus(u64::from(device) * 100);
            assert_eq!(paces.take(DeviceId(device), now), Ok(()));
        }
        assert!(paces.full.len() <= SWEEP, "{}", paces.full.len());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut paces = Paces::searches();
        for _ in 0..10 {
            assert_eq!(paces.take(DeviceId(1), START), Ok(()));
        }
        assert_eq!(paces.take(DeviceId(1), START.minus(500_000)), Ok(()));
    }
}
