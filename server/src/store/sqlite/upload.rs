//! Taking in a device's journal. What a device wrote is kept whatever it says; two versions of one
//! entry are both kept.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::JournalHead,
    sync::{BatchAnswer, EntryAnswer, EntryFate},
    time::{TimeInterval, UnixMillis},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::KnownDevice,
    journal::{CheckedBatch, CheckedEntry},
    operation::Operation,
    session::Session,
    value::{Big, Text},
};
use crate::{
    ledger::accept_entry,
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

/// How far a time may lie outside what is possible before it is told: a day, in milliseconds.
const TOLERANCE: u64 = 24 * 3_600_000;

/// Whether an entry's time can't be: before its device was enrolled, or after now.
fn cannot_be(at: TimeInterval, enrolled_at: Option<UnixMillis>, now: UnixMillis) -> bool {
    let before = enrolled_at.is_some_and(|enrolled| at.latest < enrolled.minus(TOLERANCE));
    before || at.earliest > now.plus(TOLERANCE)
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
        let mut answers = Vec::with_capacity(batch.entries.len());
        for (index, checked) in batch.entries.iter().enumerate() {
            let number = checked.entry.number;
            if number > head.number.saturating_add(1) {
                // Only the first can be: the batch's own chain holds.
                return Err(StoreError::JournalGap(head.number));
            }
            let fits = if number <= head.number {
                self.journal_hash(known.event, device, number)? == Some(checked.hash)
            } else {
                checked.entry.previous == head.hash
            };
            if !fits {
                for rest in batch.entries.iter().skip(index) {
                    self.set_apart(known, device, rest, QuarantineReason::Fork)?;
                }
                return Ok(TakenIn { uploaded: Uploaded::Forked(number), fresh_suspicions });
            }
            let suspicious = cannot_be(checked.entry.at, known.enrolled_at, now);
            if suspicious {
                suspicious_times.push(number);
            }
            let fate = if number <= head.number {
                EntryFate::AlreadyKnown
            } else {
                fresh_suspicions += u32::from(suspicious);
                head = JournalHead { number, hash: checked.hash };
                self.take_in_entry(known, device, checked)?
            };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_that_no_clock_explains_cannot_be() {
        let (enrolled, now) = (UnixMillis(10 * TOLERANCE), UnixMillis(20 * TOLERANCE));
        let judge = |earliest: u64, latest: u64| {
            let at = TimeInterval { earliest: UnixMillis(earliest), latest: UnixMillis(latest) };
            cannot_be(at, Some(enrolled), now)
        };
        for (earliest, latest, expected) in [
            (15 * TOLERANCE, 15 * TOLERANCE, false),
            (0, 9 * TOLERANCE, false),
            (0, 9 * TOLERANCE - 1, true),
            (21 * TOLERANCE, u64::MAX, false),
            (21 * TOLERANCE + 1, u64::MAX, true),
            // A gate that knows nothing claims nothing.
            (0, u64::MAX, false),
        ] {
            assert_eq!(judge(earliest, latest), expected, "{earliest} to {latest}");
        }
        let past = TimeInterval::exact(UnixMillis(0));
        assert!(!cannot_be(past, None, now), "nobody knows when it was enrolled");
    }
}
