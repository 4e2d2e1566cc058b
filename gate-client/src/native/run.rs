//! The start: what the directory holds is read, the parts are made and handed to the loop.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context as _;
use kaisatsu_shared::{id::OperatorId, reason::Language, rules::Direction};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use crate::{
    engine::{Engine, Identity, Input, LinkState, Now},
    face::Face,
    link::{self, Link, Notice},
    operators::PinGuard,
    scan::{Source, SourceSpec},
    store::{Directory, Loaded, Store, StoreError},
    time::{Timekeeper, Who},
};

use super::{
    Clock, ClockOptions, SeenFile,
    closing::Closing,
    commands,
    gate::{Arrivals, Gate},
    hook::Hook,
    staff::SignIn,
    told::Told,
};

/// How long runs of the hook may go on at the end.
const HOOK_END: Duration = Duration::from_secs(2);

/// How long the source may take to end.
const SOURCE_END: Duration = Duration::from_secs(1);

/// How the gate is to run.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) directory: Directory,
    pub(crate) source: SourceSpec,
    /// End after the pictures that are there.
    pub(crate) once: bool,
    pub(crate) direction: Direction,
    pub(crate) json: bool,
    pub(crate) language: Language,
    pub(crate) hook: Option<String>,
    /// A named pipe that gives staff's commands.
    pub(crate) answers: Option<PathBuf>,
    pub(crate) clock: ClockOptions,
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
    let seen_file = SeenFile::new(directory);
    seen_file.clear();
    let identity = Identity {
        installation: enrolment.installation,
        event: credential.event,
        gate: credential.gate,
        device: credential.device,
        operator: OperatorId(0),
    };
    let Loaded { restored, ledger, bundle_refused } = store.load(&enrolment, credential.device)?;
    let clock = Clock::new(settings.clock.offset);
    let who = Who {
        installation: enrolment.installation,
        root: enrolment.root,
        event: credential.event,
        device: credential.device,
    };
    let reading = clock.read();
    let time = Timekeeper::start(who, settings.clock.trust, store.floor()?, reading);
    let now = Now { monotonic: reading.monotonic, time: time.now(reading) };
    let (engine, effects) =
        Engine::start(identity, restored, ledger.iter().map(Vec::as_slice), now)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    drop(ledger);
    let revoked = store.refused()?.is_some();
    let rules_refused = store.rules_refused()?.is_some();

    let takes_stdin = matches!(settings.source, SourceSpec::Stdin { .. });
    let commands = commands::start(settings.answers.as_deref(), takes_stdin)?;
    let (pin_sender, pins) = mpsc::channel(1);
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
    let link_start =
        link::Start { enrolment, credential, key, clock, cursor, revoked, rules_refused };
    let link = Link::start(link_start, sender.clone())?;
    let sign_in = SignIn::new(PinGuard::start(store.pin_failures()?), pin_sender);
    let mut gate = Gate {
        engine,
        store,
        installation,
        link,
        seen_file,
        face: Face::new(settings.json, settings.language, settings.direction),
        hook: settings.hook.map(|command| Hook::new(command, identity.gate, sender)),
        clock,
        time,
        time_due: 0,
        shown_clock: None,
        origins: BTreeMap::new(),
        sign_in,
        shown: None,
        ready: false,
        told: Told::default(),
        disk_fault: None,
        closing: Closing::default(),
    };
    if let Some(error) = bundle_refused {
        gate.notice(Notice::bundle(&error));
    }
    if rules_refused {
        gate.notice(Notice::rules_refused());
    }
    if revoked || rules_refused {
        gate.handle(Input::Link(LinkState::Refused));
    }
    gate.carry_out(effects);
    gate.handle(Input::Direction(settings.direction));
    gate.work(Arrivals { events, scans, commands, pins }).await?;
    let source_end = end(source).await;
    if let Some(hook) = gate.hook.take() {
        hook.finish(HOOK_END).await;
    }
    gate.keep_time_at_end();
    gate.face.close();
    gate.seen_file.clear();
    source_end
}

/// Stops the source. One that ended by a fault must not look like one that came to its end.
async fn end(source: Source) -> anyhow::Result<()> {
    source.stop();
    let joined = tokio::task::spawn_blocking(move || source.join());
    match timeout(SOURCE_END, joined).await {
        Ok(joined) => Ok(joined.context("the scan source can't be ended: start the gate again")??),
        // A device that hangs isn't waited for.
        Err(_) => Ok(()),
    }
}
