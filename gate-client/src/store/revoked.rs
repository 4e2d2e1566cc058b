//! What becomes of the data of a revoked device. Each step is one transaction, and the next start goes on with the
//! step that is due: first what it knew of the event goes, then, once the server has the whole journal, journal,
//! credential and key. After each the file is written anew, so that nothing of it is left in there.

use kaisatsu_shared::{
    bundle::Revocation,
    id::{DeviceId, EventId, GateId, InstallationId},
    time::UnixMillis,
};
use rusqlite::{Connection, TransactionBehavior};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Store, StoreError};

/// The root key's word, and that all but the journal is gone.
const REVOKED: &str = "revoked";
/// What remains at the end.
const WIPED: &str = "wiped";
/// The file holds remains of what was deleted.
const SCRUB: &str = "scrub";

/// All that remains of a revoked device that has delivered everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wiped {
    /// The installation.
    pub installation: InstallationId,
    /// The event.
    pub event: EventId,
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// When it was revoked, by the server's clock.
    pub revoked_at: UnixMillis,
    /// How many journal entries it delivered.
    pub delivered: u64,
    /// When the server was known to have them all, by the device's clock.
    pub delivered_at: UnixMillis,
}

impl Store {
    /// Drops what this device knew of the event: ledger, rules with operators, claims under way. Journal,
    /// credential and key stay.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is dropped then.
    pub fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        self.delete(&[(REVOKED, &text(revocation)?), (SCRUB, "")], |connection| {
            connection.execute_batch(
                "DELETE FROM ledger; DELETE FROM page_ends; DELETE FROM bundle; DELETE FROM intents;
                 DELETE FROM meta WHERE key NOT IN ('acknowledged', 'time_floor');",
            )
        })
    }

    /// The root key's word that this device was revoked, if it came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revocation(&self) -> Result<Option<Revocation>, StoreError> {
        self.read(REVOKED)
    }

    /// Deletes journal and credential. Nothing is written from then on; the key goes with
    /// [`Store::finish_wipe`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    pub fn wipe(&mut self, wiped: &Wiped) -> Result<(), StoreError> {
        self.delete(&[(WIPED, &text(wiped)?), (SCRUB, "")], |connection| {
            connection.execute_batch(
                "DELETE FROM journal; DELETE FROM credential; DELETE FROM meta;
                 DELETE FROM ledger; DELETE FROM page_ends; DELETE FROM bundle; DELETE FROM intents;",
            )
        })
    }

    /// What remains, if this device was wiped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn wiped(&self) -> Result<Option<Wiped>, StoreError> {
        self.read(WIPED)
    }

    /// Deletes the key of a device that was wiped, and writes the file anew as [`Store::scrub`] does. May be done
    /// again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish_wipe(&mut self) -> Result<bool, StoreError> {
        self.directory().erase_key()?;
        self.scrub()
    }

    /// Writes the file anew where it holds remains of what was deleted. False if another program reads it at
    /// this moment: then it is to be done later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scrub(&mut self) -> Result<bool, StoreError> {
        if self.meta(SCRUB)?.is_none() {
            return Ok(true);
        }
        // Deleted pages are zeros in the log by now: first they go over the old ones.
        if !self.empty_log()? {
            return Ok(false);
        }
        self.connection().execute_batch("VACUUM")?;
        if !self.empty_log()? {
            return Ok(false);
        }
        self.connection().execute("DELETE FROM meta WHERE key = ?1", [SCRUB])?;
        Ok(true)
    }

    /// Moves the write-ahead log into the file and cuts it to nothing; false if somebody reads.
    fn empty_log(&self) -> Result<bool, StoreError> {
        let query = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = self.connection().query_row(query, [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// One transaction that deletes and leaves these notes.
    fn delete(
        &mut self,
        notes: &[(&str, &str)],
        delete: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let connection = self.connection_mut();
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

    fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(error.to_string()))
        };
        self.meta(key)?.map(read).transpose()
    }
}

fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
