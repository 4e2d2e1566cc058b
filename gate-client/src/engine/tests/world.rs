//! A small event, a disk that can break, and a gate between them. The gate's driver checks on
//! every effect what must always hold: numbers without holes, and no green before its record.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kaisatsu_shared::{
    bundle::{Bundle, Gate as BundleGate, Policy, Rules, SignedBundle, TicketType},
    display::clock::ClockWindow,
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, KeyId, OperatorId,
        OrganisationId, Serial, TypeId,
    },
    journal::{JournalBody, JournalEntry, JournalHead},
    key::{EventKey, ListedKey, RootKey},
    ledger::{EventState, LedgerBody},
    reason::{LocalText, Outcome, ReasonCode},
    right::{Authority, RightRef, Use, UseKind},
    rules::Verdict,
    sync::{BatchAnswer, Claim, ClaimAnswer, ClaimRefusal, EntryAnswer, EntryFate},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Body, Display, Mode, ModePart, Secret, Shown, encode},
};

use crate::engine::{
    Effect, Engine, Identity, Input, Intent, LinkState, Now, Record, Restored, ScanId, StoreFailed,
    StoreId,
};

pub(super) const INSTALLATION: InstallationId = InstallationId([7; 16]);
pub(super) const EVENT: EventId = EventId(9);
pub(super) const HERE: DeviceId = DeviceId(1);
pub(super) const ELSEWHERE: DeviceId = DeviceId(2);
const OPENING: u32 = 1_800_000_000;

pub(super) fn time(monotonic: u64) -> TimeInterval {
    TimeInterval::around(UnixSeconds(OPENING + 3_600).to_millis().plus(monotonic), 1_000)
}

/// What tickets admit: serials 0 and 1 once, serial 2 twice; serial 3 isn't issued at first.
pub(super) const ENTRIES: [u8; 4] = [1, 1, 2, 1];

/// The server's side: keys and the ledger.
pub(super) struct Event {
    root: RootKey,
    key: EventKey,
    pub(super) state: EventState,
    pub(super) ledger: Vec<Vec<u8>>,
}

impl Event {
    pub(super) fn new() -> Self {
        let root = RootKey::from_seed([1; 32]);
        let key = EventKey::from_seed(KeyId(1), [2; 32]);
        let state = EventState::new(INSTALLATION, EVENT, Epoch(1));
        let mut event = Self { root, key, state, ledger: Vec::new() };
        for serial in 0..3 {
            let fingerprint = event.body(serial).fingerprint(INSTALLATION, false);
            event.append(LedgerBody::Issued {
                first: Serial(serial),
                ticket_type: TypeId(1),
                entries: ENTRIES[serial as usize],
                fingerprints: vec![fingerprint],
            });
        }
        event
    }

    pub(super) fn append(&mut self, body: LedgerBody) -> u64 {
        let (entry, bytes) = self.state.append(body, time(0)).unwrap();
        self.ledger.push(bytes);
        entry.sequence
    }

    pub(super) fn body(&self, serial: u32) -> Body {
        Body {
            key: self.key.id(),
            event: EVENT,
            serial: Serial(serial),
            secret: Secret::from_bytes([serial as u8; 12]),
            valid_from: UnixSeconds(OPENING),
            valid_until: UnixSeconds(OPENING + 86_400),
            ticket_type: TypeId(1),
            entries: ENTRIES.get(serial as usize).copied().unwrap_or(1),
            generation: Generation(1),
            mode: ModePart::Static,
        }
    }

    pub(super) fn right(&self, serial: u32) -> RightRef {
        RightRef {
            event: EVENT,
            serial: Serial(serial),
            generation: Generation(1),
            fingerprint: self.body(serial).fingerprint(INSTALLATION, false),
        }
    }

    /// A journal entry of this gate's, outside any chain.
    pub(super) fn entry(&self, body: JournalBody) -> JournalEntry {
        JournalEntry {
            device: HERE,
            gate: GateId(1),
            operator: OperatorId(0),
            epoch: self.state.cursor().epoch,
            number: 1,
            previous: [0; 32],
            at: time(0),
            body,
        }
    }

    /// The ticket's text; serial 3 is signed but not issued yet.
    pub(super) fn text(&self, serial: u32) -> String {
        let token = self.key.sign(INSTALLATION, self.body(serial));
        encode(&Shown::new(token, Display::Static).unwrap())
    }

    pub(super) fn bundle(&self, version: u64, policy: Policy) -> SignedBundle {
        let name = |en: &str| LocalText { ja: String::new(), en: en.into() };
        let bundle = Bundle {
            format: 1,
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EVENT,
            name: name("Event"),
            epoch: Epoch(1),
            version,
            issued_at: UnixMillis(0),
            not_after: UnixSeconds(OPENING + 86_400).to_millis(),
            keys: vec![ListedKey { id: KeyId(1), public: self.key.public(), current: true }],
            rules: Rules {
                policy,
                clock_window: ClockWindow::default(),
                types: vec![TicketType {
                    id: TypeId(1),
                    name: name("Day"),
                    entries: 1,
                    display: Mode::Static,
                    gates: Vec::new(),
                }],
                gates: vec![BundleGate { id: GateId(1), name: name("North") }],
                zone: "Asia/Tokyo".into(),
            },
            roster_complete: false,
        };
        SignedBundle::sign(&bundle, &self.root).unwrap()
    }

    /// Another gate's use of a ticket.
    pub(super) fn used_elsewhere(&mut self, serial: u32, number: u64) -> Use {
        let mut claim = [0xee; 16];
        claim[..8].copy_from_slice(&number.to_be_bytes());
        let used = Use {
            right: self.right(serial),
            kind: UseKind::Entry,
            count: 1,
            claim: ClaimKey(claim),
            gate: GateId(2),
            device: ELSEWHERE,
            operator: OperatorId(0),
            epoch: Epoch(1),
            at: time(0),
            authority: Authority::Alone,
        };
        self.append(LedgerBody::Redeemed { used, number });
        used
    }

    /// The server's word on a claim, as far as these tests need it: grants while uses are left.
    pub(super) fn answer(&mut self, claim: &Claim) -> ClaimAnswer {
        let serial = claim.used.right.serial;
        let allowed = u32::from(ENTRIES[serial.0 as usize]);
        for &key in &claim.abandons {
            if !matches!(
                self.state.claim(&key).map(|known| known.standing),
                Some(kaisatsu_shared::ledger::ClaimStanding::Redeemed(_))
            ) {
                self.append(LedgerBody::Abandoned { serial, claim: key, device: HERE });
            }
        }
        if let Some(known) = self.state.claim(&claim.used.claim) {
            return match known.standing {
                kaisatsu_shared::ledger::ClaimStanding::Granted(sequence)
                | kaisatsu_shared::ledger::ClaimStanding::Redeemed(sequence) => {
                    ClaimAnswer::Granted { sequence }
                }
                kaisatsu_shared::ledger::ClaimStanding::Abandoned => {
                    ClaimAnswer::Refused { refusal: ClaimRefusal::Abandoned, last_use: None }
                }
            };
        }
        let right = self.state.right(serial);
        if right.is_some_and(|right| right.claimed() >= allowed) {
            return ClaimAnswer::Refused { refusal: ClaimRefusal::AlreadyUsed, last_use: None };
        }
        let sequence = self.append(LedgerBody::Granted(claim.used));
        ClaimAnswer::Granted { sequence }
    }

    /// Issues ticket 3 if the batch speaks of it.
    pub(super) fn issue_the_fourth(&mut self, entries: &[Vec<u8>]) {
        let spoken_of = entries.iter().any(|bytes| {
            matches!(
                JournalEntry::decode(bytes).unwrap().body,
                JournalBody::Redeemed { right, .. }
                | JournalBody::Abandoned { right, .. }
                | JournalBody::Interrupted { right, .. }
                | JournalBody::Answered { right, .. } if right.serial == Serial(3)
            )
        });
        if spoken_of && self.state.roster().len() == 3 {
            let fingerprints = vec![self.body(3).fingerprint(INSTALLATION, false)];
            let (first, ticket_type) = (Serial(3), TypeId(1));
            self.append(LedgerBody::Issued { first, ticket_type, entries: 1, fingerprints });
        }
    }

    /// Takes a batch as the server would: everything is recorded, conflicts are told.
    pub(super) fn take(&mut self, entries: &[Vec<u8>]) -> BatchAnswer {
        let mut answer = BatchAnswer { acknowledged: 0, entries: Vec::new() };
        for bytes in entries {
            let entry = JournalEntry::decode(bytes).unwrap();
            let mut fate = EntryFate::Accepted;
            match entry.body {
                JournalBody::Redeemed { right, .. } => {
                    let known = self.state.right(right.serial).is_some_and(|right| {
                        right.redemptions.iter().any(|old| {
                            (old.used.device, old.number) == (entry.device, entry.number)
                        })
                    });
                    if known {
                        fate = EntryFate::AlreadyKnown;
                    } else {
                        let used = entry.redeemed().unwrap();
                        self.append(LedgerBody::Redeemed { used, number: entry.number });
                        let allowed = u32::from(ENTRIES[right.serial.0 as usize]);
                        if self.state.right(right.serial).unwrap().entered() > allowed {
                            fate = EntryFate::Conflict { with: Vec::new() };
                        }
                    }
                }
                JournalBody::Abandoned { claim, right } => {
                    if !matches!(
                        self.state.claim(&claim).map(|known| known.standing),
                        Some(kaisatsu_shared::ledger::ClaimStanding::Redeemed(_))
                    ) {
                        let (serial, device) = (right.serial, entry.device);
                        self.append(LedgerBody::Abandoned { serial, claim, device });
                    }
                }
                JournalBody::Interrupted { number, right } => {
                    let at = (entry.device, number);
                    let answered = self
                        .state
                        .right(right.serial)
                        .is_some_and(|right| right.answered.contains(&at));
                    if !answered {
                        let (serial, device) = (right.serial, entry.device);
                        self.append(LedgerBody::Interrupted { serial, device, number });
                    }
                }
                JournalBody::Answered { device, number, right, let_in } => {
                    let (serial, by) = (right.serial, entry.device);
                    self.append(LedgerBody::Answered { serial, device, number, let_in, by });
                }
                JournalBody::Shown { .. } | JournalBody::Refused { .. } => {}
            }
            answer.acknowledged = entry.number;
            answer.entries.push(EntryAnswer { number: entry.number, fate });
        }
        answer
    }
}

/// What outlives the process.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) journal: Vec<Vec<u8>>,
    pub(super) intents: BTreeMap<ClaimKey, Intent>,
    pub(super) ledger: Vec<Vec<u8>>,
    pub(super) bundle: Option<SignedBundle>,
    pub(super) acknowledged: u64,
}

impl Disk {
    fn apply(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::Journal { number, bytes } => {
                    assert_eq!(*number, self.journal.len() as u64 + 1, "a hole in the journal");
                    self.journal.push(bytes.clone());
                }
                Record::Intent(intent) => {
                    self.intents.insert(intent.key, *intent);
                }
                Record::IntentDone(key) => {
                    self.intents.remove(key);
                }
                Record::Ledger { sequence, bytes } => {
                    assert_eq!(*sequence, self.ledger.len() as u64 + 1, "a hole in the ledger");
                    self.ledger.push(bytes.clone());
                }
                Record::Bundle(bundle) => self.bundle = Some(bundle.clone()),
                Record::Acknowledged(number) => {
                    assert!(*number <= self.journal.len() as u64);
                    self.acknowledged = *number;
                }
            }
        }
    }

    /// The journal, whose chain must hold.
    pub(super) fn entries(&self) -> (JournalHead, Vec<JournalEntry>) {
        JournalHead::default()
            .follow(INSTALLATION, HERE, self.journal.iter().map(Vec::as_slice))
            .unwrap()
    }

    fn restored(&self, event: &Event) -> Restored {
        let (head, journal) = self.entries();
        Restored {
            journal,
            outbox: self.journal[self.acknowledged as usize..].to_vec(),
            head,
            acknowledged: self.acknowledged,
            intents: self.intents.values().copied().collect(),
            bundle: self.bundle.clone().map(|signed| {
                let open = signed.open(&event.root.public(), INSTALLATION).unwrap();
                (signed, open)
            }),
        }
    }
}

/// A gate: engine, disk and what came out.
pub(super) struct Gate {
    pub(super) engine: Engine,
    pub(super) disk: Disk,
    pub(super) full: bool,
    /// Stores aren't carried out at once, as in a browser.
    pub(super) slow: bool,
    pub(super) waiting: VecDeque<(StoreId, Vec<Record>)>,
    pub(super) monotonic: u64,
    pub(super) shown: Vec<(ScanId, Verdict, Option<Authority>)>,
    pub(super) claims: VecDeque<Claim>,
    pub(super) uploads: VecDeque<Vec<Vec<u8>>>,
    pub(super) conflicts: Vec<u64>,
    pub(super) broken: Vec<String>,
    /// Journal entries whose light was green.
    pub(super) lit: BTreeSet<u64>,
    keys: u64,
}

fn identity() -> Identity {
    Identity {
        installation: INSTALLATION,
        event: EVENT,
        gate: GateId(1),
        device: HERE,
        operator: OperatorId(0),
    }
}

fn start(event: &Event, disk: &Disk, now: Now) -> (Engine, Vec<Effect>) {
    let ledger = disk.ledger.iter().map(Vec::as_slice);
    Engine::start(identity(), disk.restored(event), ledger, now).unwrap()
}

impl Gate {
    /// A gate that has bundle and roster, and no link.
    pub(super) fn new(event: &Event) -> Self {
        Self::with_policy(event, Policy::Available)
    }

    pub(super) fn with_policy(event: &Event, policy: Policy) -> Self {
        let disk = Disk {
            bundle: Some(event.bundle(1, policy)),
            ledger: event.ledger.clone(),
            ..Disk::default()
        };
        let (engine, effects) = start(event, &disk, Now { monotonic: 0, time: time(0) });
        assert_eq!(effects, []);
        Self {
            engine,
            disk,
            full: false,
            slow: false,
            waiting: VecDeque::new(),
            monotonic: 0,
            shown: Vec::new(),
            claims: VecDeque::new(),
            uploads: VecDeque::new(),
            conflicts: Vec::new(),
            broken: Vec::new(),
            lit: BTreeSet::new(),
            keys: 0,
        }
    }

    pub(super) fn online(event: &Event) -> Self {
        let mut gate = Self::new(event);
        gate.handle(Input::Link(LinkState::Online));
        gate
    }

    fn now(&self) -> Now {
        Now { monotonic: self.monotonic, time: time(self.monotonic) }
    }

    pub(super) fn handle(&mut self, input: Input) {
        let now = self.now();
        let effects = self.engine.handle(input, now);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo: VecDeque<_> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Store { id, records } if self.slow => self.waiting.push_back((id, records)),
                Effect::Store { id, records } => todo.extend(self.store(id, &records)),
                Effect::Claim(claim) => {
                    let key = claim.used.claim;
                    assert!(self.disk.intents.contains_key(&key), "claimed before its intent");
                    self.claims.push_back(claim);
                }
                Effect::Show { scan, verdict, authority } => {
                    if verdict.outcome() == Outcome::Admit {
                        self.light(&verdict);
                    }
                    self.shown.push((scan, verdict, authority));
                }
                Effect::Upload { entries, head } => {
                    let last = JournalEntry::decode(entries.last().unwrap()).unwrap();
                    assert_eq!(
                        head,
                        JournalEntry::head_of(INSTALLATION, last.number, entries.last().unwrap())
                    );
                    let first = JournalEntry::decode(&entries[0]).unwrap().number as usize - 1;
                    assert_eq!(entries, self.disk.journal[first..][..entries.len()]);
                    self.uploads.push_back(entries);
                }
                Effect::Conflict { number, .. } => self.conflicts.push(number),
                Effect::FeedBroken(why) => self.broken.push(why),
            }
        }
    }

    fn store(&mut self, id: StoreId, records: &[Record]) -> Vec<Effect> {
        let result = if self.full {
            Err(StoreFailed)
        } else {
            self.disk.apply(records);
            Ok(())
        };
        let now = self.now();
        self.engine.handle(Input::Stored { id, result }, now)
    }

    /// Ends the oldest store that waits.
    pub(super) fn finish_store(&mut self) {
        if let Some((id, records)) = self.waiting.pop_front() {
            let effects = self.store(id, &records);
            self.carry_out(effects);
        }
    }

    /// A green light: there must be a durable record of its own.
    fn light(&mut self, verdict: &Verdict) {
        let serial = verdict.facts.serial.unwrap();
        let entry = self.disk.entries().1.into_iter().rev().find(|entry| {
            let right = match entry.body {
                JournalBody::Redeemed { right, .. }
                | JournalBody::Answered { right, let_in: false, .. } => right,
                _ => return false,
            };
            right.serial == serial && !self.lit.contains(&entry.number)
        });
        self.lit.insert(entry.expect("green without a durable record").number);
    }

    /// The process dies; the store under way may or may not have reached the disk.
    pub(super) fn crash(&mut self, event: &Event, reached: bool) {
        if let Some((_, records)) = self.waiting.pop_front()
            && reached
            && !self.full
        {
            self.disk.apply(&records);
        }
        self.waiting.clear();
        self.claims.clear();
        self.uploads.clear();
        self.monotonic += 5_000;
        let (engine, effects) = start(event, &self.disk, self.now());
        self.engine = engine;
        let green = self.lit.len();
        self.carry_out(effects);
        assert_eq!(self.lit.len(), green, "a light by itself at the start");
    }

    pub(super) fn key(&mut self) -> ClaimKey {
        self.keys += 1;
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.keys.to_be_bytes());
        ClaimKey(key)
    }

    pub(super) fn scan(&mut self, text: String) {
        let key = self.key();
        self.handle(Input::Scan { text, key });
    }

    pub(super) fn last(&self) -> ReasonCode {
        self.shown.last().unwrap().1.code
    }

    pub(super) fn pass(&mut self, millis: u64) {
        self.monotonic += millis;
        self.handle(Input::Tick);
    }

    /// Lets the server answer the oldest claim.
    pub(super) fn answer_claim(&mut self, event: &mut Event) {
        let claim = self.claims.pop_front().unwrap();
        let answer = event.answer(&claim);
        self.handle(Input::Claimed { key: claim.used.claim, answer });
    }

    /// Delivers the oldest batch.
    pub(super) fn deliver(&mut self, event: &mut Event) {
        let entries = self.uploads.pop_front().unwrap();
        let answer = event.take(&entries);
        self.handle(Input::Uploaded(answer));
    }

    /// Delivers batches until there are none.
    pub(super) fn deliver_all(&mut self, event: &mut Event) {
        while !self.uploads.is_empty() {
            self.deliver(event);
        }
    }

    pub(super) fn feed(&mut self, event: &Event, from: usize) {
        self.handle(Input::Feed { entries: event.ledger[from..].to_vec() });
    }

    pub(super) fn bodies(&self) -> Vec<JournalBody> {
        self.disk.entries().1.into_iter().map(|entry| entry.body).collect()
    }
}
