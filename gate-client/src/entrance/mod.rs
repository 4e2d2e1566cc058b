//! The loop: links, staff, scans, time and signals go in, one at a time. An entrance serves one event or
//! several; each has a gate of its own, with its own journal and link, and they share screen and scanner. It is the
//! same wherever a gate runs: what it asks of an operating system or a browser is in [`crate::platform`].

mod closing;
mod command;
mod effects;
#[cfg(feature = "native")]
mod for_hub;
mod front;
mod gate;
mod hub;
mod link_events;
mod offering;
mod open;
mod revoked;
mod route;
mod said;
mod search;
mod seen;
mod staff;
mod timing;
mod told;

use core::time::Duration;

use kaisatsu_shared::id::EventId;
use tokio::sync::mpsc;

use crate::{
    engine::Input,
    link::LinkEvent,
    platform::{Clock, sleep},
    scan::ScanInput,
};

pub(crate) use command::Command;
pub(crate) use front::{Front, SharedFront};
pub(crate) use gate::Gate;
pub(crate) use hub::Hub;
#[cfg(feature = "native")]
pub(crate) use open::ForHub;
pub(crate) use open::{Opening, Reports, damaged, open};
pub(crate) use said::{Said, hear};
#[cfg(feature = "native")]
pub(crate) use seen::Seen;

use route::route;
use staff::PinChecked;

/// The longest sleep of the loop, in milliseconds.
const TICK: u64 = 1_000;

/// What reaches one gate.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// From its link.
    Link(LinkEvent),
    /// A PIN was checked.
    Pin(PinChecked),
}

/// What reaches an entrance from outside.
pub(crate) struct Arrivals {
    /// By the place of its gate.
    pub(crate) arrivals: mpsc::Receiver<(usize, Arrival)>,
    pub(crate) scans: mpsc::Receiver<ScanInput>,
    /// What staff tell the gate.
    pub(crate) commands: mpsc::Receiver<Command>,
    /// It is to end soon.
    pub(crate) signals: mpsc::Receiver<()>,
}

/// The gates of one entrance.
pub(crate) struct Entrance {
    gates: Vec<Gate>,
    /// Whose verdict is on the screen: staff's commands are for it.
    active: usize,
    front: SharedFront,
    clock: Clock,
}

impl Entrance {
    pub(crate) const fn new(gates: Vec<Gate>, front: SharedFront, clock: Clock) -> Self {
        Self { gates, active: 0, front, clock }
    }

    /// Takes in what arrives until the source or the process is to end.
    pub(crate) async fn work(&mut self, arrivals: Arrivals) -> anyhow::Result<()> {
        let Arrivals { mut arrivals, mut scans, mut commands, mut signals } = arrivals;
        let mut commands_end = false;
        self.refresh();
        while !self.is_over() {
            let takes_scans = self.gates.iter().all(Gate::takes_scans);
            tokio::select! {
                biased;
                Some(()) = signals.recv() => self.gates.iter_mut().for_each(Gate::signalled),
                Some((place, arrival)) = arrivals.recv() => {
                    if let Some(gate) = self.gates.get_mut(place) {
                        gate.take(arrival).await;
                    }
                }
                command = commands.recv(), if !commands_end => match command {
                    Some(command) => {
                        if let Some(gate) = self.gates.get_mut(self.active) {
                            gate.obey(command).await?;
                        }
                    }
                    None => commands_end = true,
                },
                scan = scans.recv(), if takes_scans => match scan {
                    Some(scan) => self.scan(scan).await?,
                    None => self.gates.iter_mut().for_each(Gate::source_ended),
                },
                () = sleep(self.pause()) => {
                    for gate in &mut self.gates {
                        gate.handle(Input::Tick).await;
                    }
                    self.front.borrow_mut().face.tick(self.clock.monotonic());
                }
            }
            for gate in &mut self.gates {
                gate.keep_time().await;
                gate.keep_revoked().await;
            }
            self.refresh();
        }
        Ok(())
    }

    /// What each gate does before the end.
    pub(crate) async fn end(&mut self) {
        for gate in &mut self.gates {
            gate.end().await;
        }
    }

    async fn scan(&mut self, scan: ScanInput) -> anyhow::Result<()> {
        let events: Vec<EventId> = self.gates.iter().map(Gate::event).collect();
        self.active = route(scan.text.text().unwrap_or_default(), &events);
        match self.gates.get_mut(self.active) {
            Some(gate) => gate.scan(scan).await,
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
                self.front.borrow_mut().face.status(line);
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
}
