//! What the store needs from outside: the time and randomness. Given, never fetched, so that a
//! test decides both.

use std::sync::Arc;

use kaisatsu_shared::time::{TimeInterval, UnixMillis};

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMillis;
}

/// The random source doesn't answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers; without them nothing may be issued")]
pub struct NoEntropy;

/// A source of cryptographic randomness.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    ///
    /// # Errors
    /// [`NoEntropy`] if the source doesn't answer; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// Both together.
#[derive(Clone)]
pub struct World {
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub entropy: Arc<dyn Entropy>,
}

impl World {
    /// Now, as the server records it: its own clock is taken at its word.
    #[must_use]
    pub fn now(&self) -> TimeInterval {
        TimeInterval::exact(self.clock.now())
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn random<const N: usize>(&self) -> Result<[u8; N], NoEntropy> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl core::fmt::Debug for World {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("World")
    }
}
