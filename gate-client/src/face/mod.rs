//! What staff and machines see: a verdict large on a terminal, plain lines where there is none, a page,
//! or a JSON document a line.

#[cfg(feature = "native")]
mod echo;
mod found;
#[cfg(feature = "native")]
mod found_screen;
mod json;
#[cfg(feature = "native")]
mod lines;
mod page;
#[cfg(feature = "native")]
mod paint;
mod sentence;
#[cfg(feature = "native")]
mod style;
#[cfg(feature = "native")]
mod terminal;
#[cfg(test)]
#[cfg(feature = "native")]
mod tests;

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::GateId,
    reason::LocalText,
    right::Authority,
    rules::{Direction, Verdict},
};

use crate::{
    engine::{ScanId, Status},
    link::Notice,
    scan::ScanProblem,
    time::ClockHealth,
};

pub(crate) use found::Found;
#[cfg(feature = "native")]
use kaisatsu_shared::reason::Language;

/// A verdict with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) scan: ScanId,
    pub(crate) verdict: &'a Verdict,
    pub(crate) authority: Option<Authority>,
    pub(crate) source: Option<&'a str>,
    pub(crate) bundle: Option<&'a OpenBundle>,
}

/// The quiet line at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine {
    pub(crate) gate: GateId,
    pub(crate) name: Option<LocalText>,
    /// The event of the verdict on the screen, where several are served.
    pub(crate) event: Option<LocalText>,
    /// The event's time zone.
    pub(crate) zone: Option<String>,
    pub(crate) direction: Direction,
    pub(crate) status: Status,
    pub(crate) clock: ClockHealth,
    /// Who is signed in.
    pub(crate) operator: Option<String>,
}

/// Where verdicts go. Times are monotonic milliseconds.
pub(crate) trait Face {
    /// A scan's end.
    fn verdict(&mut self, shown: &Shown<'_>, now: u64);

    /// Something went wrong on the way from the code to the gate; it says nothing of the ticket.
    fn problem(&mut self, problem: ScanProblem, source: &str, now: u64);

    /// A message beside the verdicts.
    fn notice(&mut self, notice: &Notice);

    /// The time comes from elsewhere, or something about it is to be looked into.
    fn clock(&self, _health: &ClockHealth) {}

    /// Tickets that staff looked up, to be seen until then.
    fn found(&mut self, found: &Found<'_>, until: u64);

    /// Shows them no longer.
    fn forget_found(&mut self) {}

    /// The state of the gate, whenever it may have changed.
    fn status(&mut self, _line: StatusLine) {}

    /// When the face wants to be called next.
    fn next_tick(&self) -> Option<u64> {
        None
    }

    /// Time passed.
    fn tick(&mut self, _now: u64) {}

    /// Leaves the screen as it was found.
    fn close(&mut self) {}
}

/// For machines.
#[cfg(feature = "native")]
pub(crate) fn json() -> Box<dyn Face> {
    Box::new(lines::Lines)
}

/// For people.
#[cfg(feature = "native")]
pub(crate) fn terminal(language: Language, direction: Direction) -> Box<dyn Face> {
    Box::new(terminal::Terminal::new(language, direction))
}

/// What a page gets to know of a message beside the verdicts.
#[cfg(not(feature = "native"))]
pub(crate) fn notice(notice: &Notice) -> serde_json::Value {
    json::notice(notice)
}

/// For people, who look at a page: documents go there.
pub(crate) fn page(post: page::Post) -> Box<dyn Face> {
    Box::new(page::Page::new(post))
}
