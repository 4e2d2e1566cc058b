//! Taking in what a gate offers of the ledger that was lost: the rule is [`restate`]; this makes its outcome
//! durable.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    journal::JournalEntry,
    ledger::{Cursor, FoldError, LedgerBody, LedgerEntry, SignedCursor},
    sync::{EntryFate, FeedPage, OfferAnswer},
};
use rusqlite::{OptionalExtension, params};

use super::{
    operation::Operation,
    session::Session,
    value::{Big, Text},
};
use crate::{
    ledger::{Restated, accept_entry, restate},
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
            let answer = session.restate_page(event, page)?;
            // One that is taken in may be what another waits for.
            while answer.restated > 0 && session.reconsider(event)? {}
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
        let ours = shown.event == event && shown.verify(installation, &root);
        let lost = shown.cursor;
        if !ours || lost.epoch < self.installation.epoch || lost.sequence == 0 {
            return Ok(false);
        }
        if self.has_position(event, lost)? {
            return Ok(false);
        }
        let known = self.state(event)?.restores().rolled_back();
        if known.is_none_or(|known| known.epoch < lost.epoch) {
            self.append(event, LedgerBody::RollbackFound { lost })?;
        }
        Ok(true)
    }

    /// Whether the ledger has a position, or got it back.
    fn knows(&mut self, event: EventId, position: Cursor) -> Result<bool, StoreError> {
        if position.sequence == 0 || self.has_position(event, position)? {
            return Ok(true);
        }
        // Whose pages end elsewhere offers some of it again, which changes nothing.
        let mut recovered = self.state(event)?.restores().all_recovered();
        Ok(recovered
            .any(|until| until.epoch >= position.epoch && until.sequence >= position.sequence))
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

    fn restate_page(&mut self, event: EventId, page: &FeedPage) -> Result<OfferAnswer, StoreError> {
        let rules = self.rules(event)?;
        let mut answer = OfferAnswer { restated: 0, unfit: 0 };
        for bytes in &page.entries {
            // The page was verified: each is an entry.
            let Ok(LedgerEntry { body, .. }) = LedgerEntry::decode(bytes) else { continue };
            let restated = restate(self.state(event)?, &rules, &body);
            let Restated::Anew(bodies) = restated else {
                answer.unfit += u32::from(restated == Restated::Unfit);
                continue;
            };
            for body in bodies {
                if self.append_if_fits(event, body)? {
                    answer.restated += 1;
                } else {
                    answer.unfit += 1;
                }
            }
        }
        let until = page.end.cursor;
        let known = self.state(event)?.restores().recovered(until.epoch);
        if known.is_none_or(|known| known.sequence < until.sequence) && !page.entries.is_empty() {
            let OfferAnswer { restated, unfit } = answer;
            self.append(event, LedgerBody::Recovered { until, restated, unfit })?;
        }
        Ok(answer)
    }

    /// Appends what may contradict the state; false, and nothing changed, if it does.
    fn append_if_fits(&mut self, event: EventId, body: LedgerBody) -> Result<bool, StoreError> {
        match self.try_append(event, body)? {
            Ok(_) => Ok(true),
            Err(FoldError::Contradiction(_)) => Ok(false),
            Err(error) => Err(StoreError::Internal(error.to_string())),
        }
    }

    /// Judges entries anew that were set apart because their ticket, lease or use wasn't known. False if each
    /// stays so.
    fn reconsider(&mut self, event: EventId) -> Result<bool, StoreError> {
        let rules = self.rules(event)?;
        let rows: Vec<(u32, u64, Vec<u8>)> = self
            .connection
            .prepare_cached(
                "SELECT device_id, number, bytes FROM quarantine
                 WHERE event_id = ?1 AND reason = ?2 ORDER BY device_id, number",
            )?
            .query_map(params![event.0, Text(QuarantineReason::Unfitting)], |row| {
                Ok((row.get(0)?, row.get::<_, Big>(1)?.0, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut taken = false;
        for (device, number, bytes) in rows {
            let Ok(entry) = JournalEntry::decode(&bytes) else { continue };
            let gate = self.known_device(DeviceId(device))?.gate;
            let accepted = accept_entry(self.state(event)?, &rules, &entry, gate);
            let accepted = self.with_lanes(event, accepted)?;
            if accepted.fate == EntryFate::Quarantined {
                continue;
            }
            taken = true;
            for body in accepted.append {
                self.append(event, body)?;
            }
            self.connection
                .prepare_cached(
                    "DELETE FROM quarantine WHERE event_id = ?1 AND device_id = ?2 AND number = ?3
                     AND reason = ?4",
                )?
                .execute(params![
                    event.0,
                    device,
                    Big(number),
                    Text(QuarantineReason::Unfitting)
                ])?;
        }
        Ok(taken)
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
