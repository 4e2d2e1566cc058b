//! What every participant works with: the time, chance, the links, and who takes note of what happens.

use core::fmt::Arguments;
use std::collections::BTreeMap;

use kaisatsu_shared::id::{DeviceId, Serial};

use crate::{
    bugs::{Adapter, Bug, Place},
    check::{Check, Trouble},
    draw::Draw,
    event::Event,
    house::Issue,
    link::Links,
    message::{Address, Message},
    plan::Plan,
    record::Record,
    schedule::Schedule,
    story::Story,
};

/// What every participant works with.
#[derive(Debug)]
pub struct Stage {
    /// The plan that is carried out.
    pub plan: Plan,
    /// Virtual time.
    pub schedule: Schedule,
    /// Chance.
    pub draw: Draw,
    /// The links.
    pub links: Links,
    /// The links to the venue's hub.
    pub lan: Links,
    /// What truly happened.
    pub record: Record,
    /// What is told of it.
    pub story: Story,
    /// What was found wrong.
    pub trouble: Option<Trouble>,
    /// The fault that is planted, if one is.
    pub bug: Option<Bug>,
    /// Whether everything works again.
    pub healed: bool,
    /// How far the server's clock is off, in milliseconds.
    pub server_off: i64,
    /// Whether it ever was.
    pub server_lied: bool,
    /// Which issue of their ticket holders have.
    pub issues: BTreeMap<Serial, Issue>,
    /// The devices, by their gates' places in the venue.
    pub devices: Vec<DeviceId>,
}

impl Stage {
    /// An empty stage.
    #[must_use]
    pub fn new(plan: Plan, bug: Option<Bug>, told: bool) -> Self {
        Self {
            draw: Draw::of(plan.seed, 2),
            links: Links::new(plan.weather),
            lan: Links::new(plan.hub.as_ref().map_or(plan.weather, |hub| hub.lan)),
            plan,
            schedule: Schedule::default(),
            record: Record::default(),
            story: Story::new(told),
            trouble: None,
            bug,
            healed: false,
            server_off: 0,
            server_lied: false,
            issues: BTreeMap::new(),
            devices: Vec::new(),
        }
    }

    /// The true time.
    #[must_use]
    pub const fn now(&self) -> u64 {
        self.schedule.now()
    }

    /// Sends a message on its way.
    pub fn send(&mut self, message: Message) {
        let between_gates =
            matches!((message.from, message.to), (Address::Gate(_), Address::Gate(_)));
        let links = if between_gates { &self.lan } else { &self.links };
        links.send(message, &mut self.schedule, &mut self.draw);
    }

    /// Plans an event.
    pub fn after(&mut self, delay: u64, event: Event) {
        self.schedule.after(delay, event);
    }

    /// Notes what happened, for whoever reads the story.
    pub fn tell(&mut self, what: Arguments<'_>) {
        let now = self.now();
        self.story.tell(now, what);
    }

    /// Something that must hold doesn't. Only the first counts.
    pub fn wrong(&mut self, check: Check, what: impl Into<String>) {
        let what = what.into();
        self.tell(format_args!("WRONG: {}: {what}", check.name()));
        self.trouble.get_or_insert(Trouble { check, what });
    }

    /// Whether a fault of the adapters is planted.
    #[must_use]
    pub fn is_planted(&self, fault: Adapter) -> bool {
        self.bug.is_some_and(|bug| bug.place == Place::Adapter(fault))
    }

    /// The device at an address, if it is a gate's.
    #[must_use]
    pub fn device(&self, address: Address) -> Option<DeviceId> {
        match address {
            Address::Gate(place) => self.devices.get(place).copied(),
            Address::Server => None,
        }
    }

    /// Which issue of a ticket its holder has.
    #[must_use]
    pub fn issue(&self, serial: Serial) -> Issue {
        self.issues.get(&serial).copied().unwrap_or(Issue::FIRST)
    }
}
