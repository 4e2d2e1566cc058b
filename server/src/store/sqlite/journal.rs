//! Devices' journals. What a device wrote is kept whatever it says; two versions of one entry are
//! both kept.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::{ChainError, JournalEntry, JournalHead},
    sync::{BatchAnswer, EntryAnswer, EntryFate, JournalBatch, MAX_BATCH_ENTRIES},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::{KnownDevice, find_device},
    operation::Operation,
    readers::Reading,
    session::Session,
    value::{Big, Text, at},
};
use crate::{
    ledger::accept_entry,
    store::{
        StoreError,
        types::{Actor, JournalPage, JournalRow, QuarantineReason, QuarantineRow},
    },
};

/// A batch whose signature and inner chain hold.
#[derive(Debug)]
pub(super) struct CheckedBatch {
    device: DeviceId,
    entries: Vec<CheckedEntry>,
}

#[derive(Debug)]
struct CheckedEntry {
    entry: JournalEntry,
    hash: [u8; 32],
    bytes: Vec<u8>,
}

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Uploaded {
    Accepted(BatchAnswer),
    /// The entry differs from the one delivered before. Everything from it on was set apart.
    Forked(u64),
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
        Ok(CheckedBatch { device, entries })
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

impl Session {
    pub(super) fn upload(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        batch: &Result<CheckedBatch, StoreError>,
    ) -> Result<Uploaded, StoreError> {
        let operation = Operation::new(actor, "journal.upload", format!("device/{device}"));
        self.operate_checked(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            let batch = batch.as_ref().map_err(Clone::clone)?;
            if let (Some(first), Some(last)) = (batch.entries.first(), batch.entries.last()) {
                let (first, last) = (first.entry.number, last.entry.number);
                operation.object = format!("event/{}/device/{device}/{first}-{last}", known.event);
            }
            let uploaded = session.take_in(&known, batch)?;
            operation.outcome = match &uploaded {
                Uploaded::Forked(_) => "journal_fork",
                Uploaded::Accepted(_) if known.revoked => "quarantined",
                Uploaded::Accepted(answer) => outcome(answer),
            };
            session.saw(device)?;
            Ok(uploaded)
        })
    }

    fn take_in(
        &mut self,
        known: &KnownDevice,
        batch: &CheckedBatch,
    ) -> Result<Uploaded, StoreError> {
        let mut head = self.journal_head(known.event, batch.device)?;
        let mut answers = Vec::with_capacity(batch.entries.len());
        for (index, checked) in batch.entries.iter().enumerate() {
            let number = checked.entry.number;
            if number > head.number.saturating_add(1) {
                // Only the first can be: the batch's own chain holds.
                return Err(StoreError::JournalGap(head.number));
            }
            let fits = if number <= head.number {
                self.journal_hash(known.event, batch.device, number)? == Some(checked.hash)
            } else {
                checked.entry.previous == head.hash
            };
            if !fits {
                for rest in batch.entries.iter().skip(index) {
                    self.set_apart(known, batch.device, rest, QuarantineReason::Fork)?;
                }
                return Ok(Uploaded::Forked(number));
            }
            let fate = if number <= head.number {
                EntryFate::AlreadyKnown
            } else {
                head = JournalHead { number, hash: checked.hash };
                self.take_in_entry(known, batch.device, checked)?
            };
            answers.push(EntryAnswer { number, fate });
        }
        self.journals.insert(batch.device, head);
        Ok(Uploaded::Accepted(BatchAnswer { acknowledged: head.number, entries: answers }))
    }

    fn take_in_entry(
        &mut self,
        known: &KnownDevice,
        device: DeviceId,
        checked: &CheckedEntry,
    ) -> Result<EntryFate, StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO journal (event_id, device_id, number, organisation_id, received_at,
                 hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                known.event.0,
                device.0,
                Big(checked.entry.number),
                known.organisation.0,
                Big(self.world.clock.now().0),
                checked.hash,
                checked.bytes,
            ])?;
        if known.revoked {
            self.set_apart(known, device, checked, QuarantineReason::Revoked)?;
            return Ok(EntryFate::Quarantined);
        }
        let acceptance = accept_entry(self.state(known.event)?, &checked.entry);
        if acceptance.fate == EntryFate::Quarantined {
            self.set_apart(known, device, checked, QuarantineReason::Unfitting)?;
        }
        for body in acceptance.append {
            self.append(known.event, body)?;
        }
        Ok(acceptance.fate)
    }

    fn set_apart(
        &self,
        known: &KnownDevice,
        device: DeviceId,
        checked: &CheckedEntry,
        reason: QuarantineReason,
    ) -> Result<(), StoreError> {
        // The same entry may be sent again.
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO quarantine (event_id, device_id, number, hash,
                 organisation_id, reason, received_at, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                known.event.0,
                device.0,
                Big(checked.entry.number),
                checked.hash,
                known.organisation.0,
                Text(reason),
                Big(self.world.clock.now().0),
                checked.bytes,
            ])?;
        Ok(())
    }

    fn journal_head(
        &mut self,
        event: EventId,
        device: DeviceId,
    ) -> Result<JournalHead, StoreError> {
        if let Some(head) = self.journals.get(&device) {
            return Ok(*head);
        }
        let head = stored_head(&self.connection, event, device)?;
        self.journals.insert(device, head);
        Ok(head)
    }

    fn journal_hash(
        &self,
        event: EventId,
        device: DeviceId,
        number: u64,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let hash = self
            .connection
            .prepare_cached(
                "SELECT hash FROM journal WHERE event_id = ?1 AND device_id = ?2 AND number = ?3",
            )?
            .query_row(params![event.0, device.0, Big(number)], |row| row.get(0))
            .optional()?;
        Ok(hash)
    }
}

fn stored_head(
    connection: &Connection,
    event: EventId,
    device: DeviceId,
) -> Result<JournalHead, StoreError> {
    let head = connection
        .prepare_cached(
            "SELECT number, hash FROM journal WHERE event_id = ?1 AND device_id = ?2
             ORDER BY number DESC LIMIT 1",
        )?
        .query_row(params![event.0, device.0], |row| {
            Ok(JournalHead { number: row.get::<_, Big>(0)?.0, hash: row.get(1)? })
        })
        .optional()?;
    Ok(head.unwrap_or_default())
}

/// The worst of a batch's fates, for the audit trail.
fn outcome(answer: &BatchAnswer) -> &'static str {
    let any = |test: fn(&EntryFate) -> bool| answer.entries.iter().any(|entry| test(&entry.fate));
    if any(|fate| matches!(fate, EntryFate::Conflict { .. })) {
        "conflict"
    } else if any(|fate| *fate == EntryFate::Quarantined) {
        "quarantined"
    } else {
        "ok"
    }
}
