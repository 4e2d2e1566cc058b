//! The conformance runner as a WebAssembly module. The host asks for room, writes the case files
//! there as one JSON object (text by name), and reads the report, JSON too, where it is told.
//!
//! To export a function by its name counts as unsafe code; there is no other unsafe code here.
#![allow(unsafe_code)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use kaisatsu_conformance::{Suite, play_at_gate};

/// The files, then the report.
static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn buffer() -> MutexGuard<'static, Vec<u8>> {
    BUFFER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of `length` bytes to write the files to.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *const u8 {
    let mut buffer = buffer();
    *buffer = vec![0; length];
    buffer.as_ptr()
}

/// Plays every case through the gate's engine. Returns the report's length.
#[unsafe(no_mangle)]
pub extern "C" fn play() -> usize {
    let mut buffer = buffer();
    *buffer = report(&buffer).into_bytes();
    buffer.len()
}

/// The report's address.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    buffer().as_ptr()
}

/// The report, or in its place a sentence that isn't JSON.
fn report(files: &[u8]) -> String {
    let read = serde_json::from_slice(files).map_err(|error| error.to_string());
    let suite = read.and_then(|files| Suite::read(&files).map_err(|error| error.to_string()));
    match suite {
        Ok(suite) => {
            serde_json::to_string(&play_at_gate(&suite)).unwrap_or_else(|error| error.to_string())
        }
        Err(error) => error,
    }
}
