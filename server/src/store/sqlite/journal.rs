//! Devices' journals: checking what comes, and reading what was kept.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::{ChainError, JournalEntry, JournalHead},
    sync::{JournalBatch, MAX_BATCH_ENTRIES},
};
use rusqlite::params;

use super::{
    device::find_device,
    readers::Reading,
    value::{Big, Text, at},
};
use crate::store::{
    StoreError,
    types::{JournalPage, JournalRow, QuarantineReason, QuarantineRow},
};

/// A batch whose signature and inner chain hold.
#[derive(Debug)]
pub(super) struct CheckedBatch {
    pub(super) entries: Vec<CheckedEntry>,
}

/// One of its entries.
#[derive(Debug)]
pub(super) struct CheckedEntry {
    pub(super) entry: JournalEntry,
    pub(super) hash: [u8; 32],
    pub(super) bytes: Vec<u8>,
}

impl Reading {
    /// Checks what doesn't need the writer: layout, chain and signature.
    pub(super) fn check_batch(
        &self,
        device: DeviceId,
        batch: JournalBatch,
    ) -> Result<CheckedBatch, StoreError> {
        if batch.entries.is_empty() || batch.entries.len() > MAX_BATCH_ENTRIES {
            return Err(StoreError::BatchSize);
        }
        let installation = self.installation.id;
        let public = find_device(&self.connection, device)?.public;
        let public = public.ok_or(StoreError::DeviceUnknown(device))?;
        let signed =
            batch.head.device == device && batch.head.verify(installation, &public).is_ok();
        if !signed {
            return Err(StoreError::JournalSignature);
        }
        let broken = |error: ChainError| StoreError::JournalBroken(error.to_string());
        let mut head: Option<JournalHead> = None;
        let mut entries = Vec::with_capacity(batch.entries.len());
        for bytes in batch.entries {
            let before = match head {
                Some(head) => head,
                None => before(&bytes).map_err(broken)?,
            };
            let (after, followed) =
                before.follow(installation, device, [bytes.as_slice()]).map_err(broken)?;
            head = Some(after);
            let hash = after.hash;
            entries.extend(followed.into_iter().map(|entry| CheckedEntry {
                entry,
                hash,
                bytes: bytes.clone(),
            }));
        }
        if head != Some(batch.head.head) {
            return Err(StoreError::JournalBroken("the signed head is another one".to_owned()));
        }
        Ok(CheckedBatch { entries })
    }

    /// Some entries of a device's journal.
    pub(super) fn journal(
        &self,
        device: DeviceId,
        after: u64,
        limit: u32,
    ) -> Result<JournalPage, StoreError> {
        let event = find_device(&self.connection, device)?.event;
        let mut rows = self.connection.prepare_cached(
            "SELECT number, bytes FROM journal
             WHERE event_id = ?1 AND device_id = ?2 AND number > ?3 ORDER BY number LIMIT ?4",
        )?;
        let rows = rows.query_map(params![event.0, device.0, Big(after), limit], |row| {
            Ok(JournalRow { device, number: row.get::<_, Big>(0)?.0, bytes: row.get(1)? })
        })?;
        Ok(JournalPage { rows: rows.collect::<Result<_, _>>()? })
    }

    /// Journal entries that were set apart.
    pub(super) fn quarantine(&self, event: EventId) -> Result<Vec<QuarantineRow>, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT device_id, number, reason, received_at, bytes FROM quarantine
             WHERE event_id = ?1 ORDER BY device_id, number, received_at",
        )?;
        let rows = rows.query_map([event.0], |row| {
            Ok(QuarantineRow {
                event,
                device: DeviceId(row.get(0)?),
                number: row.get::<_, Big>(1)?.0,
                reason: row.get::<_, Text<QuarantineReason>>(2)?.0,
                at: at(row, 3)?,
                bytes: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The head that the batch's first entry says it follows; whether it is ours, the writer sees.
fn before(bytes: &[u8]) -> Result<JournalHead, ChainError> {
    let entry =
        JournalEntry::decode(bytes).map_err(|error| ChainError::Malformed { after: 0, error })?;
    Ok(JournalHead { number: entry.number.saturating_sub(1), hash: entry.previous })
}
