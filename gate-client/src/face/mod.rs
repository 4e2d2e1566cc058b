//! What staff and machines see: a verdict large on a terminal, plain lines where there is none, a page,
//! or a JSON document a line.

mod echo;
mod found;
mod json;
mod page;
mod paint;
mod sentence;
mod style;
mod terminal;
#[cfg(test)]
mod tests;

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::GateId,
    reason::{Language, LocalText},
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
use page::Page;
use terminal::Terminal;

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

/// Where verdicts go.
#[derive(Debug)]
pub(crate) enum Face {
    /// For machines.
    Json,
    /// For people.
    Terminal(Box<Terminal>),
    /// For people, who look at a page.
    Page(Box<Page>),
}

impl Face {
    pub(crate) fn new(json: bool, language: Language, direction: Direction) -> Self {
        if json { Self::Json } else { Self::Terminal(Box::new(Terminal::new(language, direction))) }
    }

    /// A page, whose documents go there.
    pub(crate) fn page(post: page::Post) -> Self {
        Self::Page(Box::new(Page::new(post)))
    }

    /// A scan's end.
    pub(crate) fn verdict(&mut self, shown: &Shown<'_>, now: u64) {
        match self {
            Self::Json => json::print(&json::verdict(shown)),
            Self::Terminal(terminal) => terminal.verdict(shown, now),
            Self::Page(page) => page.verdict(shown),
        }
    }

    /// Something went wrong on the way from the code to the gate; it says nothing of the ticket.
    pub(crate) fn problem(&mut self, problem: ScanProblem, source: &str, now: u64) {
        match self {
            Self::Json => json::print(&json::problem(problem, source)),
            Self::Terminal(terminal) => terminal.problem(problem, now),
            Self::Page(page) => page.problem(problem, source),
        }
    }

    /// A message beside the verdicts.
    pub(crate) fn notice(&mut self, notice: &Notice) {
        match self {
            Self::Json => json::print(&json::notice(notice)),
            Self::Terminal(terminal) => terminal.notice(notice),
            Self::Page(page) => page.notice(notice),
        }
    }

    /// The time comes from elsewhere, or something about it is to be looked into. The terminal
    /// has it in its status line.
    pub(crate) fn clock(&self, health: &ClockHealth) {
        if let Self::Json = self {
            json::print(&json::clock(health));
        }
    }

    /// Tickets that staff looked up, to be seen until then.
    pub(crate) fn found(&mut self, found: &Found<'_>, until: u64) {
        match self {
            Self::Json => json::print(&found.json()),
            Self::Terminal(terminal) => terminal.found(found, until),
            Self::Page(page) => page.found(found),
        }
    }

    /// Shows them no longer.
    pub(crate) fn forget_found(&mut self) {
        match self {
            Self::Json => {}
            Self::Terminal(terminal) => terminal.forget_found(),
            Self::Page(page) => page.forget_found(),
        }
    }

    /// The state of the gate, whenever it may have changed.
    pub(crate) fn status(&mut self, line: StatusLine, now: u64) {
        match self {
            Self::Json => {}
            Self::Terminal(terminal) => terminal.status(line, now),
            Self::Page(page) => page.status(line),
        }
    }

    /// When the face wants to be called next.
    pub(crate) fn next_tick(&self) -> Option<u64> {
        match self {
            Self::Json | Self::Page(_) => None,
            Self::Terminal(terminal) => terminal.next_tick(),
        }
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, now: u64) {
        if let Self::Terminal(terminal) = self {
            terminal.tick(now);
        }
    }

    /// Leaves the screen as it was found.
    pub(crate) fn close(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.close();
        }
    }
}
