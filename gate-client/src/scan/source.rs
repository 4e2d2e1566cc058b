//! Starts and stops sources; each reads on its own thread.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::error::{SourceError, SourceKind};
use super::problem::ScanProblem;
use super::spec::SourceSpec;
use super::{ScanInput, ScanText, directory, pump, serial, stdin};

/// A running source. It stops when told to or dropped.
#[derive(Debug)]
pub struct Source {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Source {
    /// Opens what `spec` names and reads it on a new thread.
    ///
    /// `once` ends a directory of pictures after its last one. `clock` gives monotonic
    /// milliseconds. `give` gets each scan and tells whether more are wanted: for a channel
    /// `move |scan| sender.send(scan).is_ok()` (tokio: `blocking_send`).
    ///
    /// # Errors
    /// What can't be opened, with what to do.
    pub fn start(
        spec: &SourceSpec,
        once: bool,
        clock: impl Fn() -> u64 + Send + 'static,
        give: impl FnMut(ScanInput) -> bool + Send + 'static,
    ) -> Result<Self, SourceError> {
        let stop = Arc::new(AtomicBool::new(false));
        let name = spec.to_string();
        let outlet =
            Outlet { name, stop: Arc::clone(&stop), clock: Box::new(clock), give: Box::new(give) };
        let thread = open(spec, once, outlet)?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Tells the source to stop; it does within a tenth of a second.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it has ended, by itself (end of input, `once`) or by [`Self::stop`].
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// [`SourceError::Panicked`] if it ended by a fault of the program.
    pub fn join(mut self) -> Result<(), SourceError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(SourceError::Panicked),
            _ => Ok(()),
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // After a join there is nothing left to stop.
        self.stop();
    }
}

fn open(spec: &SourceSpec, once: bool, mut outlet: Outlet) -> Result<JoinHandle<()>, SourceError> {
    match spec.clone() {
        SourceSpec::Images { dir } => {
            let watch = directory::Watch::open(&dir)
                .map_err(|error| SourceError::opening(&dir, SourceKind::Pictures, error))?;
            spawn(&dir, move || watch.run(once, &mut outlet))
        }
        SourceSpec::Stdin { line } => {
            let gone = || Err(io::ErrorKind::NotFound.into());
            spawn(Path::new("stdin"), move || pump::run(stdin::Stdin, gone, &line, &mut outlet))
        }
        SourceSpec::Serial { device, baud, line } => {
            let wire = serial::Port::open(&device, baud)
                .map_err(|error| SourceError::opening(&device, SourceKind::Serial, error))?;
            let path = device.clone();
            spawn(&path, move || {
                pump::run(wire, || serial::Port::open(&device, baud), &line, &mut outlet)
            })
        }
        #[cfg(target_os = "linux")]
        SourceSpec::Hid { device, line } => {
            let wire = super::hid::Keys::open(&device)
                .map_err(|error| SourceError::opening(&device, SourceKind::Keyboard, error))?;
            let path = device.clone();
            spawn(&path, move || {
                pump::run(wire, || super::hid::Keys::open(&device), &line, &mut outlet)
            })
        }
        #[cfg(not(target_os = "linux"))]
        SourceSpec::Hid { .. } => Err(SourceError::NotHere {
            kind: "hid",
            instead: "it exists on Linux; switch the scanner to USB serial mode and use serial:/dev/…",
        }),
        #[cfg(all(feature = "camera", target_os = "linux"))]
        SourceSpec::Camera { device } => super::camera::start(device, outlet),
        #[cfg(not(all(feature = "camera", target_os = "linux")))]
        SourceSpec::Camera { .. } => Err(SourceError::NotHere {
            kind: "camera",
            instead: if cfg!(target_os = "linux") {
                "build it with `--features camera` (needs libclang-dev), or open the gate page in a browser"
            } else {
                "it exists on Linux; open the gate page in a browser to scan with this device's camera"
            },
        }),
    }
}

/// Runs a source's loop on its own thread.
pub(super) fn spawn(
    path: &Path,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, SourceError> {
    thread::Builder::new()
        .name("scan".to_owned())
        .spawn(run)
        .map_err(|error| SourceError::Open { path: path.to_owned(), error })
}

/// A source's way out: names and dates each scan. Its functions give false once the source is to
/// end.
pub(super) struct Outlet {
    name: String,
    stop: Arc<AtomicBool>,
    clock: Box<dyn Fn() -> u64 + Send>,
    give: Box<dyn FnMut(ScanInput) -> bool + Send>,
}

impl Outlet {
    #[cfg(test)]
    pub(super) fn for_test(give: impl FnMut(ScanInput) -> bool + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        Self { name: "test".to_owned(), stop, clock: Box::new(|| 0), give: Box::new(give) }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    #[cfg(all(feature = "camera", target_os = "linux"))]
    pub(super) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn wanted(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn scan(&mut self, source: String, text: ScanText) -> bool {
        let at_ms = (self.clock)();
        self.wanted() && (self.give)(ScanInput { text, source, at_ms })
    }

    pub(super) fn line(&mut self, line: Result<String, ScanProblem>) -> bool {
        self.scan(self.name.clone(), ScanText::from_line(line))
    }

    pub(super) fn problem(&mut self, problem: ScanProblem) -> bool {
        self.scan(self.name.clone(), ScanText::Problem(problem))
    }

    /// Sleeps, but not past a stop.
    pub(super) fn rest(&self, pause: Duration) -> bool {
        let slice = Duration::from_millis(u64::from(pump::WAIT_MS));
        let mut left = pause;
        while self.wanted() && !left.is_zero() {
            thread::sleep(left.min(slice));
            left = left.saturating_sub(slice);
        }
        self.wanted()
    }
}
