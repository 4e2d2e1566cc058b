//! Taking in a device's journal. What a device wrote is kept whatever it says; two versions of one
//! entry are both kept.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::JournalHead,
    sync::{BatchAnswer, EntryAnswer, EntryFate},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::KnownDevice,
    operation::Operation,
    session::Session,
    value::{Big, Text},
};
use crate::{
    ledger::{CheckedBatch, CheckedEntry, Place, accept_entry},
    store::{
        StoreError,
        types::{Actor, QuarantineReason},
    },
};

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Uploaded {
    Accepted(BatchAnswer),
    /// The entry differs from the one delivered before. Everything from it on was set apart.
    Forked(u64),
}

/// A batch that was taken in.
struct TakenIn {
    uploaded: Uploaded,
    /// How many entries, not delivered before, have a time that can't be.
    fresh_suspicions: u32,
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
            let entries = batch.entries();
            if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
                let (first, last) = (first.entry.number, last.entry.number);
                operation.object = format!("event/{}/device/{device}/{first}-{last}", known.event);
            }
            let TakenIn { uploaded, fresh_suspicions } = session.take_in(&known, device, batch)?;
            if fresh_suspicions > 0 {
                session.write_row(
                    actor.clone(),
                    known.organisation,
                    "journal.suspicious_time",
                    operation.object.clone(),
                    format!("recorded x{fresh_suspicions}"),
                )?;
            }
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
        device: DeviceId,
        batch: &CheckedBatch,
    ) -> Result<TakenIn, StoreError> {
        let now = self.world.clock.now();
        let mut suspicious_times = Vec::new();
        let mut fresh_suspicions = 0;
        let mut head = self.journal_head(known.event, device)?;
        let mut answers = Vec::with_capacity(batch.entries().len());
        for (index, checked) in batch.entries().iter().enumerate() {
            let number = checked.entry.number;
            let stored = if number <= head.number {
                self.journal_hash(known.event, device, number)?
            } else {
                None
            };
            let suspicious = checked.has_impossible_time(known.enrolled_at, now);
            let fate = match checked.place(head, stored) {
                // Only the first can be: the batch's own chain holds.
                Place::Gap => return Err(StoreError::JournalGap(head.number)),
                Place::Fork => {
                    for rest in batch.entries().iter().skip(index) {
                        self.set_apart(known, device, rest, QuarantineReason::Fork)?;
                    }
                    return Ok(TakenIn { uploaded: Uploaded::Forked(number), fresh_suspicions });
                }
                Place::Known => EntryFate::AlreadyKnown,
                Place::Next => {
                    fresh_suspicions += u32::from(suspicious);
                    head = JournalHead { number, hash: checked.hash };
                    self.take_in_entry(known, device, checked)?
                }
            };
            if suspicious {
                suspicious_times.push(number);
            }
            answers.push(EntryAnswer { number, fate });
        }
        self.journals.insert(device, head);
        let answer = BatchAnswer { acknowledged: head.number, entries: answers, suspicious_times };
        Ok(TakenIn { uploaded: Uploaded::Accepted(answer), fresh_suspicions })
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
        let rules = self.rules(known.event)?;
        let state = self.state(known.event)?;
        let acceptance = accept_entry(state, &rules, &checked.entry, known.gate);
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
