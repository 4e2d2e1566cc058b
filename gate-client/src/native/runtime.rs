//! The loop that owns the engine: scans, link, time and signals go in; what comes out is carried
//! out in order, writes first and to the disk before anything after them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use anyhow::Context as _;
use kaisatsu_shared::{
    id::{InstallationId, OperatorId},
    journal::{JournalEntry, JournalHead},
    ledger::{LedgerBody, LedgerEntry},
    reason::{Language, Outcome, ReasonCode},
    right::Authority,
    rules::Verdict,
};
use tokio::{
    sync::mpsc,
    time::{Duration, sleep},
};

use crate::{
    engine::{Effect, Engine, Identity, Input, LinkState, Record, ScanId, StoreFailed},
    face::{Face, Shown, StatusLine},
    link::{self, Link, LinkEvent, Notice},
    scan::{ScanInput, ScanText, Source, SourceSpec},
    store::{Directory, Loaded, Store, StoreError},
};

use super::{
    Clock, ClockOptions, LinkFile,
    answers::{answer_of, from_terminal},
    closing::Closing,
    hook::Hook,
    random,
};

/// With rules from an earlier start, scanning waits so long for the first contact, milliseconds.
const FIRST_CONTACT: u64 = 2_000;
/// The longest sleep of the loop, in milliseconds.
const TICK: u64 = 1_000;
/// The same message isn't repeated within this time, in milliseconds.
const REPEAT_AFTER: u64 = 60_000;
/// How long runs of the hook may go on at the end.
const HOOK_END: Duration = Duration::from_secs(2);

/// How the gate is to run.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) directory: Directory,
    pub(crate) source: SourceSpec,
    /// End after the pictures that are there.
    pub(crate) once: bool,
    pub(crate) json: bool,
    pub(crate) language: Language,
    pub(crate) hook: Option<String>,
    pub(crate) operator: OperatorId,
    pub(crate) clock: ClockOptions,
}

/// Where a scan came from.
#[derive(Debug)]
struct Origin {
    source: String,
    text: ScanText,
}

struct Gate {
    engine: Engine,
    store: Store,
    installation: InstallationId,
    link: Arc<Link>,
    link_file: LinkFile,
    face: Face,
    hook: Option<Hook>,
    clock: Clock,
    origins: BTreeMap<ScanId, Origin>,
    /// Whether lines of the source may be staff's answers.
    answers_in_source: bool,
    /// Whether "was this guest let in?" is what staff sees.
    asked: bool,
    shown_link: Option<LinkState>,
    ready: bool,
    told: BTreeMap<String, (Notice, u64)>,
    /// The write failure that staff was told of.
    disk_fault: Option<&'static str>,
    closing: Closing,
}

/// Runs the gate until its source or the process is to end.
///
/// # Errors
/// What keeps it from starting, each with what to do.
pub(crate) fn run(settings: Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the system gives no threads: restart the device")?;
    let result = runtime.block_on(start(settings));
    // A thread that waits for the terminal's next line isn't waited for.
    runtime.shutdown_background();
    result
}

async fn start(settings: Settings) -> anyhow::Result<()> {
    let directory = &settings.directory;
    let lock = directory.lock()?;
    let store = Store::open(directory, lock)?;
    let enrolment =
        store.enrolment()?.ok_or_else(|| StoreError::NotEnrolled(directory.path().to_owned()))?;
    let damaged = || StoreError::Corrupt("the credential".to_owned());
    let credential = enrolment.open().ok_or_else(damaged)?;
    let key = directory.key()?;
    if key.public() != credential.public {
        return Err(damaged().into());
    }
    let link_file = LinkFile::new(directory);
    link_file.clear();
    let identity = Identity {
        installation: enrolment.installation,
        event: credential.event,
        gate: credential.gate,
        device: credential.device,
        operator: settings.operator,
    };
    let Loaded { restored, ledger, bundle_refused } = store.load(&enrolment, credential.device)?;
    let clock = Clock::new(settings.clock);
    let (engine, effects) =
        Engine::start(identity, restored, ledger.iter().map(Vec::as_slice), clock.now())
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    drop(ledger);
    let revoked = store.refused()?.is_some();

    let (sender, events) = mpsc::channel(16);
    let (scan_sender, scans) = mpsc::channel(16);
    let source = Source::start(
        &settings.source,
        settings.once,
        move || clock.monotonic(),
        move |scan| scan_sender.blocking_send(scan).is_ok(),
    )?;
    let installation = enrolment.installation;
    let cursor = engine.state().cursor();
    let link_start = link::Start { enrolment, credential, key, clock, cursor, revoked };
    let link = Link::start(link_start, sender.clone())?;
    let is_stdin = matches!(settings.source, SourceSpec::Stdin { .. });
    let mut gate = Gate {
        engine,
        store,
        installation,
        link,
        link_file,
        face: Face::new(settings.json, settings.language),
        hook: settings.hook.map(|command| Hook::new(command, identity.gate, sender)),
        clock,
        origins: BTreeMap::new(),
        answers_in_source: is_stdin,
        asked: false,
        shown_link: None,
        ready: false,
        told: BTreeMap::new(),
        disk_fault: None,
        closing: Closing::default(),
    };
    if let Some(error) = bundle_refused {
        gate.notice(Notice::bundle(&error));
    }
    if revoked {
        gate.handle(Input::Link(LinkState::Refused));
    }
    gate.carry_out(effects);
    gate.work(events, scans, is_stdin).await?;
    source.stop();
    if let Some(hook) = gate.hook.take() {
        hook.finish(HOOK_END).await;
    }
    gate.face.close();
    gate.link_file.clear();
    Ok(())
}

impl Gate {
    async fn work(
        &mut self,
        mut events: mpsc::Receiver<LinkEvent>,
        mut scans: mpsc::Receiver<ScanInput>,
        is_stdin: bool,
    ) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut answers = if is_stdin { mpsc::channel(1).1 } else { from_terminal() };
        let mut answers_end = false;
        self.refresh_status();
        while !self.closing.is_over(&self.engine, self.clock.monotonic()) {
            let takes_scans = self.takes_scans();
            tokio::select! {
                biased;
                _ = terminate.recv() => self.closing.signalled(self.clock.monotonic()),
                _ = interrupt.recv() => self.closing.signalled(self.clock.monotonic()),
                Some(event) = events.recv() => self.link_event(event),
                answer = answers.recv(), if !answers_end => match answer {
                    Some(let_in) => self.answer(let_in),
                    None => answers_end = true,
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
            self.asked = false;
            self.face.problem(problem, &source, self.clock.monotonic());
            return Ok(());
        }
        let text = read.text().unwrap_or_default().to_owned();
        if self.answers_in_source
            && let Some(let_in) = answer_of(&text)
        {
            self.answer(let_in);
            return Ok(());
        }
        let key = kaisatsu_shared::id::ClaimKey(random()?);
        self.origins.insert(self.engine.next_scan(), Origin { source, text: read });
        self.handle(Input::Scan { text, key });
        Ok(())
    }

    fn answer(&mut self, let_in: bool) {
        // Only to the question that stands on the screen.
        if !core::mem::take(&mut self.asked) {
            return;
        }
        let before = self.engine.status().journal;
        self.handle(Input::Answer { let_in });
        if let_in && self.engine.status().journal > before {
            self.notice(Notice::new("answered", "記録しました", "Recorded"));
        }
    }

    fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Input(input) => self.handle(input),
            LinkEvent::Feed { entries, done } => {
                if self.has_unknown_type(&entries) {
                    self.link.refresh();
                }
                self.handle(Input::Feed { entries });
                let _ = done.send(self.engine.state().cursor());
            }
            LinkEvent::Session { journal } => self.compare_journals(journal),
            LinkEvent::Ready => self.ready = true,
            LinkEvent::Revoked => {
                if let Err(error) = self.store.refuse("device_revoked") {
                    self.disk_failed(&error);
                }
                self.handle(Input::Link(LinkState::Refused));
            }
            LinkEvent::Notice(notice) => self.notice(notice),
        }
    }

    fn has_unknown_type(&self, entries: &[Vec<u8>]) -> bool {
        let Some(bundle) = self.engine.bundle() else { return false };
        entries.iter().filter_map(|bytes| LedgerEntry::decode(bytes).ok()).any(|entry| {
            matches!(
                entry.body,
                LedgerBody::Issued { ticket_type, .. } if bundle.ticket_type(ticket_type).is_none()
            )
        })
    }

    /// The server must have the beginning of this journal. If it lost its end (it was restored),
    /// the lost entries are delivered again.
    fn compare_journals(&mut self, there: JournalHead) {
        let Ok(number) = usize::try_from(there.number) else { return };
        let journal = match self.store.journal() {
            Ok(journal) => journal,
            Err(error) => return self.disk_failed(&error),
        };
        let here = match number.checked_sub(1) {
            None => Some(JournalHead::default()),
            Some(index) => journal
                .get(index)
                .map(|bytes| JournalEntry::head_of(self.installation, there.number, bytes)),
        };
        if here != Some(there) {
            return self.notice(Notice::journal_differs());
        }
        let entries = journal.get(number..).unwrap_or_default().to_vec();
        self.handle(Input::ServerHas { number: there.number, entries });
    }

    fn handle(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.clock.now());
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo: VecDeque<_> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Store { id, records } => {
                    let result = self.write(&records);
                    let now = self.clock.now();
                    todo.extend(self.engine.handle(Input::Stored { id, result }, now));
                }
                Effect::Claim(claim) => self.link.claim(claim),
                Effect::Show { scan, verdict, authority } => self.show(scan, verdict, authority),
                Effect::Upload { entries, head } => self.link.upload(entries, head),
                Effect::Conflict { right, number } => {
                    self.notice(Notice::conflict(right.serial, number));
                }
                Effect::FeedBroken(why) => self.notice(Notice::history(&why)),
            }
        }
    }

    fn write(&mut self, records: &[Record]) -> Result<(), StoreFailed> {
        match self.store.apply(records) {
            Ok(()) => {
                self.disk_fault = None;
                Ok(())
            }
            Err(error) => {
                self.disk_failed(&error);
                Err(StoreFailed)
            }
        }
    }

    fn disk_failed(&mut self, error: &StoreError) {
        if matches!(error, StoreError::Fsync) {
            tracing::error!(%error, "the gate ends");
            self.face.close();
            eprintln!("kaisatsu-gate: {error}");
            // At once: an orderly end would write again.
            std::process::exit(74);
        }
        if self.disk_fault.replace(error.code()) != Some(error.code()) {
            tracing::error!(%error, code = error.code(), "the gate can't write");
            self.notice(Notice::new(
                error.code(),
                "記録できません。この端末を使わず、空き容量を確かめてください",
                error.to_string(),
            ));
        }
    }

    fn show(&mut self, scan: ScanId, verdict: Verdict, authority: Option<Authority>) {
        let now = self.clock.monotonic();
        let origin = self.origins.remove(&scan);
        let source = origin.as_ref().map(|origin| origin.source.as_str());
        self.asked = verdict.code == ReasonCode::Interrupted;
        match origin.as_ref().and_then(|origin| origin.text.doubt(verdict.code)) {
            Some(problem) => self.face.problem(problem, source.unwrap_or_default(), now),
            None => {
                let bundle = self.engine.bundle();
                let shown = Shown { scan, verdict: &verdict, authority, source, bundle };
                self.face.verdict(&shown, now);
            }
        }
        if verdict.outcome() == Outcome::Admit
            && let Some(hook) = &mut self.hook
        {
            hook.run(scan, &verdict);
        }
        let wants_rules =
            [ReasonCode::UnknownKey, ReasonCode::UnknownType, ReasonCode::BundleExpired];
        if wants_rules.contains(&verdict.code) {
            self.link.refresh();
        }
    }

    fn notice(&mut self, notice: Notice) {
        let now = self.clock.monotonic();
        let repeated = self
            .told
            .get(&notice.code)
            .is_some_and(|(last, at)| *last == notice && now.saturating_sub(*at) < REPEAT_AFTER);
        if repeated {
            return;
        }
        tracing::info!(code = notice.code, "{}", notice.en);
        self.face.notice(&notice);
        // Each change of the link is news.
        if notice.code != "link" {
            self.told.insert(notice.code.clone(), (notice, now));
        }
    }

    /// Tells of a changed link, and keeps the status line right.
    fn refresh_status(&mut self) {
        let status = self.engine.status();
        let known = self.ready || status.link != LinkState::Alone;
        if known && self.shown_link != Some(status.link) {
            self.shown_link = Some(status.link);
            self.link_file.write(status.link);
            self.notice(Notice::link(status.link));
        }
        let gate = self.engine.identity().gate;
        let name = self.engine.bundle().and_then(|bundle| bundle.gate(gate));
        let line = StatusLine { gate, name: name.map(|gate| gate.name.clone()), status };
        self.face.status(line, self.clock.monotonic());
    }
}
