//! What becomes of the data of a revoked device. Each step is one transaction, and the next start goes on with the
//! step that is due: first what it knew of the event goes, then, once the server has the whole journal, journal,
//! credential and key. After each the file is written anew, so that nothing of it is left in there.

use kaisatsu_shared::bundle::Revocation;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::Sqlite;
use crate::store::{
    StoreError, Wiped,
    notes::{REVOKED, WIPED, written},
};

/// The file holds remains of what was deleted.
const SCRUB: &str = "scrub";

impl Sqlite {
    /// As [`super::Store::revoke`].
    pub(super) fn forget_event(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        self.delete(&[(REVOKED, &written(revocation)?), (SCRUB, "")], |connection| {
            connection.execute_batch(
                "DELETE FROM ledger; DELETE FROM page_ends; DELETE FROM bundle; DELETE FROM intents;
                 DELETE FROM meta WHERE key NOT IN ('acknowledged', 'time_floor');",
            )
        })
    }

    /// As [`super::Store::wipe`].
    pub(super) fn forget_journal(&mut self, wiped: &Wiped) -> Result<(), StoreError> {
        self.delete(&[(WIPED, &written(wiped)?), (SCRUB, "")], |connection| {
            connection.execute_batch(
                "DELETE FROM journal; DELETE FROM credential; DELETE FROM meta;
                 DELETE FROM ledger; DELETE FROM page_ends; DELETE FROM bundle; DELETE FROM intents;",
            )
        })
    }

    /// Writes the file anew where it holds remains of what was deleted. False if another program reads it at
    /// this moment.
    pub(super) fn clean(&mut self) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM meta WHERE key = ?1";
        let due: Option<i64> =
            self.connection.query_row(query, [SCRUB], |row| row.get(0)).optional()?;
        if due.is_none() {
            return Ok(true);
        }
        // Deleted pages are zeros in the log by now: first they go over the old ones.
        if !self.empty_log()? {
            return Ok(false);
        }
        self.connection.execute_batch("VACUUM")?;
        if !self.empty_log()? {
            return Ok(false);
        }
        self.connection.execute("DELETE FROM meta WHERE key = ?1", [SCRUB])?;
        Ok(true)
    }

    /// Moves the write-ahead log into the file and cuts it to nothing; false if somebody reads.
    fn empty_log(&self) -> Result<bool, StoreError> {
        let query = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = self.connection.query_row(query, [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// One transaction that deletes and leaves these notes.
    fn delete(
        &mut self,
        notes: &[(&str, &str)],
        delete: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let connection = &mut self.connection;
        // Freed pages are overwritten, not only forgotten.
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        delete(&transaction)?;
        for (key, value) in notes {
            transaction.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
                [key, value],
            )?;
        }
        Ok(transaction.commit()?)
    }
}
