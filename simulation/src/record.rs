//! What truly happened, as nobody in the venue knows it: which light was shown, who went in by it. It is
//! never read from a journal or a ledger.

mod doubles;

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, LeaseId, Serial},
    lease::Serials,
    ledger::LedgerBody,
    reason::ReasonCode,
    right::{Authority, UseKind},
};

use crate::plan::Mistake;
pub use doubles::Double;

/// What a light was shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LightKind {
    /// A use of the right.
    Use(UseKind),
    /// Staff's answer that the guest of this entry hadn't been let in.
    Answer(DeviceId, u64),
    /// A lead's word.
    Override,
}

/// Whether the guest went by a light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It is on.
    Shown,
    /// They did.
    Passed,
    /// They turned back, or the light went out before anybody saw it.
    NotPassed,
}

/// A light that let somebody pass.
#[derive(Clone, Copy, Debug)]
pub struct Light {
    /// The gate that showed it, by its place in the venue.
    pub gate: usize,
    /// Its device.
    pub device: DeviceId,
    /// The number of the journal entry behind it.
    pub number: u64,
    /// The ticket.
    pub serial: Serial,
    /// What it was shown for.
    pub kind: LightKind,
    /// How many persons.
    pub count: u8,
    /// Who had the last word.
    pub authority: Authority,
    /// When it was shown.
    pub at: u64,
    /// Whether they passed.
    pub passage: Passage,
    /// Whether the mark that it was shown is durable.
    pub marked: bool,
    /// When staff took the use back: when they said so, not when that was durable.
    pub taken_back: Option<u64>,
    /// What goes wrong with its guest.
    pub mistake: Mistake,
}

/// A journal entry that is durable on its device and may let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The device.
    pub device: DeviceId,
    /// Its number.
    pub number: u64,
    /// The ticket.
    pub serial: Serial,
    /// What a light would be shown for.
    pub kind: LightKind,
    /// How many persons.
    pub count: u8,
    /// When it became durable.
    pub at: u64,
    /// Whether the process died before its mark was durable.
    pub interrupted: bool,
    /// Whether its gate knows so and can't write it: nobody else can know.
    pub unsaid: bool,
}

/// What the ledger said that a device holds when it was given up.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// When.
    pub at: u64,
    /// The device.
    pub device: DeviceId,
    /// Its lease.
    pub lease: LeaseId,
    /// The tickets.
    pub serials: Serials,
}

/// A guest's first try, and how it ended.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    /// The visit.
    pub visit: usize,
    /// When they showed their code.
    pub began: u64,
    /// Whether they waited while another lane was asked.
    pub waited: bool,
    /// Whether the venue's hub was asked.
    pub by_hub: bool,
    /// When they got their verdict, and which.
    pub ended: Option<(u64, ReasonCode)>,
}

/// What truly happened.
#[derive(Debug, Default)]
pub struct Record {
    /// Every light, in the order shown.
    pub lights: Vec<Light>,
    /// Every entry that became durable.
    pub entries: Vec<Entry>,
    /// First tries, in the order they began.
    pub scans: Vec<Scan>,
    /// Interrupted entries that staff have answered for.
    pub answered: BTreeSet<(DeviceId, u64)>,
    /// Tickets about which staff couldn't be told the truth: two interruptions at once.
    pub muddled: BTreeSet<Serial>,
    /// Tickets whose number a server gave to another, as it had lost that it was given.
    pub sold_again: BTreeSet<Serial>,
    /// When the server's database was put back from a backup, the last time.
    pub put_back: Option<u64>,
    /// Whether it ever was without anybody saying so.
    pub silent: bool,
    /// Gates that can prove it, until it is named.
    pub proofs: BTreeSet<usize>,
    /// Entries of the ledger that a server which was put back lacked, and the gates that had them as signed.
    pub kept_elsewhere: Vec<(usize, LedgerBody)>,
    /// Devices that an admin gave up after a restore.
    pub written_off: BTreeSet<DeviceId>,
    /// What the ledger said by then that they hold.
    pub held_by_written_off: Vec<Held>,
    /// Persons for whom the server or the hub granted claims, whatever became of them.
    pub granted: u32,
    /// How many entries of each device's journal the server has had.
    pub delivered: BTreeMap<DeviceId, u64>,
    /// What the hub wrote and said of others' claims.
    pub hub: HubRecord,
    /// Gates whose disk was set back or copied, whatever became of them later.
    pub copied: BTreeSet<usize>,
    /// When the server last said what it has of a revoked device's journal.
    pub receipts: BTreeMap<DeviceId, u64>,
    /// Revoked gates that deleted their journals.
    pub wiped: Vec<Wiped>,
}

/// A revoked gate that deleted its journal.
#[derive(Clone, Debug)]
pub struct Wiped {
    /// The gate.
    pub gate: usize,
    /// Its device.
    pub device: DeviceId,
    /// When the server had said what it has, else when it was deleted.
    pub at: u64,
    /// What it deleted.
    pub journal: Vec<Vec<u8>>,
}

/// Others' claims at the hub, each with the hub's place in the venue: a copy is one of its own.
#[derive(Debug, Default)]
pub struct HubRecord {
    /// Granted by an entry that is durable: on which ticket, and to whom.
    pub granted: BTreeMap<(usize, ClaimKey), (Serial, DeviceId)>,
    /// Given up by one.
    pub given_up: BTreeSet<(usize, ClaimKey)>,
    /// Of these, those of which the hub said so.
    pub heard: BTreeSet<(usize, ClaimKey)>,
    /// Rights that it received from lanes, by an entry that is durable.
    pub received: BTreeSet<(usize, LeaseId, Serial)>,
}

impl HubRecord {
    /// Whether a hub granted something to a device on a ticket, and said of all of that that it heard it was given up.
    #[must_use]
    pub fn is_over(&self, hub: usize, of: (Serial, DeviceId)) -> bool {
        let granted = self.granted.iter().filter(|(key, it)| (key.0, **it) == (hub, of));
        let mut over = granted.map(|(key, _)| self.heard.contains(key)).peekable();
        over.peek().is_some() && over.all(|over| over)
    }
}

impl Record {
    /// The lights of a ticket.
    pub fn of(&self, serial: Serial) -> impl Iterator<Item = (usize, &Light)> {
        self.lights.iter().enumerate().filter(move |(_, light)| light.serial == serial)
    }

    /// Persons for whom lights to come in were ever shown on a ticket, whatever became of them.
    #[must_use]
    pub fn ever_lit(&self, serial: Serial) -> u32 {
        let lights = self.of(serial).filter(|(_, light)| {
            matches!(light.kind, LightKind::Use(UseKind::Entry) | LightKind::Answer(..))
        });
        lights.map(|(_, light)| u32::from(light.count)).sum()
    }

    /// Persons for whom no light was shown on a ticket, which only a gate knows that can't write.
    #[must_use]
    pub fn unsaid(&self, serial: Serial) -> u32 {
        let unsaid = self.entries.iter().filter(|it| it.serial == serial && it.unsaid);
        unsaid.map(|entry| u32::from(entry.count)).sum()
    }

    /// A gate found out that these entries were interrupted, and has written it or can't.
    pub fn say(&mut self, device: DeviceId, number: u64, unsaid: bool) {
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|it| (it.device, it.number) == (device, number)) {
            entry.unsaid = unsaid;
        }
    }

    /// Persons who may have come in by durable entries or grants, and whom leads let in.
    #[must_use]
    pub fn ever_entered(&self) -> u32 {
        let entries = self.entries.iter().filter(|it| it.kind != LightKind::Use(UseKind::Exit));
        entries.map(|entry| u32::from(entry.count)).sum::<u32>().saturating_add(self.granted)
    }

    /// Whether somebody who came in on a ticket is inside.
    #[must_use]
    pub fn is_inside(&self, serial: Serial) -> bool {
        let passed = self.of(serial).filter(|(_, light)| light.passage == Passage::Passed);
        let last = passed.last().map(|(_, light)| light.kind);
        last.is_some_and(|kind| kind != LightKind::Use(UseKind::Exit))
    }

    /// Persons who came in by lights, leads' word left out, and who haven't left by an entry that is durable.
    #[must_use]
    pub fn inside(&self) -> u32 {
        let mut by_ticket: BTreeMap<Serial, u32> = BTreeMap::new();
        for light in &self.lights {
            let entered =
                matches!(light.kind, LightKind::Use(UseKind::Entry) | LightKind::Answer(..));
            let stays = light.passage != Passage::NotPassed && light.taken_back.is_none();
            if entered && stays {
                let inside = by_ticket.entry(light.serial).or_default();
                *inside = inside.saturating_add(light.count.into());
            }
        }
        for entry in self.entries.iter().filter(|it| it.kind == LightKind::Use(UseKind::Exit)) {
            if let Some(inside) = by_ticket.get_mut(&entry.serial) {
                *inside = inside.saturating_sub(entry.count.into());
            }
        }
        by_ticket.values().sum()
    }

    /// Whether the guest of an interrupted admission on a ticket went in, as they would say; nothing where
    /// none is open. Where two are open and differ, nobody can tell which one is meant.
    pub fn was_let_in(&mut self, serial: Serial) -> Option<bool> {
        let open = self.entries.iter().filter(|entry| {
            let light = (entry.device, entry.number);
            entry.serial == serial && entry.interrupted && !self.answered.contains(&light)
        });
        let truths: Vec<bool> = open.map(|entry| self.went(entry)).collect();
        let first = truths.first().copied();
        if truths.iter().any(|truth| Some(*truth) != first) {
            self.muddled.insert(serial);
        }
        first
    }

    /// A copy of the device may have given the number to another ticket.
    fn went(&self, entry: &Entry) -> bool {
        self.lights.iter().any(|light| {
            (light.device, light.number, light.serial) == (entry.device, entry.number, entry.serial)
                && light.passage == Passage::Passed
        })
    }

    /// Persons that durable entries may have let in on a ticket, by the most careful reading.
    #[must_use]
    pub fn recorded(&self, serial: Serial) -> u32 {
        let entries = self.entries.iter().filter(|entry| entry.serial == serial);
        let counts = entries.map(|entry| match entry.kind {
            LightKind::Use(UseKind::Entry) | LightKind::Answer(..) => u32::from(entry.count),
            LightKind::Use(UseKind::Exit) | LightKind::Override => 0,
        });
        counts.sum()
    }
}
