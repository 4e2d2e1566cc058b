//! From a photo to a verdict that is safe to show: read the code, decide, write the journal entry.

use std::{cell::RefCell, path::Path};

use anyhow::{Context as _, bail};
use kaisatsu_fixtures::{
    scene::{Condition, Surface, photograph},
    world::{NORTH, STATIC, World},
};
use kaisatsu_gate::{
    engine::{Effect, Engine, Identity, Input, Now, Restored, StoreFailed},
    scan::{ScanText, image::CodeReader},
    store::{Directory, Sqlite, Store as _},
};
use kaisatsu_shared::{
    bundle::SignedBundle,
    id::{ClaimKey, DeviceId, OperatorId, Serial},
    reason::Outcome,
    time::TimeInterval,
};

use tokio::runtime::{Builder, Runtime};

use super::Cases;
use crate::paired::{Pair, measure};

/// Tickets of the event: each measured scan admits another one.
const TICKETS: u32 = 40_000;

/// A photographed ticket.
#[derive(Debug)]
pub struct PhotoCase {
    luma: image::GrayImage,
    text: String,
}

impl PhotoCase {
    /// Photographs the first shown ticket.
    ///
    /// # Errors
    /// If it can't be rendered or read.
    pub fn new(cases: &Cases) -> anyhow::Result<Self> {
        let text = super::first_text(cases)?.to_owned();
        let frame = photograph(text.as_bytes(), Surface::Screen, Condition::Photographed, 1)?;
        let case = Self { luma: frame.into_luma(), text };
        anyhow::ensure!(case.read(&CodeReader::new()), "the photo can't be read");
        Ok(case)
    }

    fn read(&self, reader: &CodeReader) -> bool {
        let read = reader.read(self.luma.as_raw(), self.luma.width(), self.luma.height());
        matches!(read, ScanText::Plain(text) if text == self.text)
    }

    fn read_bare(&self, decoder: &zxingcpp::BarcodeReader) -> bool {
        let view = zxingcpp::ImageView::from_slice(
            self.luma.as_raw(),
            self.luma.width(),
            self.luma.height(),
            zxingcpp::ImageFormat::Lum,
        );
        let found = view.and_then(|view| decoder.from(&view));
        found.is_ok_and(|codes| codes.iter().any(|code| code.text() == self.text))
    }

    /// The gate's reading beside the bare decoder with its fast options.
    pub fn decoding(&self) -> (impl FnMut() -> bool + '_, impl FnMut() -> bool + '_) {
        let (reader, bare) = (CodeReader::new(), bare_decoder());
        (move || self.read(&reader), move || self.read_bare(&bare))
    }

    /// Photo to verdict, beside the bare decoder and one durable write.
    ///
    /// # Errors
    /// If the gate or its store can't be set up.
    pub fn to_verdict(&self) -> anyhow::Result<Pair> {
        let folder = tempfile::tempdir_in(std::env::current_dir()?.join("target"))?;
        let gate = RefCell::new(GateCase::new(&folder.path().join("gate"))?);
        let mut log = LogCase::new(&folder.path().join("log.db"))?;
        let (reader, bare) = (CodeReader::new(), bare_decoder());
        let pair = measure(
            || self.read(&reader) && gate.borrow_mut().admit(),
            || self.read_bare(&bare) && log.write(),
        );
        pair.context("photo to verdict")
    }
}

fn bare_decoder() -> zxingcpp::BarcodeReader {
    zxingcpp::read()
        .formats([zxingcpp::BarcodeFormat::QRCode])
        .try_harder(false)
        .try_rotate(false)
        .try_invert(false)
        .try_downscale(false)
}

/// A gate alone with its disk.
struct GateCase {
    engine: Engine,
    store: Sqlite,
    /// The store never waits; something must ask it all the same.
    runtime: Runtime,
    texts: Vec<String>,
    next: usize,
    now: Now,
}

impl GateCase {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let mut world = World::new();
        world.issue(STATIC, TICKETS)?;
        let texts = (0..TICKETS)
            .map(|serial| {
                let body =
                    world.body(Serial(serial), kaisatsu_shared::id::Generation::FIRST, STATIC);
                Ok(world.text(body, 0)?)
            })
            .collect::<anyhow::Result<_>>()?;
        let identity = Identity {
            installation: world.installation,
            event: world.event,
            gate: NORTH,
            device: DeviceId(1),
            operator: OperatorId(0),
        };
        let now = Now { monotonic: 0, time: TimeInterval::exact(World::at(100).earliest) };
        let open = world.open()?;
        let signed = SignedBundle::sign(&world.bundle, &world.root)?;
        let restored = Restored { bundle: Some((signed, open)), ..Restored::default() };
        let ledger = issued(&world)?;
        let entries = ledger.iter().map(Vec::as_slice);
        let (engine, effects) = Engine::start(identity, restored, entries, now)?;
        anyhow::ensure!(effects.is_empty(), "a fresh gate has nothing to do");
        let directory = Directory::new(folder);
        directory.create()?;
        let store = Sqlite::open(&directory, directory.lock()?)?;
        let runtime = Builder::new_current_thread().build()?;
        Ok(Self { engine, store, runtime, texts, next: 0, now })
    }

    /// Scans the next ticket; true once its green light may be shown.
    fn admit(&mut self) -> bool {
        let Some(text) = self.texts.get(self.next).cloned() else { return false };
        self.next += 1;
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(self.next.to_be_bytes()) {
            *to = from;
        }
        let mut effects = self.engine.handle(Input::Scan { text, key: ClaimKey(key) }, self.now);
        let mut green = false;
        while let Some(effect) = (!effects.is_empty()).then(|| effects.remove(0)) {
            match effect {
                Effect::Store { id, records } if !green => {
                    let result = self.runtime.block_on(self.store.apply(&records));
                    let result = result.map_err(|_| StoreFailed);
                    effects.extend(self.engine.handle(Input::Stored { id, result }, self.now));
                }
                // The mark that the light was shown comes after the verdict: not part of it.
                Effect::Store { id, .. } => {
                    effects
                        .extend(self.engine.handle(Input::Stored { id, result: Ok(()) }, self.now));
                }
                Effect::Show { verdict, .. } => green = verdict.outcome() == Outcome::Admit,
                _ => {}
            }
        }
        green
    }
}

fn issued(world: &World) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut again = World::new();
    let mut entries = Vec::new();
    let all = world.state.roster().len();
    let prints: Vec<_> =
        (0..all).filter_map(|serial| world.state.roster().fingerprint(Serial(serial))).collect();
    for chunk in prints.chunks(kaisatsu_shared::ledger::MAX_ISSUED) {
        let body = kaisatsu_shared::ledger::LedgerBody::Issued {
            first: Serial(again.state.roster().len()),
            ticket_type: STATIC,
            entries: 1,
            fingerprints: chunk.to_vec(),
            unpaid: kaisatsu_shared::ledger::UnpaidTickets::NONE,
        };
        entries.push(again.state.append(body, World::at(0))?.1);
    }
    if entries.is_empty() {
        bail!("nothing was issued");
    }
    Ok(entries)
}

/// One row of a journal's size in one durable commit.
struct LogCase {
    database: rusqlite::Connection,
    number: i64,
}

impl LogCase {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let database = rusqlite::Connection::open(path).context("no log")?;
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "FULL")?;
        database.execute_batch(
            "CREATE TABLE log (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        )?;
        Ok(Self { database, number: 0 })
    }

    fn write(&mut self) -> bool {
        self.number += 1;
        let insert = self.database.prepare_cached("INSERT INTO log VALUES (?, ?)");
        insert.is_ok_and(|mut insert| insert.execute((self.number, [7_u8; 110])).is_ok())
    }
}
