//! The server's database is put back from a backup: with a new epoch, or without anybody saying so. Gates give back
//! what was lost, and an admin attends to it.

use std::collections::BTreeSet;

use kaisatsu_server::{
    ledger::{
        Acceptance, Recovering, Restated, Rollback, Unfitting, accept_entry, first_free,
        is_recovered, name_lanes, restate, rollback, take_page,
    },
    store::types::QuarantineReason,
};
use kaisatsu_shared::{
    id::{DeviceId, Epoch, GateId, Serial},
    journal::{JournalEntry, JournalHead},
    ledger::{Cursor, EventState, FoldError, LedgerBody, LedgerEntry, SignedCursor},
    sync::{FeedPage, Locate, Located, Offered},
};

use super::{Job, Log, Server, Transaction, asked::position};
use crate::{
    bugs::Adapter,
    check::Check,
    disk::Disk,
    event::Event,
    house::{self, EVENT, INSTALLATION},
    message::{Refused, Reply},
    record::Held,
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// An admin looks again after so long, while something is left to do.
const LOOKS_AGAIN: u64 = 10 * SECOND;
/// The same once everything works again.
const LOOKS_SOON: u64 = 250 * MILLI;

/// What is known of the way back after the database was put back; most of it in the database.
#[derive(Clone, Debug, Default)]
pub struct Restoring {
    /// The devices that said they offered everything, by the epoch in which they did.
    pub offered: Vec<(DeviceId, Epoch)>,
    /// The devices that an admin gave up.
    pub written_off: Vec<DeviceId>,
    /// The epoch in which an admin confirmed the list of devices.
    pub confirmed: Epoch,
}

impl Restoring {
    /// Adds what a transaction wrote.
    pub(super) fn extend(&mut self, more: Self) {
        self.offered.extend(more.offered);
        self.written_off.extend(more.written_off);
        self.confirmed = self.confirmed.max(more.confirmed);
    }
}

/// What the admin knows by other ways than the database.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    rules: u64,
    /// Devices of whose two journals they were told.
    forks: BTreeSet<DeviceId>,
    revoked: Vec<DeviceId>,
}

impl Server {
    /// A backup is made.
    pub fn back_up(&mut self) {
        self.image = Some(self.log.clone());
    }

    /// The database is put back from the backup; `silent` if nobody says so to the server.
    pub fn put_back(&mut self, stage: &mut Stage, silent: bool) {
        let Some(image) = self.image.clone() else { return };
        self.die(stage, "its database is put back");
        stage.record.put_back = Some(stage.now());
        stage.record.silent |= silent;
        self.notes.rules = self.notes.rules.max(self.log.rules);
        self.notes.revoked.extend(self.log.revoked.iter().copied());
        let forks = self.log.apart.iter().filter(|it| it.reason == QuarantineReason::Fork);
        self.notes.forks.extend(forks.map(|it| it.device));
        self.log = image;
        if !silent {
            self.begin_restore(stage);
        }
        self.start(stage);
    }

    /// Whether admins were told of a device's two journals before the database that said so was lost.
    #[must_use]
    pub fn had_told_fork(&self, device: DeviceId) -> bool {
        self.notes.forks.contains(&device)
    }

    /// `restore begin`, while the server doesn't run.
    fn begin_restore(&mut self, stage: &mut Stage) {
        let Some(loaded) = self.load(stage) else { return };
        let mut state = loaded.state;
        let lost = state.restores().rolled_back().map(|lost| lost.epoch).unwrap_or_default();
        let epoch = Epoch(state.cursor().epoch.max(lost).0.saturating_add(1));
        stage.tell(format_args!("restore begin: epoch {epoch}"));
        match state.enter_epoch(epoch, Self::time(stage)) {
            Ok((_, bytes)) => self.log.ledger.push(bytes),
            Err(error) => stage.wrong(Check::ServerRestarts, error.to_string()),
        }
        self.sessions.clear();
        stage.record.proofs.clear();
    }

    /// The admin looks whether something is to be done.
    pub fn attend(&mut self, stage: &mut Stage, impatient: bool, given_up: Vec<DeviceId>) {
        let restores = self.state().map(|state| state.restores().clone());
        let pause = if stage.healed { LOOKS_SOON } else { LOOKS_AGAIN };
        stage.after(pause, Event::Attends { impatient });
        let Some(restores) = restores else { return };
        if restores.rolled_back().is_some() {
            self.die(stage, "to begin a restore");
            self.begin_restore(stage);
            return self.start(stage);
        }
        let known = &self.log.restoring;
        let confirmed = known.confirmed == self.epoch();
        let all_given_up = given_up.iter().all(|device| known.written_off.contains(device));
        if !restores.is_open() || (confirmed && all_given_up) {
            return;
        }
        if let Some(running) = &mut self.running {
            running.inbox.push_back(Job::Attend(given_up));
            self.write(stage);
        }
    }

    /// The admin sets again what isn't got back by itself, gives devices up, and confirms the list.
    pub(super) fn do_attend(
        &mut self,
        stage: &mut Stage,
        given_up: Vec<DeviceId>,
        transaction: &mut Transaction,
    ) {
        stage.tell(format_args!("admin: confirms the devices, gives up {given_up:?}"));
        transaction.log.rules = self.notes.rules;
        transaction.log.revoked.extend(self.notes.revoked.iter().copied());
        for device in given_up {
            self.note_held(stage, device);
            if stage.is_planted(Adapter::WriteOffTransfers) {
                self.take_from(stage, device, transaction);
            }
            stage.record.written_off.insert(device);
            transaction.log.restoring.written_off.push(device);
        }
        transaction.log.restoring.confirmed = self.epoch();
        self.settle(stage, transaction);
    }

    /// What the ledger says that a device holds which is given up: nobody else decides about it after that.
    fn note_held(&self, stage: &mut Stage, device: DeviceId) {
        let at = stage.now();
        let leases = self.state().map(EventState::leases).into_iter();
        let held = leases.flat_map(|leases| leases.held());
        let own = held.filter(|(_, lease)| lease.device == device);
        let own = own.map(|(serials, lease)| Held { at, device, lease: lease.id, serials });
        stage.record.held_by_written_off.extend(own);
    }

    fn epoch(&self) -> Epoch {
        self.state().map(|state| state.cursor().epoch).unwrap_or_default()
    }

    /// Ends the restore, if the list is confirmed and each device of it has offered what it has or is given up.
    pub(super) fn settle(&mut self, stage: &mut Stage, transaction: &mut Transaction) {
        let epoch = self.epoch();
        let logs = [&self.log, &transaction.log];
        let any = |test: &dyn Fn(&Log) -> bool| logs.iter().any(|log| test(log));
        let confirmed = any(&|log| log.restoring.confirmed == epoch);
        let awaited = self.gates.keys().any(|device| {
            !any(&|log| log.revoked.contains(device))
                && !any(&|log| log.restoring.written_off.contains(device))
                && !any(&|log| log.restoring.offered.contains(&(*device, epoch)))
        });
        let awaited = awaited && !stage.is_planted(Adapter::SettledEarly);
        let Some(state) = self.state() else { return };
        let restores = state.restores();
        if !confirmed || awaited || !restores.is_open() || restores.rolled_back().is_some() {
            return;
        }
        // What was sold is known from the books.
        let sold = stage.issues.keys().copied().chain(stage.plan.serials()).max();
        let journals = self.log.journals.values().flatten();
        let entries = journals.filter_map(|(_, bytes)| JournalEntry::decode(bytes).ok());
        let seen: Vec<Serial> =
            entries.filter_map(|entry| Some(entry.body.right()?.serial)).collect();
        let sold = sold.filter(|_| !stage.is_planted(Adapter::SerialsGivenAgain));
        let first_free = first_free(state, sold, seen);
        let _ = self.append(stage, LedgerBody::Settled { first_free }, transaction);
        stage.tell(format_args!("server: what can be had is there"));
    }

    /// Where a gate's ledger and this one part. What it shows may prove a rollback.
    pub(super) fn locate(
        &mut self,
        stage: &mut Stage,
        asked: &Locate,
        transaction: &mut Transaction,
    ) -> Result<Reply, Refused> {
        if let Some(newest) = &asked.newest {
            self.prove_rollback(stage, newest, transaction)?;
        }
        let has = |position: &&Cursor| self.has(**position, transaction);
        let common = asked.positions.iter().filter(has).max_by_key(|position| position.sequence);
        let common = common.copied().unwrap_or_default();
        let state = self.state().ok_or(Refused::Failing)?;
        let recovered = state.restores().all_recovered().collect();
        Ok(Reply::Located(Located { epoch: state.cursor().epoch, common, recovered }))
    }

    /// Whether the ledger has a position, what isn't committed yet included.
    fn has(&self, position: Cursor, transaction: &Transaction) -> bool {
        let place = position.sequence.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let mut entries = self.log.ledger.iter().chain(&transaction.log.ledger);
        let bytes = place.and_then(|place| entries.nth(place));
        bytes.is_some_and(|bytes| Cursor::hash_of(INSTALLATION, bytes) == position.hash)
    }

    /// Whether a position proves that this server was rolled back.
    pub fn lacks(&self, signed: &SignedCursor) -> bool {
        let here = signed.cursor.epoch >= self.epoch();
        here && !self.has(signed.cursor, &Transaction::default())
    }

    /// What a gate can offer of the ledger that this server lacks: promises that its journals don't repeat.
    pub fn lost_entries(&self, disk: &Disk) -> Vec<LedgerBody> {
        let signed = disk.page_ends.last().map_or(0, |end| end.cursor.sequence);
        let signed = usize::try_from(signed).unwrap_or(usize::MAX);
        let both =
            disk.ledger.iter().zip(&self.log.ledger).take_while(|(here, there)| here == there);
        let lost = disk.ledger.iter().take(signed).skip(both.count());
        lost.filter_map(|bytes| Some(LedgerEntry::decode(bytes).ok()?.body)).collect()
    }

    fn prove_rollback(
        &mut self,
        stage: &mut Stage,
        shown: &SignedCursor,
        transaction: &mut Transaction,
    ) -> Result<bool, Refused> {
        if shown.event != EVENT || !shown.verify(INSTALLATION, &house::root().public()) {
            return Ok(false);
        }
        let has = self.has(shown.cursor, transaction);
        let state = self.state().ok_or(Refused::Failing)?;
        match rollback(state, state.cursor().epoch, shown.cursor, has) {
            Rollback::None => Ok(false),
            Rollback::Known => Ok(true),
            Rollback::Found(body) => {
                stage.tell(format_args!("server: a gate proves that it was rolled back"));
                self.append(stage, body, transaction).map(|_| true)
            }
        }
    }

    /// A gate offers a page that was lost.
    pub(super) fn offer(
        &mut self,
        stage: &mut Stage,
        (after, page): (Cursor, &FeedPage),
        transaction: &mut Transaction,
    ) -> Result<Reply, Refused> {
        page.verify(after, INSTALLATION, EVENT, &house::root().public())
            .map_err(|_| Refused::Malformed)?;
        if self.prove_rollback(stage, &page.end, transaction)? {
            return Err(Refused::OfferGap);
        }
        let state = self.state().ok_or(Refused::Failing)?;
        if after.sequence > 0 && !self.has(after, transaction) && !is_recovered(state, after) {
            return Err(Refused::OfferGap);
        }
        let answer = take_page(&mut Recovery { server: self, stage, transaction }, page)?;
        let (restated, unfit) = (answer.restated, answer.unfit);
        stage.tell(format_args!("server: got {restated} entries back, {unfit} don't fit"));
        Ok(Reply::Offer(answer))
    }

    /// A gate says that it offered everything.
    pub(super) fn offered(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        offered: &Offered,
        transaction: &mut Transaction,
    ) -> Result<Reply, Refused> {
        let (_, public) = house::device(device).ok_or(Refused::Malformed)?;
        let Offered { head, cursor } = offered;
        if head.device != device || head.verify(INSTALLATION, public).is_err() {
            return Err(Refused::Malformed);
        }
        let running = self.running.as_ref().ok_or(Refused::Failing)?;
        let delivered = running.journals.get(&device).map(Vec::as_slice).unwrap_or_default();
        let number = u64::try_from(delivered.len()).unwrap_or(u64::MAX);
        let hash = delivered.last().copied().unwrap_or_default();
        let follows = cursor.sequence == 0 || self.has(*cursor, transaction);
        if !follows || head.head != (JournalHead { number, hash }) {
            return Err(Refused::OfferGap);
        }
        let epoch = self.epoch();
        transaction.log.restoring.offered.push((device, epoch));
        self.settle(stage, transaction);
        Ok(Reply::Offered(epoch))
    }

    /// The end of the page by which a gate got the first entries.
    pub fn first_end(&mut self, stage: &Stage) -> Vec<SignedCursor> {
        let end = self.log.ledger.last().map(|bytes| position(bytes));
        let end = end.filter(|_| stage.plan.is_restored());
        end.map(|end| self.page_end(end)).into_iter().collect()
    }

    /// The signed end of a page.
    pub(super) fn page_end(&mut self, at: Cursor) -> SignedCursor {
        let sign = || SignedCursor::sign(INSTALLATION, EVENT, at, house::root());
        self.ends.entry(at.hash).or_insert_with(sign).clone()
    }
}

/// The transaction in which a page that was lost is taken in.
struct Recovery<'a> {
    server: &'a mut Server,
    stage: &'a mut Stage,
    transaction: &'a mut Transaction,
}

impl Recovering for Recovery<'_> {
    type Error = Refused;

    fn state(&mut self) -> Result<&EventState, Refused> {
        self.server.state().ok_or(Refused::Failing)
    }

    fn restate(&mut self, body: &LedgerBody) -> Result<Restated, Refused> {
        let state = self.server.state().ok_or(Refused::Failing)?;
        Ok(restate(state, &self.server.rules, body))
    }

    fn append(&mut self, body: LedgerBody) -> Result<(), Refused> {
        self.server.append(self.stage, body, self.transaction).map(drop)
    }

    fn append_if_fits(&mut self, body: LedgerBody) -> Result<bool, Refused> {
        match self.server.try_append(self.stage, body, self.transaction)? {
            Ok(_) => Ok(true),
            Err(FoldError::Contradiction(_)) => Ok(false),
            Err(error) => {
                self.stage.wrong(Check::ServerRestarts, error.to_string());
                Err(Refused::Failing)
            }
        }
    }

    fn unfitting(&mut self) -> Result<Vec<Unfitting>, Refused> {
        let logs = [&self.server.log, &self.transaction.log];
        let apart = logs.iter().flat_map(|log| &log.apart);
        let waiting = apart.filter(|it| it.reason == QuarantineReason::Unfitting);
        let released = &self.transaction.log.released;
        let waiting = waiting.filter(|it| !released.contains(&(it.device, it.number)));
        let entry = |it: &super::Apart| {
            let of = |log: &&Log| log.journals.get(&it.device).cloned().unwrap_or_default();
            let mut delivered = logs.iter().flat_map(of);
            let bytes = delivered.find(|(hash, _)| *hash == it.hash)?.1;
            let gate = *self.server.gates.get(&it.device)?;
            Some(Unfitting { device: it.device, gate, entry: JournalEntry::decode(&bytes).ok()? })
        };
        let mut unfitting: Vec<_> = waiting.filter_map(entry).collect();
        unfitting.sort_by_key(|it| (it.device, it.entry.number));
        Ok(unfitting)
    }

    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, Refused> {
        let state = self.server.state().ok_or(Refused::Failing)?;
        let mut accepted = accept_entry(state, &self.server.rules, entry, gate);
        name_lanes(&mut accepted.append, |device| self.server.gates.get(&device).copied());
        Ok(accepted)
    }

    fn release(&mut self, device: DeviceId, number: u64) -> Result<(), Refused> {
        self.transaction.log.released.push((device, number));
        Ok(())
    }
}
