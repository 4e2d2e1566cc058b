//! What the fuzzer plays against the server's pure judgement, the real store answers in the same way:
//! the same fates, journals, ledger entries and records set apart, byte for byte.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::sync::Arc;

use kaisatsu_properties::journal_upload::{
    Apart, Device, GRANTED, Memory, Refused, Server, World, play,
};
use kaisatsu_server::{
    adapters::SystemEntropy,
    store::{
        SharedStore, StoreError,
        sqlite::{self, Options},
        types::{
            Actor, ActorKind, AddType, AnnounceDevice, CreateEvent, FeedFrom, IssueChunk, JobId,
            NewTicket,
        },
    },
    vault::MasterKey,
    world::{Clock, World as Outside},
};
use kaisatsu_shared::{
    bundle::{EventRules, Policy},
    id::{DeviceId, Epoch, EventId, GateId, Generation, OrganisationId, Serial},
    key::DeviceKey,
    ledger::EventState,
    reason::LocalText,
    right::RightRef,
    sync::{BatchAnswer, Claim, JournalBatch},
    time::{UnixMillis, UnixSeconds},
    token::Mode,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// 2026-11-01T00:00:00Z, where the clock stands still.
const NOW: UnixMillis = UnixMillis(1_793_491_200_000);

struct Still;

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        NOW
    }
}

/// A database of its own, asked from an ordinary thread.
struct House {
    runtime: Runtime,
    store: SharedStore,
    _directory: TempDir,
}

impl House {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = sqlite::open(Options {
            path: directory.path().join("kaisatsu.db"),
            create: true,
            master: MasterKey::from_bytes([7; 32]),
            world: Outside { clock: Arc::new(Still), entropy: Arc::new(SystemEntropy) },
            fatal: Arc::new(|error| panic!("{error}")),
        });
        let runtime = Runtime::new().unwrap();
        Self { runtime, store: store.unwrap(), _directory: directory }
    }

    /// A new event with tickets, two devices, and one that is revoked.
    fn world(&self) -> World {
        self.runtime.block_on(async {
            let event = self.event().await;
            let mut devices = Vec::new();
            for (gate, revoked) in [(1, false), (2, false), (1, true)] {
                devices.push(self.device(event, gate, revoked).await);
            }
            let installation = self.store.installation();
            let signed = self.store.bundle(event).await.unwrap();
            let open = signed.open(&self.store.root_public(), installation).unwrap();
            let mut world = World {
                installation,
                event,
                rules: EventRules::new(open.rules.clone(), open.operators.clone()).unwrap(),
                state: self.state(event).await,
                rights: Vec::new(),
                devices,
                now: NOW,
            };
            world.rights = (0..world.state.roster().len()).map(|n| right(&world, n)).collect();
            let claim = Claim { used: world.granted(), abandons: Vec::new(), by_hand: None };
            let device = world.devices[0].id;
            self.store
                .claim(actor(device), device, claim, std::collections::BTreeSet::new())
                .await
                .unwrap();
            world.state = self.state(event).await;
            assert!(world.state.claim(&GRANTED).is_some());
            world
        })
    }

    async fn event(&self) -> EventId {
        let request = CreateEvent {
            organisation: OrganisationId(1),
            name: text("Festival"),
            zone: "Asia/Tokyo".to_owned(),
            policy: Policy::Available,
            gates: vec![text("North"), text("South")],
        };
        let event = self.store.create_event(cli(), request).await.unwrap().id;
        for (job, entries) in [(1, 1), (2, 3), (3, 0)] {
            let request = AddType {
                renewing: false,
                event,
                name: text("Day"),
                entries,
                display: Mode::Static,
                gates: Vec::new(),
                valid_from: NOW.to_seconds(),
                valid_until: UnixSeconds(NOW.to_seconds().0 + 86_400),
            };
            let ticket_type = self.store.add_type(cli(), request).await.unwrap().ticket_type.id;
            let rows = vec![NewTicket::default(); 2];
            let chunk =
                IssueChunk { event, ticket_type, job: JobId([job; 32]), first_row: 0, rows };
            self.store.issue(cli(), chunk).await.unwrap();
        }
        event
    }

    async fn device(&self, event: EventId, gate: u16, revoked: bool) -> Device {
        let gate = GateId(gate);
        let request = AnnounceDevice {
            event,
            gate,
            name: "tablet".to_owned(),
            role: Default::default(),
            code_lasts: None,
        };
        let announced = self.store.announce_device(cli(), request).await.unwrap();
        let id = announced.device;
        let mut seed = [1; 32];
        seed[..4].copy_from_slice(&id.0.to_be_bytes());
        let key = DeviceKey::from_seed(seed);
        let stranger = Actor::new(ActorKind::Stranger, "");
        self.store.enrol(stranger, announced.code, key.public()).await.unwrap();
        if revoked {
            self.store.revoke_device(cli(), id).await.unwrap();
        }
        Device { id, gate, key, revoked }
    }

    async fn state(&self, event: EventId) -> EventState {
        let mut state = EventState::new(self.store.installation(), event, Epoch(1));
        for entry in self.ledger(event, 0).await {
            state.apply(&entry).unwrap();
        }
        state
    }

    async fn ledger(&self, event: EventId, after: u64) -> Vec<Vec<u8>> {
        let from = FeedFrom { epoch: Epoch(1), after, hash: None };
        self.store.feed(event, from).await.unwrap().entries
    }
}

fn cli() -> Actor {
    Actor::new(ActorKind::Cli, "tester")
}

fn actor(device: DeviceId) -> Actor {
    Actor::new(ActorKind::Device, device)
}

fn text(en: &str) -> LocalText {
    LocalText { ja: en.to_owned(), en: en.to_owned() }
}

fn right(world: &World, serial: u32) -> RightRef {
    let serial = Serial(serial);
    let fingerprint = world.state.roster().fingerprint(serial).unwrap();
    RightRef { event: world.event, serial, generation: Generation::FIRST, fingerprint }
}

/// The real store, and the pure judgement beside it.
struct Both<'a> {
    house: &'a House,
    world: &'a World,
    memory: Memory<'a>,
    uploads: usize,
}

impl Server for Both<'_> {
    fn upload(&mut self, device: DeviceId, batch: JournalBatch) -> Result<BatchAnswer, Refused> {
        self.uploads += 1;
        let expected = self.memory.upload(device, batch.clone());
        let reply = self.house.store.upload(actor(device), device, batch);
        let answer = self.house.runtime.block_on(reply).map_err(|error| match error {
            StoreError::BatchSize => Refused::Size,
            StoreError::JournalSignature => Refused::Signature,
            StoreError::JournalBroken(_) => Refused::Broken,
            StoreError::JournalGap(number) => Refused::Gap(number),
            StoreError::JournalFork(number) => Refused::Fork(number),
            error => panic!("{error}"),
        });
        assert_eq!(answer, expected);
        answer
    }

    fn ledger(&self, after: u64) -> Vec<Vec<u8>> {
        let entries = self.house.runtime.block_on(self.house.ledger(self.world.event, after));
        assert_eq!(entries, self.memory.ledger(after));
        entries
    }

    fn journal(&self, device: DeviceId) -> Vec<Vec<u8>> {
        let page = self.house.runtime.block_on(self.house.store.journal(device, 0, u32::MAX));
        page.unwrap().rows.into_iter().map(|row| row.bytes).collect()
    }

    fn apart(&self) -> Vec<Apart> {
        let rows = self.house.runtime.block_on(self.house.store.quarantine(self.world.event));
        // The store also keeps the ends of batches that came too early; one that turns out to be another journal's
        // is set apart. The judgement of batches knows nothing of it. An entry begins with its version.
        let entries = rows.unwrap().into_iter().filter(|row| row.bytes.first() == Some(&1));
        entries.map(|row| (row.device, row.number, row.bytes)).collect()
    }
}

#[test]
fn the_store_answers_as_the_pure_judgement_does() {
    let house = House::new();
    let mut uploads = 0;
    for file in common::files("journal_upload") {
        let world = house.world();
        let mut both =
            Both { house: &house, world: &world, memory: Memory::new(&world), uploads: 0 };
        play(&std::fs::read(&file).unwrap(), &world, &mut both);
        uploads += both.uploads;
    }
    assert!(uploads > 100, "{uploads} uploads say little");
}
