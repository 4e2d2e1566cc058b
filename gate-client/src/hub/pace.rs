//! How often one device may ask.

/// Requests that may come at once.
const BURST: u64 = 40;
/// Milliseconds after which another one may.
const EACH: u64 = 50;

/// What is left to one device.
#[derive(Debug)]
pub(super) struct Pace {
    left: u64,
    since: u64,
}

impl Pace {
    pub(super) const fn new(monotonic: u64) -> Self {
        Self { left: BURST, since: monotonic }
    }

    /// Whether it may ask now.
    pub(super) fn take(&mut self, monotonic: u64) -> bool {
        let earned = monotonic.saturating_sub(self.since) / EACH;
        self.since = self.since.saturating_add(earned.saturating_mul(EACH));
        self.left = self.left.saturating_add(earned).min(BURST);
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_asks_too_often_waits() {
        let mut pace = Pace::new(0);
        assert!((0..BURST).all(|_| pace.take(0)));
        assert!(!pace.take(EACH - 1));
        assert!(pace.take(EACH) && !pace.take(EACH));
        assert!((0..BURST).all(|_| pace.take(1_000_000)));
        assert!(!pace.take(1_000_000));
    }
}
