//! The start: the gates are opened, the source begins, the loop takes over; and the end.

use std::{cell::RefCell, net::SocketAddr, path::PathBuf, rc::Rc, sync::Arc};

use anyhow::{Context as _, ensure};
use kaisatsu_shared::{reason::Language, rules::Direction};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use crate::{
    face::Face,
    hub::bind,
    kiosk::{self, Board, Said},
    link::LinkEvent,
    platform::{self, Clock, ClockOptions},
    scan::{ScanInput, ScanText, Source, SourceSpec},
    store::Directory,
};

use super::{
    command::Command,
    commands,
    entrance::{Arrival, Arrivals, Entrance},
    front::Front,
    gate::Gate,
    hook::Hook,
    open::{Reports, open},
};

/// What the page is called as a source of codes.
const PAGE: &str = "page";

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
    let clock = Clock::new(settings.clock.offset);
    let board = Arc::new(Board::new());
    let face = match settings.page {
        Some(_) => {
            let board = Arc::clone(&board);
            Face::page(Box::new(move |document| board.post(document)))
        }
        None => Face::new(settings.json, settings.language, settings.direction),
    };
    let front = Rc::new(RefCell::new(Front { face, hook: None }));
    let (sender, arrivals) = mpsc::channel(16);
    let mut gates: Vec<Gate> = Vec::new();
    for (place, directory) in settings.directories.iter().enumerate() {
        let (reports, events) = reports(place, &sender);
        if place == 0 {
            let hook = settings.hook.clone().map(|command| Hook::new(command, events));
            front.borrow_mut().hook = hook;
        }
        let mut gate = open(directory, &settings, clock, Rc::clone(&front), reports)?;
        if let Some(listen) = settings.hub.filter(|_| place == 0) {
            gate.be_hub(bind(listen).await?, clock, settings.mdns)?;
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
    entrance.work(Arrivals { arrivals, scans, commands }).await?;
    let source_end = match source {
        Some(source) => end(source).await,
        None => Ok(()),
    };
    let hook = front.borrow_mut().hook.take();
    if let Some(hook) = hook {
        hook.finish(HOOK_END).await;
    }
    entrance.end();
    front.borrow_mut().face.close();
    source_end
}

/// Hands on what the page says.
async fn hear(
    mut said: mpsc::Receiver<Said>,
    scans: mpsc::Sender<ScanInput>,
    commands: mpsc::Sender<Command>,
    clock: Clock,
) {
    while let Some(words) = said.recv().await {
        let heard = match words {
            Said::Scan(text) => {
                let text = ScanText::from_line(Ok(text));
                let scan = ScanInput { text, source: PAGE.to_owned(), at_ms: clock.monotonic() };
                scans.send(scan).await.is_ok()
            }
            Said::Line(line) => match Command::read(&line) {
                Some(command) => commands.send(command).await.is_ok(),
                None => true,
            },
        };
        if !heard {
            return;
        }
    }
}

/// Where the parts of the gate at this place report, and its link's way in for others.
fn reports(
    place: usize,
    arrivals: &mpsc::Sender<(usize, Arrival)>,
) -> (Reports, mpsc::Sender<LinkEvent>) {
    let (link, pins) = (
        forward(place, arrivals.clone(), 16, Arrival::Link),
        forward(place, arrivals.clone(), 1, Arrival::Pin),
    );
    (Reports { link: link.clone(), pins }, link)
}

fn forward<T: Send + 'static>(
    place: usize,
    arrivals: mpsc::Sender<(usize, Arrival)>,
    room: usize,
    wrap: fn(T) -> Arrival,
) -> mpsc::Sender<T> {
    let (sender, mut receiver) = mpsc::channel(room);
    tokio::spawn(async move {
        while let Some(item) = receiver.recv().await {
            if arrivals.send((place, wrap(item))).await.is_err() {
                return;
            }
        }
    });
    sender
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
