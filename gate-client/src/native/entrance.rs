//! The loop: links, staff, scans, time and signals go in, one at a time. An entrance serves one event or
//! several; each has a gate of its own, with its own journal and link, and they share screen and scanner.

use kaisatsu_shared::id::EventId;
use tokio::{
    sync::mpsc,
    time::{Duration, sleep},
};

use crate::{engine::Input, link::LinkEvent, platform::Clock, scan::ScanInput};

use super::{command::Command, front::SharedFront, gate::Gate, route::route, staff::PinChecked};

/// The longest sleep of the loop, in milliseconds.
const TICK: u64 = 1_000;

/// What reaches one gate.
#[derive(Debug)]
pub(super) enum Arrival {
    /// From its link.
    Link(LinkEvent),
    /// A PIN was checked.
    Pin(PinChecked),
}

/// What reaches an entrance from outside.
pub(super) struct Arrivals {
    /// By the place of its gate.
    pub(super) arrivals: mpsc::Receiver<(usize, Arrival)>,
    pub(super) scans: mpsc::Receiver<ScanInput>,
    /// What staff tell the gate.
    pub(super) commands: mpsc::Receiver<Command>,
}

/// The gates of one entrance.
pub(super) struct Entrance {
    gates: Vec<Gate>,
    /// Whose verdict is on the screen: staff's commands are for it.
    active: usize,
    front: SharedFront,
    clock: Clock,
}

impl Entrance {
    pub(super) const fn new(gates: Vec<Gate>, front: SharedFront, clock: Clock) -> Self {
        Self { gates, active: 0, front, clock }
    }

    /// Takes in what arrives until the source or the process is to end.
    pub(super) async fn work(&mut self, arrivals: Arrivals) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let Arrivals { mut arrivals, mut scans, mut commands } = arrivals;
        let mut commands_end = false;
        self.refresh();
        while !self.is_over() {
            let takes_scans = self.gates.iter().all(Gate::takes_scans);
            tokio::select! {
                biased;
                _ = terminate.recv() => self.each(Gate::signalled),
                _ = interrupt.recv() => self.each(Gate::signalled),
                Some((place, arrival)) = arrivals.recv() => {
                    if let Some(gate) = self.gates.get_mut(place) {
                        gate.take(arrival);
                    }
                }
                command = commands.recv(), if !commands_end => match command {
                    Some(command) => {
                        if let Some(gate) = self.gates.get_mut(self.active) {
                            gate.obey(command)?;
                        }
                    }
                    None => commands_end = true,
                },
                scan = scans.recv(), if takes_scans => match scan {
                    Some(scan) => self.scan(scan)?,
                    None => self.each(Gate::source_ended),
                },
                () = sleep(self.pause()) => {
                    self.each(|gate| gate.handle(Input::Tick));
                    self.front.borrow_mut().face.tick(self.clock.monotonic());
                }
            }
            self.each(Gate::keep_time);
            self.each(Gate::keep_revoked);
            self.refresh();
        }
        Ok(())
    }

    /// What each gate does before the end.
    pub(super) fn end(&mut self) {
        self.each(Gate::end);
    }

    fn scan(&mut self, scan: ScanInput) -> anyhow::Result<()> {
        let events: Vec<EventId> = self.gates.iter().map(Gate::event).collect();
        self.active = route(scan.text.text().unwrap_or_default(), &events);
        match self.gates.get_mut(self.active) {
            Some(gate) => gate.scan(scan),
            None => Ok(()),
        }
    }

    fn is_over(&mut self) -> bool {
        // Each is asked: it keeps count of how long its link has been down.
        let open = self.gates.iter_mut().map(Gate::is_over).filter(|over| !over).count();
        open == 0
    }

    fn refresh(&mut self) {
        let (active, several) = (self.active, self.gates.len() > 1);
        for (place, gate) in self.gates.iter_mut().enumerate() {
            let line = gate.refresh_status(several);
            if place == active {
                self.front.borrow_mut().face.status(line, self.clock.monotonic());
            }
        }
    }

    fn pause(&self) -> Duration {
        let now = self.clock.monotonic();
        let mut next = now.saturating_add(TICK);
        next = self.front.borrow().face.next_tick().map_or(next, |tick| next.min(tick));
        for gate in &self.gates {
            next = next.min(gate.next_turn(now));
        }
        // Never a busy loop, also where a deadline has passed and waits for something else.
        self.clock.until(next).max(Duration::from_millis(1))
    }

    fn each(&mut self, act: impl FnMut(&mut Gate)) {
        self.gates.iter_mut().for_each(act);
    }
}
