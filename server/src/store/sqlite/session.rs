//! What the writer works with: its connection, and in memory the fold of each event's ledger. The
//! memory is never ahead of the database: whatever is rolled back is forgotten with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kaisatsu_shared::{
    bundle::EventRules,
    calendar::UnknownZone,
    id::{DeviceId, Epoch, EventId, OrganisationId},
    journal::JournalHead,
    ledger::{EventState, FoldError, LedgerBody, LedgerEntry},
    time::TimeInterval,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::KnownDevice, event::event_info, heads::Heads, open::Installation, operator::operators,
    value::Big,
};
use crate::{audit::AuditHead, store::StoreError, world::World};

/// Pages in the write-ahead log before they are moved into the database (4 kB each).
const CHECKPOINT_PAGES: u64 = 4_000;
/// An estimate of what a commit writes, because SQLite doesn't say: the ends of a few tables, and
/// a page for so many rows more.
const PAGES_A_COMMIT: u64 = 6;
const ROWS_A_PAGE: u64 = 8;

/// The writer's connection and memory.
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) installation: Arc<Installation>,
    pub(super) world: World,
    pub(super) heads: Arc<Heads>,
    states: BTreeMap<EventId, EventState>,
    /// Events whose ledger grew in this transaction.
    touched: BTreeSet<EventId>,
    pub(super) devices: BTreeMap<DeviceId, KnownDevice>,
    pub(super) journals: BTreeMap<DeviceId, JournalHead>,
    pub(super) audit: Option<AuditHead>,
    organisations: BTreeMap<EventId, OrganisationId>,
    rules: BTreeMap<EventId, Arc<EventRules>>,
    /// `PRAGMA data_version` when the memory was last compared with the database.
    folded: i64,
    /// The same when watchers were last told of other programs' commits.
    polled: i64,
    /// Rows changed on this connection when that was last estimated.
    changes: u64,
    /// About how many pages of the write-ahead log aren't in the database yet.
    pub(super) unmoved: u64,
    /// Where a test lets the disk fail.
    #[cfg(test)]
    pub(super) failing: Option<Step>,
}

/// What makes the disk remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ending a transaction.
    Commit,
    /// Moving the write-ahead log into the database.
    Checkpoint,
}

impl Session {
    pub(super) fn new(
        connection: Connection,
        installation: Arc<Installation>,
        world: World,
        heads: Arc<Heads>,
    ) -> Result<Self, StoreError> {
        let version = data_version(&connection)?;
        Ok(Self {
            connection,
            installation,
            world,
            heads,
            states: BTreeMap::new(),
            touched: BTreeSet::new(),
            devices: BTreeMap::new(),
            journals: BTreeMap::new(),
            audit: None,
            organisations: BTreeMap::new(),
            rules: BTreeMap::new(),
            folded: version,
            polled: version,
            changes: 0,
            unmoved: 0,
            #[cfg(test)]
            failing: None,
        })
    }

    /// Begins a transaction; nobody else writes until it ends. Takes in what other programs wrote.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let version = data_version(&self.connection)?;
        if version == self.folded {
            return Ok(());
        }
        let epoch: u32 =
            self.connection.query_row("SELECT epoch FROM installation", [], |row| row.get(0))?;
        if epoch != self.installation.epoch.0 {
            return Err(StoreError::EpochRaised);
        }
        self.forget_rows();
        let events: Vec<_> = self.states.keys().copied().collect();
        for event in events {
            // A ledger that doesn't go on from here was replaced: it is loaded afresh.
            if self.follow(event).is_err() {
                self.states.remove(&event);
            }
        }
        self.folded = version;
        Ok(())
    }

    /// Makes everything since [`Session::begin`] durable and tells the watchers.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.reach_disk(Step::Commit)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        for event in std::mem::take(&mut self.touched) {
            if let Some(state) = self.states.get(&event) {
                self.heads.raise(event, state.cursor().sequence);
            } else if let Err(error) = self.announce(event) {
                // What is committed has happened: a failure here must not undo or repeat it. The
                // watchers hear of it with the next commit.
                tracing::warn!(code = error.code(), "watchers of event {event} not told: {error}");
            }
        }
        Ok(())
    }

    /// Moves the write-ahead log into the database where it has grown long. SQLite would do so by
    /// itself, but keep silent about a failed fsync: the log would then be overwritten although
    /// the database doesn't hold what it said.
    pub(super) fn checkpoint(&mut self) -> Result<(), StoreError> {
        let changed = self.connection.total_changes();
        let rows = changed.saturating_sub(self.changes);
        self.changes = changed;
        self.unmoved = self.unmoved.saturating_add(PAGES_A_COMMIT + rows / ROWS_A_PAGE);
        if self.unmoved < CHECKPOINT_PAGES {
            return Ok(());
        }
        self.reach_disk(Step::Checkpoint)?;
        let mut checkpoint = self.connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
        // Where another program is at it, or a reader still needs the log, a later one goes on.
        let (log, moved) = checkpoint.query_row([], |row| {
            Ok((row.get::<_, i64>(1)?.max(0), row.get::<_, i64>(2)?.max(0)))
        })?;
        self.unmoved = log.saturating_sub(moved).max(0).unsigned_abs();
        Ok(())
    }

    /// Fails where a test says so.
    fn reach_disk(&self, step: Step) -> Result<(), StoreError> {
        #[cfg(not(test))]
        let _ = step;
        #[cfg(test)]
        if self.failing == Some(step) {
            // What SQLite answers when fsync fails (https://www.sqlite.org/rescode.html#ioerr_fsync).
            let failure = rusqlite::ffi::Error::new(1034);
            return Err(rusqlite::Error::SqliteFailure(failure, None).into());
        }
        Ok(())
    }

    /// Undoes everything since [`Session::begin`], in the database and in memory.
    pub(super) fn roll_back(&mut self) {
        // SQLite has rolled back by itself after some errors; then there is nothing left to do.
        if !self.connection.is_autocommit() {
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        self.forget_touched();
        self.touched.clear();
    }

    /// Forgets what memory holds of work that is undone.
    pub(super) fn forget_touched(&mut self) {
        for event in &self.touched {
            self.states.remove(event);
        }
        self.forget_rows();
    }

    fn forget_rows(&mut self) {
        self.devices.clear();
        self.journals.clear();
        self.audit = None;
        self.organisations.clear();
        self.rules.clear();
    }

    /// Tells watchers of what other programs committed. Cheap when nobody did.
    pub(super) fn poll(&mut self) -> Result<(), StoreError> {
        let version = data_version(&self.connection)?;
        if version == self.polled {
            return Ok(());
        }
        for event in self.heads.watched() {
            self.announce(event)?;
        }
        self.polled = version;
        Ok(())
    }

    /// Loads an event that somebody begins to watch, so that its first claim needn't wait for it,
    /// and tells where its ledger stands.
    pub(super) fn prepare(&mut self, event: EventId) -> Result<(), StoreError> {
        self.state(event)?;
        self.announce(event)
    }

    /// Tells an event's watchers where its ledger stands in the database.
    pub(super) fn announce(&self, event: EventId) -> Result<(), StoreError> {
        let mut head = self
            .connection
            .prepare_cached("SELECT coalesce(max(sequence), 0) FROM ledger WHERE event_id = ?1")?;
        let Big(head) = head.query_row([event.0], |row| row.get(0))?;
        self.heads.raise(event, head);
        Ok(())
    }

    /// The organisation an event belongs to.
    pub(super) fn organisation(&mut self, event: EventId) -> Result<OrganisationId, StoreError> {
        if let Some(known) = self.organisations.get(&event) {
            return Ok(*known);
        }
        let found = self
            .connection
            .prepare_cached("SELECT organisation_id FROM events WHERE id = ?1")?
            .query_row([event.0], |row| row.get(0))
            .optional()?;
        let organisation = found.map(OrganisationId).ok_or(StoreError::EventUnknown(event))?;
        self.organisations.insert(event, organisation);
        Ok(organisation)
    }

    /// An event's rules.
    pub(super) fn rules(&mut self, event: EventId) -> Result<Arc<EventRules>, StoreError> {
        if let Some(known) = self.rules.get(&event) {
            return Ok(Arc::clone(known));
        }
        let rules = event_info(&self.connection, event)?.rules();
        let operators = operators(&self.connection, event)?;
        let rules = EventRules::new(rules, operators)
            .map_err(|UnknownZone(name)| StoreError::UnknownZone(name))?;
        let rules = Arc::new(rules);
        self.rules.insert(event, Arc::clone(&rules));
        Ok(rules)
    }

    /// Forgets an event's rules, because they change.
    pub(super) fn forget_rules(&mut self, event: EventId) {
        self.rules.remove(&event);
    }

    /// An event's state: the fold of its ledger.
    pub(super) fn state(&mut self, event: EventId) -> Result<&EventState, StoreError> {
        if !self.states.contains_key(&event) {
            self.organisation(event)?;
            let Installation { id, epoch, .. } = *self.installation;
            self.states.insert(event, EventState::new(id, event, Epoch::default()));
            if let Err(error) = self.follow(event) {
                self.states.remove(&event);
                return Err(error);
            }
            // A ledger begins in the installation's epoch; one that was begun says itself in which it is.
            if self.states.get(&event).is_some_and(|state| state.cursor().sequence == 0) {
                self.states.insert(event, EventState::new(id, event, epoch));
            }
        }
        self.states.get(&event).ok_or(StoreError::EventUnknown(event))
    }

    /// Appends to an event's ledger, in the database and in memory; gives the entry's number.
    pub(super) fn append(&mut self, event: EventId, body: LedgerBody) -> Result<u64, StoreError> {
        self.try_append(event, body)?.map_err(|error| StoreError::Internal(error.to_string()))
    }

    /// The same of what may contradict the ledger; nothing is changed then.
    pub(super) fn try_append(
        &mut self,
        event: EventId,
        body: LedgerBody,
    ) -> Result<Result<u64, FoldError>, StoreError> {
        self.write_entry(event, |state, now| state.append(body, now))
    }

    /// Begins a new epoch in an event's ledger.
    pub(super) fn enter_epoch(&mut self, event: EventId, epoch: Epoch) -> Result<(), StoreError> {
        self.write_entry(event, |state, now| state.enter_epoch(epoch, now))?
            .map(drop)
            .map_err(|error| StoreError::Internal(error.to_string()))
    }

    fn write_entry(
        &mut self,
        event: EventId,
        make: impl FnOnce(&mut EventState, TimeInterval) -> Result<(LedgerEntry, Vec<u8>), FoldError>,
    ) -> Result<Result<u64, FoldError>, StoreError> {
        let organisation = self.organisation(event)?;
        self.state(event)?;
        let now = self.world.now();
        self.touched.insert(event);
        let state = self.states.get_mut(&event).ok_or(StoreError::EventUnknown(event))?;
        let internal = |error: &dyn core::fmt::Display| StoreError::Internal(error.to_string());
        let (entry, bytes) = match make(state, now) {
            Ok(made) => made,
            Err(error) => return Ok(Err(error)),
        };
        // What can't be read again would end the ledger for good.
        match LedgerEntry::decode(&bytes) {
            Ok(read) if read == entry => {}
            Ok(_) => return Err(internal(&"a ledger entry reads differently than written")),
            Err(error) => return Err(internal(&error)),
        }
        self.connection
            .prepare_cached(
                "INSERT INTO ledger (event_id, sequence, organisation_id, epoch, kind, serial, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                event.0,
                Big(entry.sequence),
                organisation.0,
                entry.epoch.0,
                entry.body.name(),
                // Entries about room are about no ticket.
                entry.body.serial().map_or(-1, |serial| i64::from(serial.0)),
                bytes,
            ])?;
        Ok(Ok(entry.sequence))
    }

    /// Folds what the database holds of an event's ledger after the memory's cursor.
    fn follow(&mut self, event: EventId) -> Result<(), StoreError> {
        let Some(state) = self.states.get_mut(&event) else { return Ok(()) };
        let mut rows = self.connection.prepare_cached(
            "SELECT bytes FROM ledger WHERE event_id = ?1 AND sequence > ?2 ORDER BY sequence",
        )?;
        let mut rows = rows.query(params![event.0, Big(state.cursor().sequence)])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            state.apply(bytes).map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
        }
        Ok(())
    }
}

/// Changes whenever another connection commits, and only then.
fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}
