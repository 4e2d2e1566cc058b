//! Journals as they come in, judged as the store judges them.

use kaisatsu_server::{
    ledger::{
        Acceptance, BatchError, CheckedBatch, CheckedEntry, Keeper, Sender, TakenIn, accept_entry,
        name_lanes, take_in,
    },
    store::types::QuarantineReason,
};
use kaisatsu_shared::{
    id::{DeviceId, GateId},
    journal::{JournalEntry, JournalHead},
    ledger::LedgerBody,
    sync::{EntryFate, JournalBatch},
};

use super::{Apart, Log, Server, Transaction};
use crate::{
    clock::truth,
    house::{self, INSTALLATION},
    message::{Refused, Reply},
    stage::Stage,
};

/// One device's journal within a transaction.
struct Journal<'a> {
    server: &'a mut Server,
    stage: &'a mut Stage,
    transaction: &'a mut Transaction,
    device: DeviceId,
}

impl Server {
    /// Takes a batch in.
    pub(super) fn take_in(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        batch: &JournalBatch,
        transaction: &mut Transaction,
    ) -> Reply {
        let (Some((_, public)), Some(gate)) = (house::device(device), self.gates.get(&device))
        else {
            return Reply::Refused(Refused::Malformed);
        };
        let sender = Sender {
            gate: *gate,
            revoked: self.log.revoked.contains(&device),
            enrolled_at: Some(truth(0)),
        };
        let (now, end) = (Self::time(stage).earliest, batch.head.clone());
        let batch = match CheckedBatch::check(INSTALLATION, device, public, batch.clone()) {
            Ok(batch) => batch,
            Err(BatchError::Size | BatchError::Signature | BatchError::OtherHead)
            | Err(BatchError::Chain(_)) => return Reply::Refused(Refused::Malformed),
        };
        let mut journal = Journal { server: self, stage, transaction, device };
        match take_in(&mut journal, sender, &batch, now) {
            Err(refused) => Reply::Refused(refused),
            Ok(TakenIn::Gap(number)) => {
                // What it ends with is known now, and so is what is missing.
                if stage.plan.ends {
                    self.keep_end(stage, &end, transaction);
                }
                stage.tell(format_args!("server: device {device} left entries after {number} out"));
                Reply::Refused(Refused::Gap)
            }
            Ok(TakenIn::Forked(number)) => {
                let line = format_args!("server: device {device} wrote entry {number} twice");
                stage.tell(line);
                Reply::Refused(Refused::Fork)
            }
            Ok(TakenIn::Accepted { answer, .. }) => {
                for told in &answer.entries {
                    if let EntryFate::Conflict { .. } = told.fate {
                        let number = told.number;
                        stage.tell(format_args!(
                            "server: entry {number} of device {device} makes a conflict"
                        ));
                    }
                }
                self.settle_end(stage, device, transaction);
                Reply::Batch(Box::new(answer))
            }
        }
    }

    /// Makes what a transaction wrote durable.
    pub(super) fn keep(&mut self, log: Log) {
        self.log.ledger.extend(log.ledger);
        for (device, entries) in log.journals {
            self.log.journals.entry(device).or_default().extend(entries);
        }
        for apart in log.apart {
            if !self.log.apart.contains(&apart) {
                self.log.apart.push(apart);
            }
        }
        self.log.apart.retain(|it| !log.released.contains(&(it.device, it.number)));
        self.log.restoring.extend(log.restoring);
        self.log.ends.extend(log.ends);
        self.log.ends.retain(|_, end| end.number > 0);
        self.log.told.extend(log.told);
        self.log.sold.extend(log.sold);
        self.log.revoked.extend(log.revoked);
        self.log.rules = self.log.rules.max(log.rules);
    }
}

impl Journal<'_> {
    fn hashes(&mut self) -> Result<&mut Vec<[u8; 32]>, Refused> {
        let running = self.server.running.as_mut().ok_or(Refused::Failing)?;
        Ok(running.journals.entry(self.device).or_default())
    }
}

impl Keeper for Journal<'_> {
    type Error = Refused;

    fn head(&mut self) -> Result<JournalHead, Refused> {
        let hashes = self.hashes()?;
        let number = u64::try_from(hashes.len()).unwrap_or(u64::MAX);
        let hash = hashes.last().copied();
        Ok(hash.map_or(JournalHead::default(), |hash| JournalHead { number, hash }))
    }

    fn hash(&mut self, number: u64) -> Result<Option<[u8; 32]>, Refused> {
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let hashes = self.hashes()?;
        Ok(place.and_then(|place| hashes.get(place).copied()))
    }

    fn keep(&mut self, entry: &CheckedEntry) -> Result<(), Refused> {
        self.hashes()?.push(entry.hash);
        let journal = self.transaction.log.journals.entry(self.device).or_default();
        journal.push((entry.hash, entry.bytes.clone()));
        Ok(())
    }

    fn set_apart(&mut self, entry: &CheckedEntry, reason: QuarantineReason) -> Result<(), Refused> {
        let (device, number, hash) = (self.device, entry.entry.number, entry.hash);
        self.transaction.log.apart.push(Apart { device, number, hash, reason });
        Ok(())
    }

    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, Refused> {
        let running = self.server.running.as_ref().ok_or(Refused::Failing)?;
        let mut accepted = accept_entry(&running.state, &self.server.rules, entry, gate);
        name_lanes(&mut accepted.append, |device| self.server.gates.get(&device).copied());
        Ok(accepted)
    }

    fn delivered(&mut self, device: DeviceId) -> Result<u64, Refused> {
        let running = self.server.running.as_ref().ok_or(Refused::Failing)?;
        let hashes = running.journals.get(&device).map_or(0, Vec::len);
        Ok(u64::try_from(hashes).unwrap_or(u64::MAX))
    }

    fn append(&mut self, body: LedgerBody) -> Result<(), Refused> {
        self.server.append(self.stage, body, self.transaction).map(drop)
    }
}
