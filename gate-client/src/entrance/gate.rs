//! The gate of one event: its engine with store, link and time around it.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use crate::{
    engine::{Engine, Input, LinkState, Record, ScanId},
    face::StatusLine,
    link::{Link, Notice, OwnHead},
    platform::{Clock, random},
    scan::{ScanInput, ScanText},
    store::Kept,
    time::{ClockHealth, SleepWatch, Timekeeper},
};
use kaisatsu_shared::{
    id::{ClaimKey, EventId, InstallationId},
    journal::JournalEntry,
};

use super::{
    Arrival,
    closing::Closing,
    front::SharedFront,
    hub::Hub,
    revoked::Revoking,
    search::Lookup,
    seen::{Seen, Watcher},
    staff::SignIn,
    told::Told,
};

/// With rules from an earlier start, scanning waits so long for the first contact, milliseconds.
const FIRST_CONTACT: u64 = 2_000;

/// Where a scan came from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) text: ScanText,
}

/// The parts of a running gate, and what it remembers between inputs.
pub(crate) struct Gate {
    pub(super) engine: Engine,
    pub(super) store: Kept,
    pub(super) installation: InstallationId,
    pub(super) link: Arc<Link>,
    pub(super) own_head: Arc<OwnHead>,
    pub(super) hub: Rc<dyn Hub>,
    pub(super) watcher: Watcher,
    pub(super) front: SharedFront,
    pub(super) clock: Clock,
    pub(super) time: Timekeeper,
    pub(super) sleep_watch: SleepWatch,
    /// When the time is to be asked for, in monotonic milliseconds.
    pub(super) time_due: u64,
    pub(super) shown_clock: Option<ClockHealth>,
    pub(super) origins: BTreeMap<ScanId, Origin>,
    pub(super) sign_in: SignIn,
    pub(super) lookup: Lookup,
    pub(super) shown: Option<Seen>,
    pub(super) ready: bool,
    pub(super) told: Told,
    /// The write failure that staff was told of.
    pub(super) disk_fault: Option<&'static str>,
    pub(super) closing: Closing,
    pub(super) revoking: Revoking,
}

impl Gate {
    /// The event it serves.
    pub(crate) const fn event(&self) -> EventId {
        self.engine.identity().event
    }

    /// What the newest bundle says of hubs.
    pub(crate) fn hub_rules(&self) {
        if let Some(bundle) = self.engine.bundle() {
            self.hub.rules(bundle);
        }
    }

    /// What goes with each request says how far the journal is durable now.
    pub(super) fn note_head(&self, records: &[Record]) {
        let last = records.iter().rev().find_map(|record| match record {
            Record::Journal { number, bytes } => Some((*number, bytes)),
            _ => None,
        });
        if let Some((number, bytes)) = last {
            self.own_head.grew(JournalEntry::head_of(self.installation, number, bytes));
        }
    }

    /// Takes in what its link or its PIN check reports.
    pub(super) async fn take(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Link(event) => self.link_event(event).await,
            Arrival::Pin(checked) => self.pin_checked(checked).await,
        }
    }

    /// The process is to end.
    pub(super) fn signalled(&mut self) {
        self.closing.signalled(self.clock.monotonic());
    }

    /// The source of scans ended.
    pub(super) fn source_ended(&mut self) {
        self.closing.source_ended(self.clock.monotonic());
    }

    /// Whether it may end now.
    pub(super) fn is_over(&mut self) -> bool {
        self.closing.is_over(&self.engine, self.clock.monotonic())
    }

    /// The orderly end.
    pub(super) async fn end(&mut self) {
        self.keep_time_at_end().await;
        (self.watcher)(None);
    }

    /// Scans wait in their channel while one is decided, and at the start until the rules are
    /// there or the server is known not to answer.
    pub(super) fn takes_scans(&self) -> bool {
        let has_rules = self.engine.bundle().is_some();
        let started = self.ready || (has_rules && self.clock.monotonic() >= FIRST_CONTACT);
        started && !self.engine.is_deciding() && !self.closing.has_begun()
    }

    /// When it has something to do again, in monotonic milliseconds.
    pub(super) fn next_turn(&self, now: u64) -> u64 {
        let mut next = self.engine.next_tick().unwrap_or(u64::MAX);
        if self.closing.has_begun() {
            next = next.min(now.saturating_add(50));
        }
        if !self.ready && now < FIRST_CONTACT {
            next = next.min(FIRST_CONTACT);
        }
        next
    }

    /// Decides a code; its verdict comes to the screen.
    pub(super) async fn scan(&mut self, scan: ScanInput) -> anyhow::Result<()> {
        self.lookup.forget();
        let ScanInput { text: read, source, .. } = scan;
        if let ScanText::Problem(problem) = read {
            let now = self.clock.monotonic();
            self.front.borrow_mut().face.problem(problem, &source, now);
            return Ok(());
        }
        let text = read.text().unwrap_or_default().to_owned();
        let key = ClaimKey(random()?);
        self.origins.insert(self.engine.next_scan(), Origin { source, text: read });
        self.handle(Input::Scan { text, key }).await;
        Ok(())
    }

    /// Tells of a changed link; gives the status line, with the event's name where there are `several`.
    pub(super) fn refresh_status(&mut self, several: bool) -> StatusLine {
        self.lookup.expire(self.clock.monotonic());
        let status = self.engine.status();
        let clock = self.clock_health();
        let known = self.ready || status.link != LinkState::Alone;
        let seen = Seen { link: status.link, clock: clock.clone() };
        if known && self.shown.as_ref() != Some(&seen) {
            (self.watcher)(Some(&seen));
            let before = self.shown.replace(seen).map(|shown| shown.link);
            if before != Some(status.link) {
                let policy = self.engine.bundle().map(|bundle| bundle.rules.policy);
                self.notice(Notice::link(status.link, policy));
            }
        }
        let gate = self.engine.identity().gate;
        let name = self.engine.bundle().and_then(|bundle| bundle.gate(gate));
        let name = name.map(|gate| gate.name.clone());
        let bundle = self.engine.bundle().filter(|_| several);
        let event = bundle.map(|bundle| bundle.name.clone());
        let zone = self.engine.bundle().map(|bundle| bundle.rules.zone.clone());
        let (operator, direction) = (self.operator(), self.engine.direction());
        StatusLine { gate, name, event, zone, direction, operator, status, clock }
    }
}
