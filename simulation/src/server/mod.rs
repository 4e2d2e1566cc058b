//! The server: the pure judgement of claims and journals around a log of its own, with a writer that
//! commits in groups. What isn't committed is lost when the process dies; replies leave only after it.

mod asked;
mod deeds;
mod keeping;
mod restoring;
mod tails;
mod writing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kaisatsu_server::{leasing::Lanes, store::types::QuarantineReason};
use kaisatsu_shared::{
    bundle::EventRules,
    id::{DeviceId, Epoch, GateId, Serial},
    journal::{JournalHead, SignedJournalHead},
    ledger::{EventState, LedgerBody, SignedCursor, UnpaidTickets},
    time::TimeInterval,
};

use crate::{
    check::Check,
    clock::truth,
    house::{self, Class, EVENT, INSTALLATION, Issue},
    message::{Address, Message},
    plan::Moment,
    stage::Stage,
};

pub use restoring::Restoring;
pub use tails::ToldEnds;

use restoring::Notes;

/// An entry that was set apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// Whose.
    pub device: DeviceId,
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Why.
    pub reason: QuarantineReason,
}

/// A journal entry as it was delivered: its hash and its bytes.
pub type Delivered = ([u8; 32], Vec<u8>);

/// What outlives the process.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The ledger.
    pub ledger: Vec<Vec<u8>>,
    /// Journals as delivered.
    pub journals: BTreeMap<DeviceId, Vec<Delivered>>,
    /// What was set apart.
    pub apart: Vec<Apart>,
    /// Tickets sold while the doors are open, with their secrets: no gate has those.
    sold: BTreeSet<Serial>,
    /// Revoked devices.
    pub revoked: BTreeSet<DeviceId>,
    /// The rules' version.
    pub rules: u64,
    /// What is known of the way back after a restore.
    pub restoring: Restoring,
    /// Where journals end beyond what was delivered, as was heard. In a transaction number 0 stands for none any more.
    pub ends: BTreeMap<DeviceId, JournalHead>,
    /// What it was told of that, for the checks.
    pub told: ToldEnds,
    /// In a transaction: what isn't set apart any more, by device and number.
    released: Vec<(DeviceId, u64)>,
}

/// What one transaction writes, and the replies that tell of it.
#[derive(Debug, Default)]
struct Transaction {
    log: Log,
    issues: Vec<(Serial, Issue)>,
    replies: Vec<Message>,
}

/// Something to carry out.
#[derive(Debug)]
enum Job {
    /// A device's request that writes.
    Request(Box<Message>),
    /// The organiser's deed, by its place in the plan.
    Deed(usize),
    /// Where a journal ends.
    End(SignedJournalHead),
    /// An admin confirms the list of devices, these given up.
    Attend(Vec<DeviceId>),
}

/// A request for the feed that waits for something new.
#[derive(Debug)]
struct Hold {
    number: u64,
    after: u64,
    message: Message,
}

/// The running process.
#[derive(Debug)]
struct Running {
    /// The ledger's fold, with what isn't committed yet.
    state: EventState,
    /// Hashes of the journals, with what isn't committed yet.
    journals: BTreeMap<DeviceId, Vec<[u8; 32]>>,
    inbox: VecDeque<Job>,
    committing: Option<Transaction>,
    holds: Vec<Hold>,
    /// Where journals end beyond what was delivered, with what isn't committed yet.
    ends: BTreeMap<DeviceId, JournalHead>,
    /// The end of each journal that was noted last.
    noted: BTreeMap<DeviceId, JournalHead>,
}

/// The server.
#[derive(Debug)]
pub struct Server {
    /// What outlives the process.
    pub log: Log,
    running: Option<Running>,
    boot: u32,
    rules: EventRules,
    /// The gate each device was enrolled for.
    gates: BTreeMap<DeviceId, GateId>,
    /// When each lane was heard; forgotten with the process.
    lanes: Lanes,
    next_hold: u64,
    /// Who began a session in this epoch.
    sessions: BTreeSet<Address>,
    /// A backup of what outlives the process.
    image: Option<Log>,
    /// What the admin knows without it.
    notes: Notes,
    /// Signed ends of pages, by hash.
    ends: BTreeMap<[u8; 32], SignedCursor>,
    /// Where its process is to die.
    pub dies: Option<Moment>,
    /// Whether its disk takes nothing.
    pub disk_full: bool,
    /// Whether the next fsync fails.
    pub sync_fails: bool,
}

impl Server {
    /// A server that has issued the plan's tickets.
    #[must_use]
    pub fn new(stage: &mut Stage) -> Option<Self> {
        let rules = house::event_rules(stage.plan.regime())?;
        let device = |place: usize| u32::try_from(place).unwrap_or_default().saturating_add(1);
        let gate = |place: usize| u16::try_from(place).unwrap_or_default().saturating_add(1);
        let places = 0..stage.plan.gates.len();
        let gates = places.map(|place| (DeviceId(device(place)), GateId(gate(place)))).collect();
        let log = Log { rules: 1, ..Log::default() };
        let mut server = Self {
            log,
            running: None,
            boot: 0,
            rules,
            gates,
            lanes: Lanes::default(),
            next_hold: 0,
            sessions: BTreeSet::new(),
            image: None,
            notes: Notes::default(),
            ends: BTreeMap::new(),
            dies: None,
            disk_full: false,
            sync_fails: false,
        };
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(1));
        for body in issued(stage) {
            let (_, bytes) = state.append(body, TimeInterval::exact(truth(0))).ok()?;
            server.log.ledger.push(bytes);
        }
        server.start(stage);
        Some(server)
    }

    /// The process starts with what the log holds.
    pub fn start(&mut self, stage: &mut Stage) {
        if self.running.is_some() {
            return;
        }
        self.boot = self.boot.saturating_add(1);
        self.running = self.load(stage);
        if self.boot > 1 {
            stage.tell(format_args!("the server starts"));
        }
    }

    /// Memory as the log has it.
    fn load(&self, stage: &mut Stage) -> Option<Running> {
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(1));
        for bytes in &self.log.ledger {
            if let Err(error) = state.apply(bytes) {
                stage.wrong(Check::ServerRestarts, error.to_string());
                return None;
            }
        }
        let hashes = |entries: &Vec<Delivered>| entries.iter().map(|it| it.0).collect();
        let journals = self.log.journals.iter().map(|(id, entries)| (*id, hashes(entries)));
        let journals = journals.collect();
        let (inbox, holds) = (VecDeque::new(), Vec::new());
        let (ends, noted) = (self.log.ends.clone(), BTreeMap::new());
        Some(Running { state, journals, inbox, committing: None, holds, ends, noted })
    }

    /// The process dies; what isn't durable is lost, and so is every request.
    pub fn die(&mut self, stage: &mut Stage, why: &str) {
        if self.running.take().is_some() {
            stage.tell(format_args!("the server dies: {why}"));
        }
        self.dies = None;
        self.lanes = Lanes::default();
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// The ledger's fold.
    #[must_use]
    pub fn state(&self) -> Option<&EventState> {
        self.running.as_ref().map(|running| &running.state)
    }

    /// Whether it has nothing under way that changes what it keeps; it may be told at any time what it knows.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let nothing = |it: &Transaction| it.log.ledger.is_empty() && it.log.journals.is_empty();
        let idle = |running: &Running| {
            running.committing.as_ref().is_none_or(nothing) && running.inbox.is_empty()
        };
        self.running.as_ref().is_some_and(idle)
    }

    /// The time by its clock.
    fn time(stage: &Stage) -> TimeInterval {
        let at = truth(stage.now()).0.saturating_add_signed(stage.server_off);
        TimeInterval::exact(kaisatsu_shared::time::UnixMillis(at))
    }
}

/// The issue of the plan's tickets: consecutive ones of a class together.
fn issued(stage: &Stage) -> Vec<LedgerBody> {
    let mut bodies: Vec<LedgerBody> = Vec::new();
    for serial in stage.plan.serials() {
        let class = Class::of(serial);
        let fingerprint = house::right(serial, Issue::FIRST.generation).fingerprint;
        match bodies.last_mut() {
            Some(LedgerBody::Issued { ticket_type, fingerprints, .. })
                if *ticket_type == class.type_id()
                    && fingerprints.len() < kaisatsu_shared::ledger::MAX_ISSUED =>
            {
                fingerprints.push(fingerprint);
            }
            _ => bodies.push(LedgerBody::Issued {
                first: serial,
                ticket_type: class.type_id(),
                entries: class.allows(),
                fingerprints: vec![fingerprint],
                unpaid: UnpaidTickets::NONE,
            }),
        }
    }
    bodies
}
