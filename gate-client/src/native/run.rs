//! The start: the gates are opened, the source begins, the loop takes over; and the end.

use std::{cell::RefCell, net::SocketAddr, path::PathBuf, rc::Rc, sync::Arc};

use anyhow::{Context as _, ensure};
use kaisatsu_shared::{reason::Language, rules::Direction};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::{Duration, timeout},
};

use crate::{
    entrance::{Arrivals, Entrance, Front, Gate, Reports, hear},
    face,
    hub::bind,
    kiosk::{self, Board},
    platform::{self, Clock, ClockOptions},
    scan::{Source, SourceSpec},
    store::Directory,
};

use super::{commands, hook::Hook, open::open};

/// How long runs of the hook may go on at the end.
const HOOK_END: Duration = Duration::from_secs(2);

/// How long the source may take to end.
const SOURCE_END: Duration = Duration::from_secs(1);

/// How the gate is to run.
#[derive(Debug)]
pub(crate) struct Settings {
    /// One for each event that is served.
    pub(crate) directories: Vec<Directory>,
    /// None where codes come from the page only.
    pub(crate) source: Option<SourceSpec>,
    /// End after the pictures that are there.
    pub(crate) once: bool,
    pub(crate) direction: Direction,
    pub(crate) json: bool,
    pub(crate) language: Language,
    pub(crate) hook: Option<String>,
    /// A named pipe that gives staff's commands.
    pub(crate) answers: Option<PathBuf>,
    pub(crate) clock: ClockOptions,
    /// Where other gates ask this one, if it is the venue's hub.
    pub(crate) hub: Option<SocketAddr>,
    /// Where the page is served, if there is one.
    pub(crate) page: Option<SocketAddr>,
    /// Hubs may announce themselves in the local network, and be found so.
    pub(crate) mdns: bool,
}

/// Runs the gate until its source or the process is to end.
///
/// # Errors
/// What keeps it from starting, each with what to do.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let clock = Clock::new(settings.clock.offset);
    let board = Arc::new(Board::new());
    let face = match settings.page {
        Some(_) => {
            let board = Arc::clone(&board);
            face::page(Box::new(move |document| board.post(document)))
        }
        None if settings.json => face::json(),
        None => face::terminal(settings.language, settings.direction),
    };
    let front = Rc::new(RefCell::new(Front { face, turnstile: None }));
    let (sender, arrivals) = mpsc::channel(16);
    let mut gates: Vec<Gate> = Vec::new();
    let mut hook = None;
    for (place, directory) in settings.directories.iter().enumerate() {
        let reports = Reports::at(place, &sender);
        if let Some(command) = settings.hook.clone().filter(|_| place == 0) {
            let hook = hook.insert(Hook::new(command, reports.link.clone())).clone();
            front.borrow_mut().turnstile =
                Some(Box::new(move |gate, scan, verdict| hook.run(gate, scan, verdict)));
        }
        let (gate, hub) = open(directory, &settings, clock, Rc::clone(&front), reports).await?;
        if let Some(listen) = settings.hub.filter(|_| place == 0) {
            hub.be_hub(&gate, bind(listen).await?, clock, settings.mdns).await?;
        }
        let event = gate.event();
        ensure!(
            gates.iter().all(|known| known.event() != event),
            "{} is of event {event}, as another directory is: name each event once",
            directory.path().display()
        );
        gates.push(gate);
    }
    let takes_stdin = matches!(settings.source, Some(SourceSpec::Stdin { .. }));
    let (command_sender, commands) = mpsc::channel(4);
    commands::start(settings.answers.as_deref(), takes_stdin, command_sender.clone())?;
    let (scan_sender, scans) = mpsc::channel(16);
    if let Some(listen) = settings.page {
        let (sender, said) = mpsc::channel(16);
        kiosk::serve(kiosk::bind(listen).await?, board, sender);
        platform::spawn(hear(said, scan_sender.clone(), command_sender, clock));
    }
    let start = |spec| {
        let hand_over = move |scan| scan_sender.blocking_send(scan).is_ok();
        Source::start(spec, settings.once, move || clock.monotonic(), hand_over)
    };
    let source = settings.source.as_ref().map(start).transpose()?;
    let mut entrance = Entrance::new(gates, Rc::clone(&front), clock);
    entrance.work(Arrivals { arrivals, scans, commands, signals: signals()? }).await?;
    let source_end = match source {
        Some(source) => end(source).await,
        None => Ok(()),
    };
    if let Some(hook) = hook {
        hook.finish(HOOK_END).await;
    }
    entrance.end().await;
    front.borrow_mut().face.close();
    source_end
}

/// Each signal to end.
fn signals() -> std::io::Result<mpsc::Receiver<()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, signals) = mpsc::channel(1);
    platform::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if sender.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(signals)
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
