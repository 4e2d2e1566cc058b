//! A gate without I/O: the engine, and what its effects did.

use std::collections::VecDeque;

use kaisatsu_gate::engine::{Effect, Engine, Identity, Input, Now, Record, Restored, StoreFailed};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, GateId, OperatorId},
    rules::Verdict,
    time::{TimeInterval, UnixMillis},
};

use crate::house::{AT, EVENT, House, INSTALLATION};

pub(crate) const NOW: Now = Now {
    monotonic: 0,
    time: TimeInterval {
        earliest: UnixMillis(AT as u64 * 1_000),
        latest: UnixMillis(AT as u64 * 1_000),
    },
};

pub(crate) struct Gate {
    pub(crate) engine: Engine,
    /// What is shown.
    shown: Vec<Verdict>,
    scans: u8,
    /// The ledger as it was stored, by number.
    pub(crate) ledger: Vec<(u64, Vec<u8>)>,
    /// How often the ledger couldn't be followed.
    pub(crate) broken: usize,
    /// Whether its disk takes nothing.
    pub(crate) disk_full: bool,
}

impl Gate {
    /// A gate that was never started before, or that stored these entries of the ledger.
    pub(crate) fn start(house: &House, ledger: &[Vec<u8>]) -> Self {
        let identity = Identity {
            installation: INSTALLATION,
            event: EVENT,
            gate: GateId(1),
            device: DeviceId(1),
            operator: OperatorId(0),
        };
        let bundle = Some((house.signed.clone(), house.open()));
        let restored = Restored { bundle, ..Restored::default() };
        let stored = ledger.iter().map(Vec::as_slice);
        let (engine, effects) =
            Engine::start(identity, restored, stored, NOW).expect("the ledger holds together");
        let ledger = (1..).zip(ledger.iter().cloned()).collect();
        let mut gate =
            Self { engine, shown: Vec::new(), scans: 0, ledger, broken: 0, disk_full: false };
        gate.carry_out(effects);
        gate
    }

    pub(crate) fn handle(&mut self, input: Input) {
        let effects = self.engine.handle(input, NOW);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Store { id, .. } if self.disk_full => {
                    Input::Stored { id, result: Err(StoreFailed) }
                }
                Effect::Store { id, records } => {
                    self.store(records);
                    Input::Stored { id, result: Ok(()) }
                }
                Effect::Claim(claim) => Input::ClaimFailed { key: claim.used.claim },
                Effect::Upload { .. } => Input::UploadFailed,
                Effect::Show { verdict, .. } => {
                    self.shown.push(verdict);
                    continue;
                }
                Effect::FeedBroken(_) => {
                    self.broken += 1;
                    continue;
                }
                _ => continue,
            };
            todo.extend(self.engine.handle(input, NOW));
        }
    }

    fn store(&mut self, records: Vec<Record>) {
        for record in records {
            if let Record::Ledger { sequence, bytes } = record {
                self.ledger.push((sequence, bytes));
            }
        }
    }

    /// Scans a text; whatever it is, one verdict is shown.
    pub(crate) fn scan(&mut self, text: &str) -> Verdict {
        self.shown.clear();
        self.scans += 1;
        self.handle(Input::Scan { text: text.to_owned(), key: ClaimKey([self.scans; 16]) });
        assert_eq!(self.shown.len(), 1, "each scan shows one verdict: {:?}", self.shown);
        self.shown.remove(0)
    }
}
