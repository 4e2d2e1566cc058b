//! A browser's worker: one thread, whose tasks take turns.

mod clock;

use core::time::Duration;

use gloo_timers::future::sleep as wait;

pub(crate) use clock::Clock;

use super::Elapsed;

/// Whether the monotonic clock stands still while the device sleeps: in some browsers it does.
pub(crate) const MISSES_SLEEP: bool = true;

/// Starts a task of its own; nobody waits for it.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(task);
}

/// Waits so long.
pub(crate) async fn sleep(pause: Duration) {
    wait(pause).await;
}

/// Does what keeps a thread busy for long. There is only this one: what is ready goes first.
pub(crate) async fn beside<T: 'static>(work: impl FnOnce() -> T + 'static) -> Option<T> {
    sleep(Duration::ZERO).await;
    Some(work())
}

/// Ends at once, without another write: the task that says so never goes on, and with it nothing that waits for it. Whoever
/// started the worker hears of it as of an exception, and starts it anew.
pub(crate) fn halt(why: &str) -> ! {
    wasm_bindgen::throw_str(why)
}

/// Waits for something so long.
///
/// # Errors
/// [`Elapsed`] if it took longer; it is given up then.
pub(crate) async fn timeout<T>(
    limit: Duration,
    task: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    tokio::select! {
        biased;
        done = task => Ok(done),
        () = sleep(limit) => Err(Elapsed),
    }
}
