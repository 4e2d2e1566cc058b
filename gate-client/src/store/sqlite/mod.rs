//! The store in SQLite: write-ahead log, `synchronous=FULL`; one transaction a store effect. Only one process may
//! write; others read beside it.

mod directory;
mod error;
mod revoked;

pub use directory::{Directory, Lock};

use std::{path::Path, time::Duration};

use kaisatsu_shared::{
    bundle::{Revocation, SignedBundle},
    id::{ClaimKey, Epoch, EventId, Generation, Serial},
    key::Signature64,
    ledger::{Cursor, SignedCursor},
    right::{RightRef, UseKind},
    token::Fingerprint,
};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};

use crate::engine::{Intent, Record};
use crate::store::{
    Enrolment, Store, StoreError, Wiped,
    notes::{ACKNOWLEDGED, read, written},
};

/// The schema that this program writes; `PRAGMA user_version` of a new file is 0.
const FORMAT: i64 = 2;

const SCHEMA: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE credential (id INTEGER PRIMARY KEY CHECK (id = 1), document TEXT NOT NULL) STRICT;
CREATE TABLE bundle (id INTEGER PRIMARY KEY CHECK (id = 1), document TEXT NOT NULL, signature BLOB NOT NULL) STRICT;
CREATE TABLE journal (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE ledger (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE intents (
    claim BLOB PRIMARY KEY, event INTEGER NOT NULL, serial INTEGER NOT NULL,
    generation INTEGER NOT NULL, fingerprint BLOB NOT NULL
) WITHOUT ROWID, STRICT;
PRAGMA user_version = 1;
";

/// Where the server signed the ledger's pages: what a gate offers a server that lost them.
const PAGE_ENDS: &str = "
CREATE TABLE page_ends (
    sequence INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL
) STRICT;
PRAGMA user_version = 2;
";

/// The open database. With a [`Lock`] it may be written, without one it is only read.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    directory: Directory,
    _lock: Option<Lock>,
}

impl Sqlite {
    /// Opens the database of a locked directory; makes it where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(directory: &Directory, lock: Lock) -> Result<Self, StoreError> {
        let connection = Connection::open(directory.database())?;
        connection.busy_timeout(Duration::from_secs(2))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        let mut store = Self { connection, directory: directory.clone(), _lock: Some(lock) };
        store.migrate()?;
        Ok(store)
    }

    /// Opens the database beside the process that writes it.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] if there is none, else as [`Sqlite::open`].
    pub fn open_read_only(directory: &Directory) -> Result<Self, StoreError> {
        let path: &Path = &directory.database();
        if !path.exists() {
            return Err(StoreError::NotEnrolled(directory.path().to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        let store = Self { connection, directory: directory.clone(), _lock: None };
        match store.format()? {
            // What is read hasn't changed since the first.
            1 | FORMAT => Ok(store),
            0 => Err(StoreError::NotEnrolled(directory.path().to_owned())),
            newer => Err(StoreError::Newer(newer)),
        }
    }

    fn format(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        match self.format()? {
            FORMAT => Ok(()),
            older @ (0 | 1) => {
                let transaction =
                    self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                if older == 0 {
                    transaction.execute_batch(SCHEMA)?;
                }
                transaction.execute_batch(PAGE_ENDS)?;
                Ok(transaction.commit()?)
            }
            newer => Err(StoreError::Newer(newer)),
        }
    }

    fn rows<T>(
        &self,
        query: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    #[cfg(test)]
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Store for Sqlite {
    async fn apply(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            write(&transaction, record)?;
        }
        Ok(transaction.commit()?)
    }

    async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let document = written(enrolment)?;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM meta", [])?;
        transaction.execute("INSERT INTO credential (id, document) VALUES (1, ?1)", [document])?;
        Ok(transaction.commit()?)
    }

    async fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        let query = "SELECT document FROM credential";
        read(self.connection.query_row(query, [], |row| row.get(0)).optional()?)
    }

    async fn journal(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        self.rows("SELECT bytes FROM journal ORDER BY number", |row| row.get(0))
    }

    async fn ledger(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        self.rows("SELECT bytes FROM ledger ORDER BY sequence", |row| row.get(0))
    }

    async fn page_ends(&self, event: EventId, after: u64) -> Result<Vec<SignedCursor>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT sequence, epoch, hash, signature FROM page_ends WHERE sequence > ?1 ORDER BY sequence",
        )?;
        let rows = statement.query_map([i64::try_from(after).unwrap_or(i64::MAX)], |row| {
            let sequence = row.get::<_, i64>(0)?.unsigned_abs();
            let cursor = Cursor { epoch: Epoch(row.get(1)?), sequence, hash: row.get(2)? };
            Ok(SignedCursor { event, cursor, signature: Signature64(row.get(3)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    async fn intents(&self) -> Result<Vec<Intent>, StoreError> {
        let query = "SELECT claim, event, serial, generation, fingerprint FROM intents";
        self.rows(query, |row| {
            Ok(Intent {
                key: ClaimKey(row.get(0)?),
                right: RightRef {
                    event: EventId(row.get(1)?),
                    serial: Serial(row.get(2)?),
                    generation: Generation(row.get(3)?),
                    fingerprint: Fingerprint(row.get(4)?),
                },
                kind: UseKind::Entry,
                count: 1,
            })
        })
    }

    async fn bundle(&self) -> Result<Option<SignedBundle>, StoreError> {
        Ok(self
            .connection
            .query_row("SELECT document, signature FROM bundle", [], |row| {
                Ok(SignedBundle { document: row.get(0)?, signature: Signature64(row.get(1)?) })
            })
            .optional()?)
    }

    async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = "SELECT value FROM meta WHERE key = ?1";
        Ok(self.connection.query_row(query, [name], |row| row.get(0)).optional()?)
    }

    async fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'wiped')",
            [name, text],
        )?;
        Ok(())
    }

    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM meta WHERE key = ?1", [name])?;
        Ok(())
    }

    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        self.forget_event(revocation)
    }

    async fn wipe(&mut self, wiped: &Wiped) -> Result<(), StoreError> {
        self.forget_journal(wiped)
    }

    async fn finish_wipe(&mut self) -> Result<bool, StoreError> {
        self.directory.erase_key()?;
        self.clean()
    }

    async fn scrub(&mut self) -> Result<bool, StoreError> {
        self.clean()
    }
}

fn write(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    // SQLite's integers end at 2^63; neither number ever gets there.
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let run = |query: &str, values: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(query)?.execute(values)
    };
    match record {
        Record::Journal { number: n, bytes } => {
            run("INSERT INTO journal (number, bytes) VALUES (?1, ?2)", params![number(*n), bytes])
        }
        Record::Ledger { sequence, bytes } => run(
            "INSERT INTO ledger (sequence, bytes) VALUES (?1, ?2)",
            params![number(*sequence), bytes],
        ),
        Record::PageEnd(end) => {
            let Cursor { epoch, sequence, hash } = end.cursor;
            run(
                "INSERT OR REPLACE INTO page_ends (sequence, epoch, hash, signature) VALUES (?1, ?2, ?3, ?4)",
                params![number(sequence), epoch.0, hash, end.signature.0],
            )
        }
        Record::LedgerCut(n) => {
            run("DELETE FROM page_ends WHERE sequence > ?1", params![number(*n)])?;
            run("DELETE FROM ledger WHERE sequence > ?1", params![number(*n)])
        }
        Record::Intent(Intent { key, right, .. }) => run(
            "INSERT OR REPLACE INTO intents (claim, event, serial, generation, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![key.0, right.event.0, right.serial.0, right.generation.0, right.fingerprint.0],
        ),
        Record::IntentDone(key) => run("DELETE FROM intents WHERE claim = ?1", params![key.0]),
        Record::Bundle(bundle) => run(
            "INSERT OR REPLACE INTO bundle (id, document, signature) VALUES (1, ?1, ?2)",
            params![bundle.document, bundle.signature.0],
        ),
        Record::Acknowledged(n) => run(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
            params![ACKNOWLEDGED, n.to_string()],
        ),
    }?;
    Ok(())
}
