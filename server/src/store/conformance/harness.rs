//! An event with gates, types and devices in a fresh store, and a clock that the test sets.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use kaisatsu_shared::{
    bundle::{OpenBundle, Policy},
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, OperatorId, OrganisationId, Serial, TypeId},
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::DeviceKey,
    ledger::EventState,
    reason::LocalText,
    right::{Authority, RightRef, Use, UseKind},
    sync::{Claim, ClaimAnswer, ClaimRefusal, JournalBatch},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{self, Mode, Shown},
};

use crate::{
    adapters::SystemEntropy,
    store::{SharedStore, types::*},
    world::{Clock, World},
};

/// A database that a test may open, also more than once.
pub(crate) trait Backend: Default {
    fn open(&self, world: World) -> SharedStore;
    /// A backup made now: another database with what this one holds.
    fn copy(&self) -> Self;
}

/// 2026-11-01T00:00:00Z.
pub(crate) const START: u64 = 1_793_491_200_000;

#[derive(Debug)]
struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Harness<B> {
    pub(crate) backend: Arc<B>,
    clock: Arc<TestClock>,
    pub(crate) store: SharedStore,
}

pub(crate) fn text(en: &str) -> LocalText {
    LocalText { ja: format!("{en}（日本語）"), en: en.to_owned() }
}

pub(crate) fn cli() -> Actor {
    Actor::new(ActorKind::Cli, "tester").at(Some("127.0.0.1".to_owned()), Some("r1".to_owned()))
}

pub(crate) fn seconds(after: u64) -> UnixSeconds {
    UnixMillis(START + after * 1_000).to_seconds()
}

impl<B: Backend> Harness<B> {
    pub(crate) fn new(backend: B) -> Self {
        let clock = Arc::new(TestClock(AtomicU64::new(START)));
        let world = World { clock: clock.clone(), entropy: Arc::new(SystemEntropy) };
        let store = backend.open(world);
        Self { backend: Arc::new(backend), clock, store }
    }

    /// The same world and backend with another store.
    pub(crate) fn beside(&self, store: SharedStore) -> Self {
        Self { backend: Arc::clone(&self.backend), clock: Arc::clone(&self.clock), store }
    }

    pub(crate) fn world(&self) -> World {
        World { clock: self.clock.clone(), entropy: Arc::new(SystemEntropy) }
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// An event with two gates and the types 1 (static, one entry), 2 (clock, one entry) and
    /// 3 (static, three entries), each valid for a day.
    pub(crate) async fn event(&self) -> EventId {
        let request = CreateEvent {
            organisation: OrganisationId(1),
            name: text("Festival"),
            zone: "Asia/Tokyo".to_owned(),
            policy: Policy::Available,
            gates: vec![text("North"), text("South")],
        };
        let event = self.store.create_event(cli(), request).await.unwrap().id;
        for (display, entries) in [(Mode::Static, 1), (Mode::Clock, 1), (Mode::Static, 3)] {
            let request = AddType {
                event,
                name: text("Day"),
                entries,
                display,
                gates: vec![],
                valid_from: seconds(0),
                valid_until: seconds(86_400),
                renewing: false,
            };
            self.store.add_type(cli(), request).await.unwrap();
        }
        event
    }

    /// Issues `count` tickets of a type without names; gives the first serial.
    pub(crate) async fn issue(&self, event: EventId, ticket_type: u16, count: usize) -> Serial {
        let job = JobId(self.world().random().unwrap());
        let rows = vec![NewTicket::default(); count];
        let ticket_type = TypeId(ticket_type);
        let chunk = IssueChunk { event, ticket_type, job, first_row: 0, rows };
        self.store.issue(cli(), chunk).await.unwrap().first
    }

    /// An enrolled device.
    pub(crate) async fn device(&self, event: EventId, gate: u16) -> GateDevice {
        let request = AnnounceDevice {
            event,
            gate: GateId(gate),
            name: "tablet".to_owned(),
            role: DeviceRole::Staffed,
            code_lasts: None,
        };
        let announced = self.store.announce_device(cli(), request).await.unwrap();
        let key = DeviceKey::from_seed(self.world().random().unwrap());
        let stranger = Actor::new(ActorKind::Stranger, "");
        let enrolled = self.store.enrol(stranger, announced.code, key.public()).await.unwrap();
        assert_eq!(enrolled.device, announced.device);
        GateDevice {
            device: enrolled.device,
            gate: GateId(gate),
            key,
            head: JournalHead::default(),
            installation: self.store.installation(),
            answer: enrolled.answer,
        }
    }

    /// What a phone shows now.
    pub(crate) async fn shown(&self, event: EventId, serial: Serial) -> Shown {
        let at = self.clock.now().to_seconds();
        let shown = self.store.show(cli(), event, serial, at).await.unwrap();
        token::decode(&shown.text).unwrap()
    }

    /// The right of a ticket, as a gate reads it from the code.
    pub(crate) async fn right(&self, event: EventId, serial: Serial) -> RightRef {
        let body = self.shown(event, serial).await.token.body;
        let types = self.store.event(event).await.unwrap().types;
        let kind = types.iter().map(|info| &info.ticket_type).find(|t| t.id == body.ticket_type);
        let fingerprint = kind.unwrap().fingerprint(self.store.installation(), &body);
        RightRef { event, serial, generation: body.generation, fingerprint }
    }

    pub(crate) async fn bundle(&self, event: EventId) -> OpenBundle {
        let signed = self.store.bundle(event).await.unwrap();
        signed.open(&self.store.root_public(), self.store.installation()).unwrap()
    }

    /// The state that a gate folds from the feed.
    pub(crate) async fn followed(&self, event: EventId) -> EventState {
        let installation = self.store.installation();
        let mut state = EventState::new(installation, event, Epoch(1));
        loop {
            let cursor = state.cursor();
            let from =
                FeedFrom { epoch: cursor.epoch, after: cursor.sequence, hash: Some(cursor.hash) };
            let page = self.store.feed(event, from).await.unwrap();
            assert!(page.end.verify(installation, &self.store.root_public()));
            if page.entries.is_empty() {
                assert_eq!(page.end.cursor.sequence, cursor.sequence);
                return state;
            }
            for entry in &page.entries {
                state.apply(entry).unwrap();
            }
            assert_eq!(state.cursor(), page.end.cursor);
        }
    }

    pub(crate) async fn claim(
        &self,
        gate: &GateDevice,
        right: RightRef,
        key: u8,
        abandons: &[u8],
    ) -> ClaimAnswer {
        let claim = gate.claim(right, key, abandons);
        self.store.claim(gate.actor(), gate.device, claim, everywhere()).await.unwrap()
    }
}

/// A gate client without its engine.
pub(crate) struct GateDevice {
    pub(crate) device: DeviceId,
    pub(crate) gate: GateId,
    pub(crate) key: DeviceKey,
    pub(crate) head: JournalHead,
    pub(crate) installation: kaisatsu_shared::id::InstallationId,
    pub(crate) answer: kaisatsu_shared::sync::EnrolAnswer,
}

/// Every lane is heard.
pub(crate) fn everywhere() -> BTreeSet<GateId> {
    (1..=9).map(GateId).collect()
}

pub(crate) fn key(byte: u8) -> ClaimKey {
    ClaimKey([byte; 16])
}

impl GateDevice {
    pub(crate) fn actor(&self) -> Actor {
        Actor::new(ActorKind::Device, self.device)
    }

    pub(crate) fn used(&self, right: RightRef, claim: u8) -> Use {
        Use {
            right,
            kind: UseKind::Entry,
            count: 1,
            claim: key(claim),
            gate: self.gate,
            device: self.device,
            operator: OperatorId(0),
            epoch: Epoch(1),
            at: TimeInterval::exact(UnixMillis(START)),
            authority: Authority::Server,
        }
    }

    pub(crate) fn claim(&self, right: RightRef, claim: u8, abandons: &[u8]) -> Claim {
        Claim {
            used: self.used(right, claim),
            abandons: abandons.iter().map(|byte| key(*byte)).collect(),
            by_hand: None,
        }
    }

    pub(crate) fn redeemed(&self, right: RightRef, claim: u8) -> JournalBody {
        JournalBody::Redeemed {
            right,
            kind: UseKind::Entry,
            count: 1,
            claim: key(claim),
            authority: Authority::Alone,
            by_hand: false,
        }
    }

    /// Writes entries into the journal, as the next batch.
    pub(crate) fn write(&mut self, bodies: &[JournalBody]) -> JournalBatch {
        self.write_as(OperatorId(0), bodies)
    }

    /// The same while somebody is signed in.
    pub(crate) fn write_as(
        &mut self,
        operator: OperatorId,
        bodies: &[JournalBody],
    ) -> JournalBatch {
        let mut entries = Vec::new();
        for body in bodies {
            let entry = JournalEntry {
                device: self.device,
                gate: self.gate,
                operator,
                epoch: Epoch(1),
                number: self.head.number + 1,
                previous: self.head.hash,
                at: TimeInterval::exact(UnixMillis(START)),
                body: *body,
            };
            let bytes = entry.encode();
            self.head = JournalEntry::head_of(self.installation, entry.number, &bytes);
            entries.push(bytes);
        }
        self.sign(entries)
    }

    pub(crate) fn sign(&self, entries: Vec<Vec<u8>>) -> JournalBatch {
        let head = SignedJournalHead::sign(self.installation, self.device, self.head, &self.key);
        JournalBatch { entries, head }
    }
}

pub(crate) fn refusal(answer: ClaimAnswer) -> Option<ClaimRefusal> {
    match answer {
        ClaimAnswer::Granted { .. } => None,
        ClaimAnswer::Refused { refusal, .. } => Some(refusal),
    }
}
