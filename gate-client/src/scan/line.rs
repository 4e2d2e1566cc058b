//! Cuts a scanner's stream of bytes into scans. No I/O: bytes and monotonic milliseconds in,
//! whole scans out.
//!
//! A scan ends with CR, LF, CRLF or Tab. Without suffix it ends in silence:
//!
//! - [`End::Suffix`] (default): after [`LineOptions::gap_ms`] of silence the half scan is dropped
//!   whole and reported as [`ScanProblem::BrokenOff`], whose text also tells how to set a scanner
//!   that never sends a suffix. Silently dropping it would look like a dead scanner, completing
//!   it would turn a broken scan into a malformed ticket.
//! - [`End::Silence`]: for scanners that can't send a suffix, silence completes the scan.
//!
//! What is cut off a scan's front: the configured prefix and the AIM symbology identifiers of QR
//! and Data Matrix (ISO/IEC 15424), in either order. NUL bytes around a scan are padding; inside
//! it they make it [`ScanProblem::NotText`].

use super::problem::ScanProblem;

/// The longest scan in bytes; a longer one is dropped whole. The largest QR code holds 4,296
/// alphanumeric characters, the longest token is 309.
pub const MAX_BYTES: usize = 4_096;

/// Silence between two bytes that ends a scan, in milliseconds. The slowest keyboard-mode scanners
/// pause about 20 ms a key.
pub const DEFAULT_GAP_MS: u64 = 500;

/// AIM symbology identifiers that are cut off: QR `]Q0`–`]Q3`, Data Matrix with GS1 `]d2`.
pub const AIM_IDENTIFIERS: [&str; 5] = ["]Q0", "]Q1", "]Q2", "]Q3", "]d2"];

/// What ends a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// CR, LF, CRLF or Tab; silence breaks the scan off.
    Suffix,
    /// CR, LF, CRLF, Tab or silence.
    Silence,
}

/// How a scanner's stream is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOptions {
    /// Text the scanner is set to send before each code, as it arrives here. May be empty.
    pub prefix: String,
    /// What ends a scan.
    pub end: End,
    /// Silence that ends or breaks off a scan, milliseconds; `None` waits for ever.
    pub gap_ms: Option<u64>,
}

impl Default for LineOptions {
    fn default() -> Self {
        Self { prefix: String::new(), end: End::Suffix, gap_ms: Some(DEFAULT_GAP_MS) }
    }
}

/// The assembler of one scanner.
#[derive(Debug, Clone)]
pub struct LineAssembler {
    options: LineOptions,
    bytes: Vec<u8>,
    last_ms: u64,
    /// The rest of a scan that was already reported as bad is swallowed up to its end.
    skipping: bool,
}

impl LineAssembler {
    /// An assembler without any scan begun.
    #[must_use]
    pub const fn new(options: LineOptions) -> Self {
        Self { options, bytes: Vec::new(), last_ms: 0, skipping: false }
    }

    /// Takes bytes that arrived at `now_ms`; gives the scans they complete, in order.
    pub fn push(&mut self, bytes: &[u8], now_ms: u64) -> Vec<Result<String, ScanProblem>> {
        let mut done = Vec::new();
        done.extend(self.tick(now_ms));
        if bytes.is_empty() {
            return done;
        }
        for &byte in bytes {
            if matches!(byte, b'\r' | b'\n' | b'\t') {
                done.extend(self.complete());
            } else if !self.skipping {
                self.bytes.push(byte);
                if self.bytes.len() > MAX_BYTES {
                    done.push(Err(ScanProblem::TooLong));
                    self.skip();
                }
            }
        }
        self.last_ms = now_ms;
        done
    }

    /// Tells the time while nothing arrives; gives what the silence ended.
    pub fn tick(&mut self, now_ms: u64) -> Option<Result<String, ScanProblem>> {
        let begun = self.skipping || !self.bytes.is_empty();
        let silent = now_ms.saturating_sub(self.last_ms) >= self.options.gap_ms?;
        if !begun || !silent {
            return None;
        }
        match self.options.end {
            End::Silence => self.complete(),
            End::Suffix => {
                let padding = self.bytes.iter().all(|byte| *byte == 0);
                let report = !self.skipping && !padding;
                self.clear();
                report.then_some(Err(ScanProblem::BrokenOff))
            }
        }
    }

    /// The stream ended: what is left is a last scan without suffix (as of a file whose last line
    /// has no line break).
    pub fn finish(&mut self) -> Option<Result<String, ScanProblem>> {
        self.complete()
    }

    /// Bytes were lost here: the scan begun is dropped whole, with what still comes of it.
    pub fn broken(&mut self) -> Option<Result<String, ScanProblem>> {
        let report = !self.skipping;
        self.skip();
        report.then_some(Err(ScanProblem::BrokenOff))
    }

    fn skip(&mut self) {
        self.bytes.clear();
        self.skipping = true;
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.skipping = false;
    }

    fn complete(&mut self) -> Option<Result<String, ScanProblem>> {
        let skipped = self.skipping;
        let bytes = std::mem::take(&mut self.bytes);
        self.clear();
        let bytes = trim_nul(&bytes);
        if skipped || bytes.is_empty() {
            return None;
        }
        Some(match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(self.without_prefix(text).to_owned()),
            _ => Err(ScanProblem::NotText),
        })
    }

    fn without_prefix<'a>(&self, text: &'a str) -> &'a str {
        let own = |text: &'a str| text.strip_prefix(self.options.prefix.as_str());
        let aim = |text: &'a str| AIM_IDENTIFIERS.iter().find_map(|id| text.strip_prefix(id));
        match own(text) {
            Some(rest) if !self.options.prefix.is_empty() => aim(rest).unwrap_or(rest),
            _ => aim(text).map_or(text, |rest| own(rest).unwrap_or(rest)),
        }
    }
}

fn trim_nul(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}
