//! The signed bundle. It is signed anew after a change, and when it is an hour old, so that its
//! end always lies well ahead; each time its version rises.

use kaisatsu_shared::{
    bundle::{Bundle, FORMAT, SignedBundle},
    id::EventId,
    key::{ListedKey, Signature64},
    time::UnixMillis,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    event::event_info,
    hub::hubs_of,
    open::Installation,
    operator::operators,
    session::Session,
    value::{Big, at},
};
use crate::store::StoreError;

/// How old a bundle gets before it is signed anew: an hour.
const RENEW_AFTER: u64 = 3_600_000;

/// How long a bundle serves a gate that hears nothing newer: seven days.
const LASTS: u64 = 7 * 24 * 3_600_000;

/// A stored bundle.
struct Stored {
    version: u64,
    stale: bool,
    issued_at: UnixMillis,
    signed: SignedBundle,
}

fn stored(connection: &Connection, event: EventId) -> Result<Option<Stored>, StoreError> {
    let mut row = connection.prepare_cached(
        "SELECT version, stale, issued_at, document, signature FROM bundles WHERE event_id = ?1",
    )?;
    let row = row.query_row([event.0], |row| {
        Ok(Stored {
            version: row.get::<_, Big>(0)?.0,
            stale: row.get(1)?,
            issued_at: at(row, 2)?,
            signed: SignedBundle { document: row.get(3)?, signature: Signature64(row.get(4)?) },
        })
    });
    Ok(row.optional()?)
}

impl Stored {
    fn serves(&self, now: UnixMillis) -> bool {
        // A clock that was set back makes a bundle from the future: it is replaced, too.
        let young = self.issued_at <= now && now.0 - self.issued_at.0 < RENEW_AFTER;
        !self.stale && young
    }
}

/// What an event's gates get to decide with, made at `issued_at`; its first version.
pub(super) fn document(
    connection: &Connection,
    installation: &Installation,
    event: EventId,
    issued_at: UnixMillis,
) -> Result<Bundle, StoreError> {
    let info = event_info(connection, event)?;
    let keys = info.keys.iter();
    let (hubs, revocations) = hubs_of(connection, event)?;
    let (revoked, revocations) = installation.sign_revocations(event, &revocations)?;
    Ok(Bundle {
        format: FORMAT,
        installation: installation.id,
        organisation: info.organisation,
        event,
        name: info.name.clone(),
        epoch: installation.epoch,
        version: 1,
        issued_at,
        not_after: issued_at.plus(LASTS),
        keys: keys
            .map(|key| ListedKey { id: key.id, public: key.public, current: key.current })
            .collect(),
        rules: info.rules(),
        operators: operators(connection, event)?,
        hubs,
        revoked,
        revocations,
        roster_complete: false,
    })
}

/// The event's bundle, if it needn't be signed anew.
pub(super) fn current(
    connection: &Connection,
    event: EventId,
    now: UnixMillis,
) -> Result<Option<SignedBundle>, StoreError> {
    let stored = stored(connection, event)?;
    Ok(stored.filter(|stored| stored.serves(now)).map(|stored| stored.signed))
}

impl Session {
    /// Notes that the event's bundle says something else from now on.
    pub(super) fn bundle_changed(&mut self, event: EventId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE bundles SET stale = 1 WHERE event_id = ?1")?
            .execute([event.0])?;
        self.forget_rules(event);
        Ok(())
    }

    /// The event's bundle, signed anew if need be.
    pub(super) fn bundle(&mut self, event: EventId) -> Result<SignedBundle, StoreError> {
        let now = self.world.clock.now();
        let version = match stored(&self.connection, event)? {
            Some(stored) if stored.serves(now) => return Ok(stored.signed),
            stored => stored.map_or(1, |stored| stored.version.saturating_add(1)),
        };
        let bundle =
            Bundle { version, ..document(&self.connection, &self.installation, event, now)? };
        let signed = SignedBundle::sign(&bundle, &self.installation.root)
            .map_err(|error| StoreError::Internal(error.to_string()))?;
        self.connection.execute(
            "INSERT INTO bundles (event_id, organisation_id, version, stale, issued_at, document,
             signature) VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6)
             ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, stale = 0,
             issued_at = excluded.issued_at, document = excluded.document,
             signature = excluded.signature",
            params![
                event.0,
                bundle.organisation.0,
                Big(version),
                Big(now.0),
                signed.document,
                signed.signature.0,
            ],
        )?;
        Ok(signed)
    }
}
