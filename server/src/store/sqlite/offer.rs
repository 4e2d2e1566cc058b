//! Taking in what a gate offers of the ledger that was lost: the rules are [`restate`] and [`take_page`]; this makes
//! their outcome durable.

use std::sync::Arc;

use kaisatsu_shared::{
    bundle::EventRules,
    id::{DeviceId, EventId, GateId},
    journal::JournalEntry,
    ledger::{Cursor, EventState, FoldError, LedgerBody, SignedCursor},
    sync::{FeedPage, OfferAnswer},
};
use rusqlite::{OptionalExtension, params};

use super::{
    operation::Operation,
    session::Session,
    value::{Big, Text},
};
use crate::{
    ledger::{
        Acceptance, Recovering, Restated, Rollback, Unfitting, accept_entry, is_recovered, restate,
        rollback, take_page,
    },
    store::{
        StoreError,
        types::{Actor, QuarantineReason},
    },
};

impl Session {
    /// Takes in a page of the ledger that was signed before, offered from `after` on.
    pub(super) fn offer(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        after: Cursor,
        page: &FeedPage,
    ) -> Result<Offer, StoreError> {
        let operation = Operation::new(actor, "ledger.offer", format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let known = session.known_device(device)?;
            let event = known.event;
            operation.organisation = known.organisation;
            operation.object = format!("event/{event}/device/{device}/ledger/{}", after.sequence);
            if known.revoked {
                return Err(StoreError::DeviceRevoked(device));
            }
            let (installation, root) =
                (session.installation.id, session.installation.root.public());
            page.verify(after, installation, event, &root)
                .map_err(|error| StoreError::OfferBroken(error.to_string()))?;
            if session.prove_rollback(event, &page.end)? {
                operation.outcome = "rolled_back";
                return Ok(Offer::RolledBack);
            }
            if !session.knows(event, after)? {
                return Err(StoreError::OfferGap);
            }
            let rules = session.rules(event)?;
            let answer = take_page(&mut Recovery { session, event, rules }, page)?;
            operation.count = usize::try_from(answer.restated).ok();
            Ok(Offer::Taken(answer))
        })
    }

    /// A device shows the newest position of which it has the server's signature.
    pub(super) fn shown_position(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        event: EventId,
        shown: &SignedCursor,
    ) -> Result<(), StoreError> {
        let object = format!("event/{event}/device/{device}/ledger/{}", shown.cursor.sequence);
        let operation = Operation::new(actor, "ledger.locate", object);
        self.operate_on(event, operation, |session, operation| {
            if session.prove_rollback(event, shown)? {
                operation.outcome = "rolled_back";
            }
            Ok(())
        })
    }

    /// Notes a position that this server signed in this epoch or a later one and doesn't have: it was rolled back,
    /// and nobody has said so. True if so.
    pub(super) fn prove_rollback(
        &mut self,
        event: EventId,
        shown: &SignedCursor,
    ) -> Result<bool, StoreError> {
        let (installation, root) = (self.installation.id, self.installation.root.public());
        if shown.event != event || !shown.verify(installation, &root) {
            return Ok(false);
        }
        let has = self.has_position(event, shown.cursor)?;
        let epoch = self.installation.epoch;
        match rollback(self.state(event)?, epoch, shown.cursor, has) {
            Rollback::None => Ok(false),
            Rollback::Known => Ok(true),
            Rollback::Found(body) => self.append(event, body).map(|_| true),
        }
    }

    /// Whether the ledger has a position, or got it back.
    fn knows(&mut self, event: EventId, position: Cursor) -> Result<bool, StoreError> {
        Ok(position.sequence == 0
            || self.has_position(event, position)?
            || is_recovered(self.state(event)?, position))
    }

    pub(super) fn has_position(
        &self,
        event: EventId,
        position: Cursor,
    ) -> Result<bool, StoreError> {
        let found: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT bytes FROM ledger WHERE event_id = ?1 AND sequence = ?2")?
            .query_row(params![event.0, Big(position.sequence)], |row| row.get(0))
            .optional()?;
        let hash = |bytes: Vec<u8>| Cursor::hash_of(self.installation.id, &bytes);
        Ok(found.map(hash) == Some(position.hash))
    }
}

/// The session's transaction, while an event gets back what it lost.
struct Recovery<'a> {
    session: &'a mut Session,
    event: EventId,
    rules: Arc<EventRules>,
}

impl Recovering for Recovery<'_> {
    type Error = StoreError;

    fn state(&mut self) -> Result<&EventState, StoreError> {
        self.session.state(self.event)
    }

    fn restate(&mut self, body: &LedgerBody) -> Result<Restated, StoreError> {
        Ok(restate(self.session.state(self.event)?, &self.rules, body))
    }

    fn append(&mut self, body: LedgerBody) -> Result<(), StoreError> {
        self.session.append(self.event, body).map(drop)
    }

    fn append_if_fits(&mut self, body: LedgerBody) -> Result<bool, StoreError> {
        match self.session.try_append(self.event, body)? {
            Ok(_) => Ok(true),
            Err(FoldError::Contradiction(_)) => Ok(false),
            Err(error) => Err(StoreError::Internal(error.to_string())),
        }
    }

    fn unfitting(&mut self) -> Result<Vec<Unfitting>, StoreError> {
        let rows: Vec<(u32, Vec<u8>)> = self
            .session
            .connection
            .prepare_cached(
                "SELECT device_id, bytes FROM quarantine
                 WHERE event_id = ?1 AND reason = ?2 ORDER BY device_id, number",
            )?
            .query_map(params![self.event.0, Text(QuarantineReason::Unfitting)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut unfitting = Vec::with_capacity(rows.len());
        for (device, bytes) in rows {
            let device = DeviceId(device);
            let gate = self.session.known_device(device)?.gate;
            if let Ok(entry) = JournalEntry::decode(&bytes) {
                unfitting.push(Unfitting { device, gate, entry });
            }
        }
        Ok(unfitting)
    }

    fn judge(&mut self, entry: &JournalEntry, gate: GateId) -> Result<Acceptance, StoreError> {
        let accepted = accept_entry(self.session.state(self.event)?, &self.rules, entry, gate);
        self.session.with_lanes(self.event, accepted)
    }

    fn release(&mut self, device: DeviceId, number: u64) -> Result<(), StoreError> {
        self.session
            .connection
            .prepare_cached(
                "DELETE FROM quarantine WHERE event_id = ?1 AND device_id = ?2 AND number = ?3
                 AND reason = ?4",
            )?
            .execute(params![
                self.event.0,
                device.0,
                Big(number),
                Text(QuarantineReason::Unfitting)
            ])?;
        Ok(())
    }
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It is recorded.
    Taken(OfferAnswer),
    /// It proves that the server was rolled back without anybody saying so; nothing else was recorded.
    RolledBack,
}
