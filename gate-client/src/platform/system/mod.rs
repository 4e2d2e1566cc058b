//! An operating system: threads of tokio's, its timers, its clocks.

mod clock;

use core::time::Duration;

pub(crate) use clock::{Clock, ClockOptions};
pub(crate) use tokio::time::sleep;

use super::Elapsed;

/// Whether the monotonic clock stands still while the device sleeps.
pub(crate) const MISSES_SLEEP: bool = false;

/// Starts a task of its own; nobody waits for it.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Does what keeps a thread busy for long beside everything else; nothing if the gate ends meanwhile.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Ends at once, without another write.
pub(crate) fn halt(why: &str) -> ! {
    eprintln!("kaisatsu-gate: {why}");
    std::process::exit(74);
}

/// Waits for something so long.
///
/// # Errors
/// [`Elapsed`] if it took longer; it is given up then.
pub(crate) async fn timeout<T>(
    limit: Duration,
    task: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    tokio::time::timeout(limit, task).await.map_err(|_| Elapsed)
}
