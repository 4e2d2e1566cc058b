//! Taking in a device's journal: the rule is [`take_in`]; this makes its outcome durable.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{DeviceId, EventId, GateId},
    journal::{JournalEntry, JournalHead},
    ledger::{AfterReceipt, LedgerBody, Receipt},
    sync::{BatchAnswer, EntryFate},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::KnownDevice,
    operation::Operation,
    session::Session,
    value::{Big, Text},
};
use crate::{
    ledger::{
        Acceptance, CheckedBatch, CheckedEntry, Keeper, Sender, TakenIn, accept_entry, name_lanes,
        take_in,
    },
    store::{
        StoreError,
        types::{Actor, QuarantineReason},
    },
};

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Uploaded {
    /// The answer, and how many entries, not delivered before, have a time that can't be.
    Accepted(BatchAnswer, u32),
    /// The entry differs from the one delivered before. Everything from it on was set apart.
    Forked(u64),
}

/// How a batch came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    /// What the audit trail calls it.
    pub(super) action: &'static str,
    /// Whether the device itself was there.
    pub(super) online: bool,
}

impl Session {
    pub(super) fn upload(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        batch: &Result<CheckedBatch, StoreError>,
    ) -> Result<Uploaded, StoreError> {
        let delivery = Delivery { action: "journal.upload", online: true };
        self.deliver(actor, device, delivery, batch.as_ref())
    }

    /// Takes in a batch, however it came.
    pub(super) fn deliver(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        delivery: Delivery,
        batch: Result<&CheckedBatch, &StoreError>,
    ) -> Result<Uploaded, StoreError> {
        let operation = Operation::new(actor, delivery.action, format!("device/{device}"));
        self.operate_checked(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            let batch = batch.map_err(Clone::clone)?;
            let entries = batch.entries();
            if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
                let (first, last) = (first.entry.number, last.entry.number);
                operation.object = format!("event/{}/device/{device}/{first}-{last}", known.event);
            }
            let now = session.world.clock.now();
            let sender =
                Sender { gate: known.gate, revoked: known.revoked, enrolled_at: known.enrolled_at };
            let mut journal = Journal { session, known, device, actor };
            let uploaded = match take_in(&mut journal, sender, batch, now)? {
                TakenIn::Gap(number) => return Err(StoreError::JournalGap(number)),
                TakenIn::Forked(number) => Uploaded::Forked(number),
                TakenIn::Accepted { answer, head, fresh_suspicions } => {
                    session.journals.insert(device, head);
                    session.settle_head(actor, device, &known)?;
                    Uploaded::Accepted(answer, fresh_suspicions)
                }
            };
            if let Uploaded::Accepted(_, fresh_suspicions @ 1..) = uploaded {
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
                Uploaded::Accepted(..) if known.revoked => "quarantined",
                Uploaded::Accepted(answer, _) => outcome(answer),
            };
            // What another device passes on doesn't say that this one is there.
            if delivery.online && actor.is_device(device) {
                session.saw(device)?;
            }
            Ok(uploaded)
        })
    }

    /// Names the gates of devices that got rights from others.
    pub(super) fn with_lanes(
        &mut self,
        event: EventId,
        mut accepted: Acceptance,
    ) -> Result<Acceptance, StoreError> {
        let mut gates = BTreeMap::new();
        for body in &accepted.append {
            let LedgerBody::HandedOn { to, .. } = body else { continue };
            match self.known_device(*to) {
                Ok(known) if known.event == event => drop(gates.insert(*to, known.gate)),
                Ok(_) | Err(StoreError::DeviceUnknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        name_lanes(&mut accepted.append, |device| gates.get(&device).copied());
        Ok(accepted)
    }

    fn keep(
        &self,
        known: &KnownDevice,
        device: DeviceId,
        checked: &CheckedEntry,
    ) -> Result<(), StoreError> {
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
        Ok(())
    }

    pub(super) fn set_apart(
        &self,
        known: &KnownDevice,
        device: DeviceId,
        checked: &CheckedEntry,
        reason: QuarantineReason,
    ) -> Result<(), StoreError> {
        // The same entry may be sent again; only its signed end may have been known before.
        self.connection
            .prepare_cached(
                "INSERT INTO quarantine (event_id, device_id, number, hash,
                 organisation_id, reason, received_at, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (event_id, device_id, number, hash)
                 DO UPDATE SET reason = excluded.reason, bytes = excluded.bytes
                 WHERE substr(quarantine.bytes, 1, 1) = x'ff'",
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

    pub(super) fn journal_head(
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
        journal_hash(&self.connection, event, device, number)
    }
}

/// One device's journal in the session's transaction.
struct Journal<'a> {
    session: &'a mut Session,
    known: KnownDevice,
    device: DeviceId,
    actor: &'a Actor,
}

impl Keeper for Journal<'_> {
    type Error = StoreError;

    fn head(&mut self) -> Result<JournalHead, StoreError> {
        self.session.journal_head(self.known.event, self.device)
    }

    fn hash(&mut self, number: u64) -> Result<Option<[u8; 32]>, StoreError> {
        self.session.journal_hash(self.known.event, self.device, number)
    }

    fn keep(&mut self, entry: &CheckedEntry) -> Result<(), StoreError> {
        self.session.keep(&self.known, self.device, entry)
    }

    fn set_apart(
        &mut self,
        entry: &CheckedEntry,
        reason: QuarantineReason,
    ) -> Result<(), StoreError> {
        self.session.set_apart(&self.known, self.device, entry, reason)
    }

    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, StoreError> {
        let rules = self.session.rules(self.known.event)?;
        let state = self.session.state(self.known.event)?;
        let accepted = accept_entry(state, &rules, entry, gate);
        self.session.with_lanes(self.known.event, accepted)
    }

    fn delivered(&mut self, device: DeviceId) -> Result<u64, StoreError> {
        Ok(self.session.journal_head(self.known.event, device)?.number)
    }

    fn append(&mut self, body: LedgerBody) -> Result<(), StoreError> {
        if let LedgerBody::Received(Receipt { then: AfterReceipt::Unfounded, device, .. }) = &body {
            self.session.write_row(
                self.actor.clone(),
                self.known.organisation,
                "journal.unfounded_receipt",
                format!("event/{}/device/{device}", self.known.event),
                "recorded".to_owned(),
            )?;
        }
        self.session.append(self.known.event, body).map(drop)
    }
}

/// The hash of the entry that was delivered under this number, if one was.
pub(super) fn journal_hash(
    connection: &Connection,
    event: EventId,
    device: DeviceId,
    number: u64,
) -> Result<Option<[u8; 32]>, StoreError> {
    let hash = connection
        .prepare_cached(
            "SELECT hash FROM journal WHERE event_id = ?1 AND device_id = ?2 AND number = ?3",
        )?
        .query_row(params![event.0, device.0, Big(number)], |row| row.get(0))
        .optional()?;
    Ok(hash)
}

pub(super) fn stored_head(
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
