//! What happened, in sentences. Nothing is written down unless somebody wants to read it.

use core::fmt::Arguments;

use crate::schedule::{HOUR, MILLI, MINUTE, SECOND};

/// The lines of a story.
#[derive(Debug, Default)]
pub struct Story {
    told: bool,
    lines: Vec<String>,
}

impl Story {
    /// A story that is written down, or isn't.
    #[must_use]
    pub const fn new(told: bool) -> Self {
        Self { told, lines: Vec::new() }
    }

    /// Notes what happened at a time.
    pub fn tell(&mut self, now: u64, what: Arguments<'_>) {
        if self.told {
            let (hours, minutes) = (now / HOUR, now / MINUTE % 60);
            let (seconds, milli) = (now / SECOND % 60, now / MILLI % 1_000);
            self.lines.push(format!("{hours}:{minutes:02}:{seconds:02}.{milli:03}  {what}"));
        }
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}
