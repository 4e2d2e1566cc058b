//! What this gate knows of the time: pure, without a clock of its own.
//!
//! What always holds:
//!
//! - The true time lies in [`Timekeeper::now`]'s interval as long as the server's signed times are true
//!   and this device's monotonic clock is off by 200 ppm at most. Where that clock may have stood still while the device
//!   slept ([`SleepWatch`]), what was proven before is past ([`Timekeeper::slept`]), as after a restart.
//! - Only signed times raise the [`Floor`], and only a signed correction of a higher version lowers it.
//! - A system clock behind the floor is never gone by.
//! - A signed time that contradicts what is proven widens the interval or is held; it never moves the
//!   gate to a wrong time with confidence.

mod crowd;
mod error;
mod floor;
mod health;
mod keeper;
mod proof;
mod report;
mod sleep;
#[cfg(test)]
mod tests;

pub use crowd::{Crowd, display_offset};
pub use error::{LeadError, Refused};
pub use floor::Floor;
pub use health::{ClockHealth, ClockSource, ClockWarning};
pub use keeper::{SystemTrust, Taken, Timekeeper, Who};
pub use sleep::SleepWatch;

use kaisatsu_shared::time::UnixMillis;

/// Both clocks of the device, read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds of a clock that never jumps and goes on while the device sleeps.
    pub monotonic: u64,
    /// The system's time of day, whatever it is worth.
    pub system: UnixMillis,
}
