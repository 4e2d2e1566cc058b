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

/// The lines of a story that have to do with the ticket that `what` names, if it names one.
#[must_use]
pub fn about<'a>(lines: &'a [String], what: &str) -> Vec<&'a String> {
    let ticket = named(what);
    let belongs = |line: &&String| match (named(line), ticket) {
        (Some(here), Some(wanted)) => here == wanted,
        _ => true,
    };
    lines.iter().filter(belongs).collect()
}

fn named(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("ticket ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
