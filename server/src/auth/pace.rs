//! How often a device may search. A stolen gate must not read the event's names one after the other.

use std::collections::BTreeMap;

use kaisatsu_shared::{id::DeviceId, time::UnixMillis};

/// Most searches at once.
const BURST: u64 = 10;
/// One more after so long, in milliseconds: 30 a minute.
const EACH: u64 = 2_000;

/// For each device, when it will have all its searches again. Devices that have are forgotten.
#[derive(Debug, Default)]
pub(super) struct Paces(BTreeMap<DeviceId, UnixMillis>);

impl Paces {
    /// Takes one search, or says in how many milliseconds there is one.
    pub(super) fn take(&mut self, device: DeviceId, now: UnixMillis) -> Result<(), u64> {
        // Further ahead than all searches last lies only what a clock that was set back left.
        let most = now.plus(BURST * EACH);
        self.0.retain(|_, full| now < *full && *full <= most);
        let full = self.0.get(&device).copied().unwrap_or(now).plus(EACH);
        if full > most {
            return Err(full.0.saturating_sub(most.0));
        }
        self.0.insert(device, full);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn ten_at_once_then_one_every_two_seconds_for_each_device() {
        let mut paces = Paces::default();
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
        assert_eq!(paces.0.len(), 1, "who has all again is forgotten");
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut paces = Paces::default();
        for _ in 0..BURST {
            assert_eq!(paces.take(DeviceId(1), START), Ok(()));
        }
        assert_eq!(paces.take(DeviceId(1), START.minus(500_000)), Ok(()));
    }
}
