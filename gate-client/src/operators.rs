//! How often a PIN may be tried. Pure: the monotonic time is a parameter.

/// So many wrong PINs in a row are a slip.
const FREE: u32 = 3;
/// The first wait after them, in milliseconds; each further wrong PIN doubles it.
const WAIT: u64 = 30_000;
/// The longest wait, in milliseconds.
const LONGEST: u64 = 15 * 60_000;

/// Counts wrong PINs, of whatever operator, since the last right one. The count outlives a restart,
/// which therefore gives no fresh tries.
#[derive(Clone, Copy, Debug)]
pub struct PinGuard {
    failures: u32,
    until: u64,
}

impl PinGuard {
    /// Starts at monotonic time 0 with the count that was kept.
    #[must_use]
    pub const fn start(failures: u32) -> Self {
        Self { failures, until: wait(failures) }
    }

    /// How long, in milliseconds, nobody may try; 0 is now.
    #[must_use]
    pub const fn wait(&self, now: u64) -> u64 {
        self.until.saturating_sub(now)
    }

    /// A PIN was wrong. Gives the count to keep.
    pub const fn failed(&mut self, now: u64) -> u32 {
        self.failures = self.failures.saturating_add(1);
        self.until = now.saturating_add(wait(self.failures));
        self.failures
    }

    /// A PIN was right: the count begins anew. Whether there is something to keep.
    pub const fn succeeded(&mut self) -> bool {
        let had = self.failures > 0;
        *self = Self::start(0);
        had
    }
}

const fn wait(failures: u32) -> u64 {
    let Some(beyond) = failures.checked_sub(FREE) else { return 0 };
    match 1_u64.checked_shl(beyond) {
        Some(factor) if WAIT.saturating_mul(factor) < LONGEST => WAIT.saturating_mul(factor),
        _ => LONGEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let mut guard = PinGuard::start(0);
        let waits: Vec<_> = (0..9)
            .map(|_| {
                guard.failed(1_000);
                guard.wait(1_000) / 1_000
            })
            .collect();
        assert_eq!(waits, [0, 0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(guard.wait(1_000 + 900_000), 0);
        assert!(guard.succeeded());
        assert_eq!(guard.wait(0), 0);
        assert!(!guard.succeeded());
        assert_eq!(wait(u32::MAX), LONGEST);
    }

    #[test]
    fn a_restart_gives_no_fresh_tries() {
        assert_eq!(PinGuard::start(2).wait(0), 0);
        assert_eq!(PinGuard::start(4).wait(0), 60_000);
    }
}
