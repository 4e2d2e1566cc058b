//! A gate: engine, disk and what came out. Its driver checks on every effect what must always
//! hold: claims after their intents, batches as the disk has them, no green before its record.

use std::collections::{BTreeSet, VecDeque};

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, GateId, OperatorId},
    journal::{JournalBody, JournalEntry},
    reason::{Outcome, ReasonCode},
    right::{Authority, RightRef},
    rules::Verdict,
    sync::{Claim, ClaimAnswer, Recall},
};

use super::{
    disk::Disk,
    event::Event,
    world::{EVENT, HERE, INSTALLATION, time},
};
use crate::engine::{
    Answer, Declined, Done, Effect, Engine, Identity, Input, LinkState, Now, Record, ScanId,
    StoreFailed, StoreId,
};

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
    /// What was shown while another lane was asked.
    pub(super) waits: Vec<ReasonCode>,
    pub(super) claims: VecDeque<Claim>,
    /// Claims to the hub, and what it is told.
    pub(super) hub_claims: VecDeque<Claim>,
    pub(super) hub_told: VecDeque<(ClaimKey, RightRef)>,
    /// What the hub is to pass on.
    pub(super) offers: VecDeque<Vec<Vec<u8>>>,
    /// As hub: its answers, and whose giving up it has kept.
    pub(super) hub_answers: VecDeque<(DeviceId, ClaimKey, Option<ClaimAnswer>)>,
    pub(super) hub_heard: VecDeque<(DeviceId, ClaimKey)>,
    /// As hub: what other gates are asked for.
    pub(super) recalls: VecDeque<(DeviceId, Recall)>,
    /// What a hub is told to be its own.
    pub(super) proofs: VecDeque<(DeviceId, Vec<Vec<u8>>)>,
    pub(super) uploads: VecDeque<Vec<Vec<u8>>>,
    pub(super) conflicts: Vec<u64>,
    pub(super) broken: Vec<String>,
    /// Journal entries whose time the server doubts.
    pub(super) doubted: Vec<u64>,
    /// What staff wanted: done, or not.
    pub(super) done: Vec<Done>,
    pub(super) declined: Vec<Declined>,
    /// Journal entries whose light was green.
    pub(super) lit: BTreeSet<u64>,
    keys: u64,
}

fn identity(device: DeviceId) -> Identity {
    Identity {
        installation: INSTALLATION,
        event: EVENT,
        gate: gate_of(device),
        device,
        operator: OperatorId(0),
    }
}

/// The gate where a device stands.
pub(super) fn gate_of(device: DeviceId) -> GateId {
    GateId(u16::try_from(device.0).unwrap())
}

fn start(event: &Event, disk: &Disk, now: Now) -> (Engine, Vec<Effect>) {
    let ledger = disk.ledger.iter().map(Vec::as_slice);
    Engine::start(identity(disk.device), disk.restored(event), ledger, now).unwrap()
}

impl Gate {
    /// A gate that has bundle and roster, and no link.
    pub(super) fn new(event: &Event) -> Self {
        Self::with_policy(event, Policy::Available)
    }

    pub(super) fn with_policy(event: &Event, policy: Policy) -> Self {
        Self::of_device(event, policy, HERE)
    }

    /// Another gate client than the one here.
    pub(super) fn of_device(event: &Event, policy: Policy, device: DeviceId) -> Self {
        let disk = Disk {
            device,
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
            waits: Vec::new(),
            claims: VecDeque::new(),
            hub_claims: VecDeque::new(),
            hub_told: VecDeque::new(),
            offers: VecDeque::new(),
            hub_answers: VecDeque::new(),
            hub_heard: VecDeque::new(),
            recalls: VecDeque::new(),
            proofs: VecDeque::new(),
            uploads: VecDeque::new(),
            conflicts: Vec::new(),
            broken: Vec::new(),
            doubted: Vec::new(),
            done: Vec::new(),
            declined: Vec::new(),
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
                Effect::AskHub(claim) => {
                    let key = claim.used.claim;
                    assert!(self.disk.intents.contains_key(&key), "claimed before its intent");
                    self.hub_claims.push_back(claim);
                }
                Effect::TellHub { claim, right } => self.hub_told.push_back((claim, right)),
                Effect::OfferHub { entries, .. } => self.offers.push_back(entries),
                Effect::HubAnswer { device, claim, answer } => {
                    if let Some(ClaimAnswer::Granted { .. }) = answer {
                        let kept = self
                            .entries()
                            .iter()
                            .any(|entry| entry.granted().is_some_and(|used| used.claim == claim));
                        let recorded = self.engine.state().claim(&claim).is_some();
                        assert!(kept || recorded, "granted without a durable record");
                    }
                    self.hub_answers.push_back((device, claim, answer));
                }
                Effect::HubHeard { device, claim } => self.hub_heard.push_back((device, claim)),
                Effect::Recall { device, recall } => self.recalls.push_back((device, recall)),
                Effect::HandOver { hub, entries, head } => {
                    let first = JournalEntry::decode(&entries[0]).unwrap().number as usize - 1;
                    let there = self.disk.journal.get(first..first + entries.len());
                    assert_eq!(Some(&entries[..]), there, "told before it is durable");
                    let last = JournalEntry::decode(entries.last().unwrap()).unwrap().number;
                    let of = JournalEntry::head_of(INSTALLATION, last, entries.last().unwrap());
                    assert_eq!(head, of);
                    self.proofs.push_back((hub, entries));
                }
                Effect::Show { scan, verdict, authority } => {
                    if verdict.outcome() == Outcome::Admit {
                        self.light(&verdict);
                    }
                    self.shown.push((scan, verdict, authority));
                }
                Effect::Wait { verdict, .. } => self.waits.push(verdict.code),
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
                Effect::Done(done) => self.done.push(done),
                Effect::Declined(declined) => self.declined.push(declined),
                Effect::TimesDoubted(entries) => self.doubted.extend(entries),
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
                | JournalBody::Overridden { right, .. }
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
        self.hub_claims.clear();
        self.hub_told.clear();
        self.offers.clear();
        self.hub_answers.clear();
        self.hub_heard.clear();
        self.recalls.clear();
        self.proofs.clear();
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
        key[8..12].copy_from_slice(&self.disk.device.0.to_be_bytes());
        ClaimKey(key)
    }

    pub(super) fn scan(&mut self, text: String) {
        let key = self.key();
        self.handle(Input::Scan { text, key });
    }

    /// Staff's word on what is shown.
    pub(super) fn answer(&mut self, answer: Answer) {
        let key = self.key();
        self.handle(Input::Answer { answer, key });
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
        self.handle(Input::Feed { entries: event.ledger[from..].to_vec(), end: None });
    }

    pub(super) fn entries(&self) -> Vec<JournalEntry> {
        self.disk.entries().1
    }

    pub(super) fn bodies(&self) -> Vec<JournalBody> {
        self.disk.entries().1.into_iter().map(|entry| entry.body).collect()
    }
}
