//! Time as the core sees it: given, never read.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z (POSIX time), as tokens carry it; until 2106.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UnixSeconds(pub u32);

/// Milliseconds since 1970-01-01T00:00:00Z, as journals and ledgers carry it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixSeconds {
    /// The first millisecond of this second.
    #[must_use]
    pub const fn to_millis(self) -> UnixMillis {
        // Widening: u32 seconds times 1,000 fit in 43 bits.
        UnixMillis(self.0 as u64 * 1_000)
    }
}

impl UnixMillis {
    /// The second this instant lies in; the last representable one for later instants.
    #[must_use]
    pub fn to_seconds(self) -> UnixSeconds {
        UnixSeconds(u32::try_from(self.0 / 1_000).unwrap_or(u32::MAX))
    }

    /// This instant, `millis` later.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This instant, `millis` earlier.
    #[must_use]
    pub const fn minus(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}

/// The time as far as a device knows it: the true instant lies between `earliest` and `latest`,
/// both included. A rule holds only if it holds at every instant of the interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeInterval {
    /// No instant before this one is possible.
    pub earliest: UnixMillis,
    /// No instant after this one is possible.
    pub latest: UnixMillis,
}

impl TimeInterval {
    /// A clock reading that is trusted exactly.
    #[must_use]
    pub const fn exact(at: UnixMillis) -> Self {
        Self { earliest: at, latest: at }
    }

    /// A clock reading that may be off by `uncertainty` milliseconds in either direction.
    #[must_use]
    pub const fn around(at: UnixMillis, uncertainty: u64) -> Self {
        Self { earliest: at.minus(uncertainty), latest: at.plus(uncertainty) }
    }

    /// The middle of the interval: the best single reading, for reports and messages.
    #[must_use]
    pub const fn middle(&self) -> UnixMillis {
        UnixMillis(self.earliest.0 + (self.latest.0.saturating_sub(self.earliest.0)) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_enclose_their_reading() {
        let around = TimeInterval::around(UnixMillis(10_000), 2_000);
        assert_eq!(around.earliest, UnixMillis(8_000));
        assert_eq!(around.latest, UnixMillis(12_000));
        assert_eq!(around.middle(), UnixMillis(10_000));
        assert_eq!(TimeInterval::around(UnixMillis(1), 5).earliest, UnixMillis(0));
    }

    #[test]
    fn millis_beyond_2106_clamp() {
        assert_eq!(UnixMillis(u64::MAX).to_seconds(), UnixSeconds(u32::MAX));
        assert_eq!(UnixSeconds(u32::MAX).to_millis(), UnixMillis(4_294_967_295_000));
    }
}
