//! An event's signing keys. A ticket is shown under the key it was issued with: every gate that
//! has followed the event since then knows that key, while a new one may not have reached it yet.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{EventId, KeyId},
    key::{DisplayKey, EventKey},
};
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use crate::{
    store::StoreError,
    vault::{Purpose, Vault},
};

/// The key that new tickets are issued with.
pub(super) fn current_key(connection: &Connection, event: EventId) -> Result<KeyId, StoreError> {
    connection
        .prepare_cached("SELECT id FROM event_keys WHERE event_id = ?1 AND current = 1")?
        .query_row([event.0], |row| row.get(0).map(KeyId))
        .optional()?
        .ok_or(StoreError::EventUnknown(event))
}

/// Keys of one event, each opened once.
pub(super) struct Keys<'a> {
    connection: &'a Connection,
    vault: &'a Vault,
    event: EventId,
    opened: BTreeMap<KeyId, (EventKey, DisplayKey)>,
}

impl<'a> Keys<'a> {
    pub(super) const fn new(connection: &'a Connection, vault: &'a Vault, event: EventId) -> Self {
        Self { connection, vault, event, opened: BTreeMap::new() }
    }

    /// The signing key and the display key for tickets that were issued with `issued`: those, or
    /// the current ones if `issued` isn't listed any more.
    pub(super) fn of(&mut self, issued: KeyId) -> Result<&(EventKey, DisplayKey), StoreError> {
        if !self.opened.contains_key(&issued) {
            let keys = self.open(issued)?;
            self.opened.insert(issued, keys);
        }
        let missing = || StoreError::Internal("an opened key is gone".to_owned());
        self.opened.get(&issued).ok_or_else(missing)
    }

    fn open(&self, issued: KeyId) -> Result<(EventKey, DisplayKey), StoreError> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT id, seed, display_key FROM event_keys
                 WHERE event_id = ?1 AND (id = ?2 OR current = 1) ORDER BY id = ?2 DESC LIMIT 1",
            )?
            .query_row(params![self.event.0, issued.0], |row| {
                Ok((KeyId(row.get(0)?), row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let (id, seed, display) = found.ok_or(StoreError::EventUnknown(self.event))?;
        let row = [self.event.0, u32::from(id.0)];
        let seed: Zeroizing<[u8; 32]> = self.vault.open_array(Purpose::EventKey, &row, &seed)?;
        let display: Zeroizing<[u8; 32]> =
            self.vault.open_array(Purpose::DisplayKey, &row, &display)?;
        Ok((EventKey::from_seed(id, *seed), DisplayKey::from_bytes(*display)))
    }
}
