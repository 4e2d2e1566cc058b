//! The loop that owns the engine: link, answers, scans, time and signals go in, one at a time.

use std::{collections::BTreeMap, sync::Arc};

use kaisatsu_shared::id::{ClaimKey, InstallationId};
use tokio::{
    sync::mpsc,
    time::{Duration, sleep},
};

use crate::{
    engine::{Engine, Input, LinkState, ScanId},
    face::{Face, StatusLine},
    link::{Link, LinkEvent, Notice},
    scan::{ScanInput, ScanText},
    store::Store,
    time::{ClockHealth, Timekeeper},
};

use super::{
    Clock,
    closing::Closing,
    command::Command,
    hook::Hook,
    random,
    seen::{Seen, SeenFile},
    staff::{PinChecked, SignIn},
    told::Told,
};

/// With rules from an earlier start, scanning waits so long for the first contact, milliseconds.
const FIRST_CONTACT: u64 = 2_000;
/// The longest sleep of the loop, in milliseconds.
const TICK: u64 = 1_000;

/// Where a scan came from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) text: ScanText,
}

/// The parts of a running gate, and what it remembers between inputs.
pub(super) struct Gate {
    pub(super) engine: Engine,
    pub(super) store: Store,
    pub(super) installation: InstallationId,
    pub(super) link: Arc<Link>,
    pub(super) seen_file: SeenFile,
    pub(super) face: Face,
    pub(super) hook: Option<Hook>,
    pub(super) clock: Clock,
    pub(super) time: Timekeeper,
    /// When the time is to be asked for, in monotonic milliseconds.
    pub(super) time_due: u64,
    pub(super) shown_clock: Option<ClockHealth>,
    pub(super) origins: BTreeMap<ScanId, Origin>,
    pub(super) sign_in: SignIn,
    pub(super) shown: Option<Seen>,
    pub(super) ready: bool,
    pub(super) told: Told,
    /// The write failure that staff was told of.
    pub(super) disk_fault: Option<&'static str>,
    pub(super) closing: Closing,
}

/// What reaches a gate from outside.
pub(super) struct Arrivals {
    pub(super) events: mpsc::Receiver<LinkEvent>,
    pub(super) scans: mpsc::Receiver<ScanInput>,
    /// What staff tell the gate.
    pub(super) commands: mpsc::Receiver<Command>,
    /// PINs that were checked.
    pub(super) pins: mpsc::Receiver<PinChecked>,
}

impl Gate {
    /// Takes in what arrives until the source or the process is to end.
    pub(super) async fn work(&mut self, arrivals: Arrivals) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let Arrivals { mut events, mut scans, mut commands, mut pins } = arrivals;
        let mut commands_end = false;
        self.refresh_status();
        while !self.closing.is_over(&self.engine, self.clock.monotonic()) {
            let takes_scans = self.takes_scans();
            tokio::select! {
                biased;
                _ = terminate.recv() => self.closing.signalled(self.clock.monotonic()),
                _ = interrupt.recv() => self.closing.signalled(self.clock.monotonic()),
                Some(event) = events.recv() => self.link_event(event),
                Some(checked) = pins.recv() => self.pin_checked(checked),
                command = commands.recv(), if !commands_end => match command {
                    Some(command) => self.obey(command)?,
                    None => commands_end = true,
                },
                scan = scans.recv(), if takes_scans => match scan {
                    Some(scan) => self.scan(scan)?,
                    None => self.closing.source_ended(self.clock.monotonic()),
                },
                () = sleep(self.pause()) => {
                    self.handle(Input::Tick);
                    self.face.tick(self.clock.monotonic());
                }
            }
            self.keep_time();
            self.refresh_status();
        }
        Ok(())
    }

    /// Scans wait in their channel while one is decided, and at the start until the rules are
    /// there or the server is known not to answer.
    fn takes_scans(&self) -> bool {
        let has_rules = self.engine.bundle().is_some();
        let started = self.ready || (has_rules && self.clock.monotonic() >= FIRST_CONTACT);
        started && !self.engine.is_deciding() && !self.closing.has_begun()
    }

    fn pause(&self) -> Duration {
        let now = self.clock.monotonic();
        let mut next = now.saturating_add(TICK);
        next = self.engine.next_tick().map_or(next, |tick| next.min(tick));
        next = self.face.next_tick().map_or(next, |tick| next.min(tick));
        if self.closing.has_begun() {
            next = next.min(now.saturating_add(50));
        }
        if !self.ready && now < FIRST_CONTACT {
            next = next.min(FIRST_CONTACT);
        }
        // Never a busy loop, also where a deadline has passed and waits for something else.
        self.clock.until(next).max(Duration::from_millis(1))
    }

    fn scan(&mut self, scan: ScanInput) -> anyhow::Result<()> {
        let ScanInput { text: read, source, .. } = scan;
        if let ScanText::Problem(problem) = read {
            self.face.problem(problem, &source, self.clock.monotonic());
            return Ok(());
        }
        let text = read.text().unwrap_or_default().to_owned();
        let key = ClaimKey(random()?);
        self.origins.insert(self.engine.next_scan(), Origin { source, text: read });
        self.handle(Input::Scan { text, key });
        Ok(())
    }

    /// Tells of a changed link, and keeps the status line right.
    fn refresh_status(&mut self) {
        let status = self.engine.status();
        let clock = self.clock_health();
        let known = self.ready || status.link != LinkState::Alone;
        let seen = Seen { link: status.link, clock: clock.clone() };
        if known && self.shown.as_ref() != Some(&seen) {
            self.seen_file.write(&seen);
            let before = self.shown.replace(seen).map(|shown| shown.link);
            if before != Some(status.link) {
                let policy = self.engine.bundle().map(|bundle| bundle.rules.policy);
                self.notice(Notice::link(status.link, policy));
            }
        }
        let gate = self.engine.identity().gate;
        let name = self.engine.bundle().and_then(|bundle| bundle.gate(gate));
        let name = name.map(|gate| gate.name.clone());
        let line = StatusLine { gate, name, operator: self.operator(), status, clock };
        self.face.status(line, self.clock.monotonic());
    }
}
