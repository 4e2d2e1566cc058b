//! Where scans come from: pictures, keyboard-wedge and serial scanners, cameras, standard input.
//!
//! A source runs on its own thread and hands out [`ScanInput`]s: the text of one code, or a
//! [`ScanProblem`] that names what went wrong on the way from the code to this program. A scan
//! that broke is dropped whole; its rest is never joined with the next one.
//!
//! What a scanner distorts must not look like a bad ticket. A text that was put right is therefore
//! marked [`ScanText::Repaired`], and [`ScanText::doubt`] tells when its verdict must be shown as
//! a problem of the keyboard instead.
//!
//! The pure parts ([`mod@line`], [`keyboard`], [`keycode`], [`view`], [`spec`]) build without an
//! operating system, for the page as well; the rest needs the feature `native`.

#[cfg(all(feature = "camera", target_os = "linux"))]
mod camera;
#[cfg(feature = "native")]
mod directory;
#[cfg(feature = "native")]
mod error;
#[cfg(all(feature = "native", target_os = "linux"))]
mod hid;
#[cfg(feature = "native")]
pub mod image;
pub mod keyboard;
pub mod keycode;
pub mod line;
mod problem;
#[cfg(feature = "native")]
mod pump;
#[cfg(feature = "native")]
mod serial;
#[cfg(feature = "native")]
mod source;
pub mod spec;
#[cfg(feature = "native")]
mod stdin;
#[cfg(test)]
mod tests;
pub mod view;

#[cfg(feature = "native")]
pub use error::{SourceError, SourceKind};
pub use keyboard::LayoutHint;
pub use problem::ScanProblem;
#[cfg(feature = "native")]
pub use source::Source;
pub use spec::{SourceSpec, SpecError};

use kaisatsu_shared::reason::ReasonCode;
use kaisatsu_shared::token::PREFIX;

/// Lengths of a whole token text in characters, prefix included: static, clock, device display.
pub const TOKEN_LENGTHS: [usize; 3] = [151, 211, 309];

/// One scan as a source hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanInput {
    /// What was read.
    pub text: ScanText,
    /// Which source, as the specification names it; for pictures `images:` and the file's path.
    pub source: String,
    /// When the scan was complete, monotonic milliseconds of the clock given to the source.
    pub at_ms: u64,
}

/// The text of a scan, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanText {
    /// The text exactly as the scanner or decoder gave it, without its suffix and prefix.
    Plain(String),
    /// A token text put right after a keyboard layout had changed it.
    Repaired {
        /// The token text as the code holds it.
        text: String,
        /// What had changed it.
        hint: LayoutHint,
    },
    /// No usable text.
    Problem(ScanProblem),
}

impl ScanText {
    /// Judges a line that arrived as key strokes or serial text.
    #[must_use]
    pub fn from_line(line: Result<String, ScanProblem>) -> Self {
        let typed = match line {
            Ok(text) => keyboard::repair(&text).unwrap_or(Self::Plain(text)),
            Err(problem) => Self::Problem(problem),
        };
        match typed.text() {
            Some(text) if holds_two_scans(text) => Self::Problem(ScanProblem::BrokenOff),
            _ => typed,
        }
    }

    /// The text, if there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Repaired { text, .. } => Some(text),
            Self::Problem(_) => None,
        }
    }

    /// The problem to show in place of a verdict for `reason`: where no good signature vouches for
    /// a repaired text, it can't be told from one whose layout only looked known.
    #[must_use]
    pub const fn doubt(&self, reason: ReasonCode) -> Option<ScanProblem> {
        let unsigned = matches!(
            reason,
            ReasonCode::ForeignCode
                | ReasonCode::Malformed
                | ReasonCode::NewerFormat
                | ReasonCode::DisplayMissing
                | ReasonCode::ModeUnsupported
                | ReasonCode::WrongEvent
                | ReasonCode::UnknownKey
                | ReasonCode::Forged
        );
        match self {
            Self::Repaired { hint, .. } if unsigned => {
                Some(ScanProblem::KeyboardLayout { hint: *hint })
            }
            _ => None,
        }
    }
}

/// Whether the line is the rest of a broken scan with a whole token behind it, as a terminal's
/// line buffer joins them when a scanner lost its suffix.
fn holds_two_scans(text: &str) -> bool {
    let whole = text.starts_with(PREFIX) && TOKEN_LENGTHS.contains(&text.len());
    !whole
        && text
            .match_indices(PREFIX)
            .any(|(start, _)| start > 0 && TOKEN_LENGTHS.contains(&(text.len() - start)))
}
