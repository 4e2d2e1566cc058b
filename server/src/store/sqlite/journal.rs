//! Devices' journals: checking what comes, and reading what was kept.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    sync::JournalBatch,
};
use rusqlite::params;

use super::{
    device::find_device,
    readers::Reading,
    value::{Big, Text, at},
};
use crate::{
    ledger::{BatchError, CheckedBatch},
    store::{
        StoreError,
        types::{JournalPage, JournalRow, QuarantineReason, QuarantineRow},
    },
};

impl Reading {
    /// Checks what doesn't need the writer: layout, chain and signature.
    pub(super) fn check_batch(
        &self,
        device: DeviceId,
        batch: JournalBatch,
    ) -> Result<CheckedBatch, StoreError> {
        let public = find_device(&self.connection, device)?.public;
        let public = public.ok_or(StoreError::DeviceUnknown(device))?;
        CheckedBatch::check(self.installation.id, device, &public, batch).map_err(|error| {
            match error {
                BatchError::Size => StoreError::BatchSize,
                BatchError::Signature => StoreError::JournalSignature,
                BatchError::Chain(_) | BatchError::OtherHead => {
                    StoreError::JournalBroken(error.to_string())
                }
            }
        })
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
