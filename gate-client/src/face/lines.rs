//! For machines: one JSON document a line.

use std::io::Write as _;

use serde_json::Value;

use crate::{link::Notice, scan::ScanProblem, time::ClockHealth};

use super::{Face, Found, Shown, json};

/// Standard output.
#[derive(Debug)]
pub(super) struct Lines;

impl Face for Lines {
    fn verdict(&mut self, shown: &Shown<'_>, _now: u64) {
        print(&json::verdict(shown));
    }

    fn problem(&mut self, problem: ScanProblem, source: &str, _now: u64) {
        print(&json::problem(problem, source));
    }

    fn notice(&mut self, notice: &Notice) {
        print(&json::notice(notice));
    }

    fn clock(&self, health: &ClockHealth) {
        print(&json::clock(health));
    }

    fn found(&mut self, found: &Found<'_>, _until: u64) {
        print(&found.json());
    }
}

/// Prints a line at once. Nobody to read it is no reason to stop admitting.
fn print(line: &Value) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        tracing::error!(%error, "a line can't be printed");
    }
}
