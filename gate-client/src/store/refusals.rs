//! Why this gate may admit nobody, kept over a restart: a gate that is cut off then must not go by
//! what held before.

use super::{Store, StoreError};

/// The server said that it has revoked this device, without the root key's word for it.
const DEVICE: &str = "refused";
/// The event has rules that this program can't work by. They may change.
const RULES: &str = "rules_refused";

impl Store {
    /// Whether, and by what code, the server has refused this device, as an earlier version of the program
    /// noted it. The root key's word is [`Store::revocation`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refused(&self) -> Result<Option<String>, StoreError> {
        self.meta(DEVICE)
    }

    /// Notes that the event has newer rules than the bundle kept here, which this program can't
    /// work by.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refuse_rules(&mut self, code: &str) -> Result<(), StoreError> {
        self.note(RULES, code)
    }

    /// Notes that the event's rules can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accept_rules(&mut self) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM meta WHERE key = ?1", [RULES])?;
        Ok(())
    }

    /// Whether, and by what code, the event's rules can't be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rules_refused(&self) -> Result<Option<String>, StoreError> {
        self.meta(RULES)
    }

    pub(super) fn note(&mut self, key: &str, code: &str) -> Result<(), StoreError> {
        // Of a device that was wiped nothing more is kept.
        self.connection().execute(
            "INSERT OR REPLACE INTO meta (key, value) SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'wiped')",
            [key, code],
        )?;
        Ok(())
    }
}
