//! The loop behind every line source: bytes in, scans out, reopened when unplugged.

use std::io;
use std::time::Duration;

use super::line::{LineAssembler, LineOptions};
use super::problem::ScanProblem;
use super::source::Outlet;

/// How long a wire waits for bytes before it reports silence, in milliseconds. Also bounds how
/// long a source takes to notice that it is to stop.
pub(super) const WAIT_MS: u16 = 50;

/// First and longest pause between two attempts to reopen a device.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// What one wait on a wire brought.
pub(super) enum Heard {
    /// Bytes were put into the buffer.
    Bytes,
    /// Nothing for [`WAIT_MS`].
    Silence,
    /// Bytes were lost; the buffer holds only what came after them.
    Loss,
    /// The device is gone.
    Gone,
    /// There won't be any more.
    End,
}

/// Something a scanner's bytes come through.
pub(super) trait Wire {
    /// Waits up to [`WAIT_MS`] and appends what came to `into`.
    fn hear(&mut self, into: &mut Vec<u8>) -> Heard;
}

/// Reads `wire` until it ends or the source is stopped.
///
/// Silence is counted in waits that found nothing, not by the clock: when this thread itself was
/// held up, the bytes wait in the kernel and must not be taken for a broken scan.
pub(super) fn run<W: Wire>(
    mut wire: W,
    reopen: impl Fn() -> io::Result<W>,
    line: &LineOptions,
    outlet: &mut Outlet,
) {
    loop {
        let mut lines = LineAssembler::new(line.clone());
        match listen(&mut wire, &mut lines, outlet) {
            Heard::Gone if outlet.problem(ScanProblem::Disconnected) => {}
            _ => return,
        }
        drop(wire);
        let mut pause = BACKOFF.0;
        wire = loop {
            if !outlet.rest(pause) {
                return;
            }
            match reopen() {
                Ok(wire) => break wire,
                Err(problem) => {
                    tracing::debug!(source = outlet.name(), %problem, "scanner not back yet")
                }
            }
            pause = (pause * 2).min(BACKOFF.1);
        };
        tracing::info!(source = outlet.name(), "scanner is back");
    }
}

/// Gives [`Heard::Gone`] when the device went, [`Heard::End`] when the source is to end.
fn listen(wire: &mut impl Wire, lines: &mut LineAssembler, outlet: &mut Outlet) -> Heard {
    let mut waited_ms = 0_u64;
    let mut bytes = Vec::new();
    while outlet.wanted() {
        bytes.clear();
        let heard = wire.hear(&mut bytes);
        let mut done = Vec::new();
        if matches!(heard, Heard::Loss) {
            done.extend(lines.broken());
        }
        done.extend(lines.push(&bytes, waited_ms));
        match heard {
            Heard::Bytes | Heard::Loss => {}
            Heard::Silence => {
                waited_ms += u64::from(WAIT_MS);
                done.extend(lines.tick(waited_ms));
            }
            Heard::End => done.extend(lines.finish()),
            // A half scan goes with its cable: the problem that follows tells enough.
            Heard::Gone => {}
        }
        for scan in done {
            if !outlet.line(scan) {
                return Heard::End;
            }
        }
        if matches!(heard, Heard::Gone | Heard::End) {
            return heard;
        }
    }
    Heard::End
}
