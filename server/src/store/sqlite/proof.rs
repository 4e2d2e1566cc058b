//! What proves afterwards what happened: the ledger's feed and verification, and the audit trail.

use kaisatsu_shared::{
    id::{Epoch, EventId, OrganisationId},
    ledger::{Cursor, EventState, SignedCursor},
    sync::{FeedPage, MAX_PAGE_BYTES},
};
use rusqlite::{OptionalExtension, Row, params};

use super::{
    readers::Reading,
    value::{Big, Text, at},
};
use crate::{
    audit::AuditHead,
    store::{
        StoreError,
        types::{Actor, AuditQuery, AuditRow, FeedFrom, LedgerPage, LedgerReport, LedgerRow},
    },
};

/// Most rows of one audit listing.
const MAX_AUDIT_ROWS: u32 = 1_000;

impl Reading {
    pub(super) fn check_event(&self, event: EventId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM events WHERE id = ?1")?
            .query_row([event.0], |_| Ok(()))
            .optional()?
            .ok_or(StoreError::EventUnknown(event))
    }

    /// The next page of the event's ledger.
    pub(super) fn feed(&self, event: EventId, from: FeedFrom) -> Result<FeedPage, StoreError> {
        self.check_event(event)?;
        let mut cursor = self.position(event, from)?;
        let mut rows = self.connection.prepare_cached(
            "SELECT sequence, epoch, bytes FROM ledger
             WHERE event_id = ?1 AND sequence > ?2 ORDER BY sequence",
        )?;
        let mut rows = rows.query(params![event.0, Big(from.after)])?;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        let mut size = 0;
        let mut last = None;
        while size < MAX_PAGE_BYTES
            && let Some(row) = rows.next()?
        {
            let bytes: Vec<u8> = row.get(2)?;
            size += bytes.len();
            last = Some((row.get::<_, Big>(0)?.0, Epoch(row.get(1)?)));
            entries.push(bytes);
        }
        if let (Some((sequence, epoch)), Some(bytes)) = (last, entries.last()) {
            let hash = Cursor::hash_of(self.installation.id, bytes);
            cursor = Cursor { epoch, sequence, hash };
        }
        let root = &self.installation.root;
        let end = SignedCursor::sign(self.installation.id, event, cursor, root);
        Ok(FeedPage { entries, end })
    }

    /// The cursor that `from` names, if it is a position of this ledger.
    fn position(&self, event: EventId, from: FeedFrom) -> Result<Cursor, StoreError> {
        if from.after == 0 {
            return Ok(Cursor { epoch: self.installation.epoch, ..Cursor::default() });
        }
        let found = self
            .connection
            .prepare_cached(
                "SELECT epoch, bytes FROM ledger WHERE event_id = ?1 AND sequence = ?2",
            )?
            .query_row(params![event.0, Big(from.after)], |row| {
                Ok((Epoch(row.get(0)?), row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let (epoch, bytes) = found.ok_or(StoreError::CursorUnknown)?;
        let hash = Cursor::hash_of(self.installation.id, &bytes);
        if epoch != from.epoch || from.hash.is_some_and(|asked| asked != hash) {
            return Err(StoreError::CursorUnknown);
        }
        Ok(Cursor { epoch, sequence: from.after, hash })
    }

    /// Some entries of the event's ledger.
    pub(super) fn ledger(
        &self,
        event: EventId,
        after: u64,
        limit: u32,
    ) -> Result<LedgerPage, StoreError> {
        self.check_event(event)?;
        let mut rows = self.connection.prepare_cached(
            "SELECT sequence, bytes FROM ledger WHERE event_id = ?1 AND sequence > ?2
             ORDER BY sequence LIMIT ?3",
        )?;
        let rows = rows.query_map(params![event.0, Big(after), limit], |row| {
            Ok(LedgerRow { sequence: row.get::<_, Big>(0)?.0, bytes: row.get(1)? })
        })?;
        Ok(LedgerPage { rows: rows.collect::<Result<_, _>>()? })
    }

    /// Follows the whole stored ledger.
    pub(super) fn verify_ledger(&self, event: EventId) -> Result<LedgerReport, StoreError> {
        self.check_event(event)?;
        let mut state = EventState::new(self.installation.id, event, Epoch::default());
        let mut rows = self
            .connection
            .prepare_cached("SELECT bytes FROM ledger WHERE event_id = ?1 ORDER BY sequence")?;
        let mut rows = rows.query([event.0])?;
        let mut entries = 0;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            state.apply(bytes).map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
            entries += 1;
        }
        let count =
            |sum: u64, number: usize| sum.saturating_add(u64::try_from(number).unwrap_or(u64::MAX));
        Ok(LedgerReport {
            event,
            head: state.cursor(),
            entries,
            tickets: state.roster().len(),
            redemptions: state.rights().map(|(_, right)| right.redemptions.len()).fold(0, count),
            conflicts: state.conflicts().fold(0, |sum: u32, _| sum.saturating_add(1)),
        })
    }

    /// Rows of the audit trail, the newest first.
    pub(super) fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows = self.connection.prepare_cached(&format!(
            "{AUDIT} WHERE (?1 IS NULL OR organisation_id = ?1) AND (?2 IS NULL OR sequence < ?2)
             AND (?3 IS NULL OR object = ?3
                  OR substr(object, 1, length(?3) + 1) = ?3 || '/')
             ORDER BY sequence DESC LIMIT ?4"
        ))?;
        let rows = rows.query_map(
            params![
                query.organisation.map(|id| id.0),
                query.before.map(Big),
                query.object,
                query.limit.unwrap_or(MAX_AUDIT_ROWS).min(MAX_AUDIT_ROWS),
            ],
            audit_row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Follows the whole audit trail.
    pub(super) fn verify_audit(&self) -> Result<u64, StoreError> {
        let mut head = AuditHead::default();
        let mut rows = self.connection.prepare_cached(&format!("{AUDIT} ORDER BY sequence"))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let hash: [u8; 32] = row.get(9)?;
            let row = audit_row(row)?;
            let next = head.after(self.installation.id, &row);
            if row.sequence != head.sequence.saturating_add(1) || next.hash != hash {
                return Err(StoreError::AuditBroken(row.sequence));
            }
            head = next;
        }
        Ok(head.sequence)
    }
}

const AUDIT: &str = "SELECT sequence, at, organisation_id, actor_kind, actor_id, address,
     request_id, action, object, hash, outcome FROM audit";

fn audit_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        sequence: row.get::<_, Big>(0)?.0,
        at: at(row, 1)?,
        organisation: OrganisationId(row.get(2)?),
        actor: Actor {
            kind: row.get::<_, Text<_>>(3)?.0,
            id: row.get(4)?,
            address: row.get(5)?,
            request_id: row.get(6)?,
        },
        action: row.get(7)?,
        object: row.get(8)?,
        outcome: row.get(10)?,
    })
}
