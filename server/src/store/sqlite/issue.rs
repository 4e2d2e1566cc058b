//! Issuing, reissue and void.

use kaisatsu_shared::{
    id::{EventId, Generation, OrganisationId, Serial},
    ledger::{IssuedTicket, LedgerBody, MAX_ISSUED, ReissueReason, VoidReason},
    token::Secret,
};
use rusqlite::params;

use super::{
    event::find_type,
    keys::current_key,
    operation::Operation,
    session::Session,
    ticket::record,
    value::{Big, Display},
};
use crate::{
    issuing::{TicketRecord, first_validities},
    people,
    store::{
        StoreError,
        types::{Actor, IssueChunk, IssuedChunk, NewTicket, Validity, Voiding},
    },
    vault::Purpose,
};

/// A new ticket.
const INSERT: &str = "INSERT INTO tickets (event_id, serial, organisation_id, type_id, generation,
     valid_from, valid_until, entries, display, key_id, secret, issued_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// A ticket's next generation.
const REPLACE: &str =
    "REPLACE INTO tickets (event_id, serial, organisation_id, type_id, generation,
     valid_from, valid_until, entries, display, key_id, secret, issued_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

impl Session {
    pub(super) fn issue(
        &mut self,
        actor: &Actor,
        chunk: &IssueChunk,
    ) -> Result<IssuedChunk, StoreError> {
        let event = chunk.event;
        let operation = Operation::new(actor, "ticket.issue", format!("event/{event}/tickets"));
        self.operate_on(event, operation, |session, operation| {
            let count = match u32::try_from(chunk.rows.len()) {
                Ok(count @ 1..) if chunk.rows.len() <= MAX_ISSUED => count,
                _ => return Err(StoreError::ChunkSize),
            };
            let first = match session.earlier_chunk(chunk, count)? {
                Some(first) => {
                    operation.outcome = "repeated";
                    return Ok(IssuedChunk { first, count, repeated: true });
                }
                None => {
                    session.check_restored(event)?;
                    session.insert_tickets(chunk)?
                }
            };
            session.connection.execute(
                "INSERT INTO issue_jobs (event_id, job, first_row, organisation_id, first_serial,
                 count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    event.0,
                    chunk.job.0,
                    Big(chunk.first_row),
                    operation.organisation.0,
                    first.0,
                    count,
                ],
            )?;
            let last = first.0.saturating_add(count - 1);
            operation.object = format!("event/{event}/tickets/{first}-{last}");
            Ok(IssuedChunk { first, count, repeated: false })
        })
    }

    fn insert_tickets(&mut self, chunk: &IssueChunk) -> Result<Serial, StoreError> {
        let event = chunk.event;
        let organisation = self.organisation(event)?;
        let info = find_type(&self.connection, event, chunk.ticket_type)?;
        let validity = Validity { from: info.valid_from, until: info.valid_until };
        let first = Serial(self.state(event)?.roster().len());
        let mut fingerprints = Vec::with_capacity(chunk.rows.len());
        let validity_of = |row: &NewTicket| row.validity.unwrap_or(validity);
        let key = current_key(&self.connection, event)?;
        let holder_key = self.holder_key(organisation)?;
        for (serial, row) in (first.0..).zip(&chunk.rows) {
            let validity = validity_of(row);
            let ticket = TicketRecord {
                event,
                serial: Serial(serial),
                ticket_type: chunk.ticket_type,
                generation: Generation::FIRST,
                valid_from: validity.from,
                valid_until: validity.until,
                entries: info.ticket_type.entries,
                display: info.ticket_type.display,
                key,
                secret: Secret::from_bytes(self.world.random()?),
            };
            fingerprints.push(ticket.fingerprint(self.installation.id, &info.ticket_type)?);
            self.write_ticket(INSERT, organisation, &ticket)?;
            self.insert_holder(&holder_key, organisation, &ticket, row)?;
        }
        if fingerprints.len() != chunk.rows.len() {
            return Err(StoreError::NumbersUsedUp("ticket"));
        }
        let entries = info.ticket_type.entries;
        let ticket_type = chunk.ticket_type;
        // In the very entry: no gate ever takes such a ticket for a paid one.
        let unpaid = chunk.rows.iter().map(|row| row.unpaid).collect();
        let issued = LedgerBody::Issued { first, ticket_type, entries, fingerprints, unpaid };
        self.append(event, issued)?;
        if info.ticket_type.renewing {
            for body in first_validities(first, chunk.rows.iter().map(validity_of)) {
                self.append(event, body)?;
            }
        }
        Ok(first)
    }

    fn write_ticket(
        &self,
        sql: &str,
        organisation: OrganisationId,
        ticket: &TicketRecord,
    ) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute(params![
            ticket.event.0,
            ticket.serial.0,
            organisation.0,
            ticket.ticket_type.0,
            ticket.generation.0,
            ticket.valid_from.0,
            ticket.valid_until.0,
            ticket.entries,
            Display(ticket.display),
            ticket.key.0,
            self.installation.vault.seal(
                &self.world,
                Purpose::TicketSecret,
                &[ticket.event.0, ticket.serial.0, u32::from(ticket.generation.0)],
                ticket.secret.as_bytes(),
            )?,
            Big(self.world.clock.now().0),
        ])?;
        Ok(())
    }

    fn insert_holder(
        &self,
        key: &people::HolderKey,
        organisation: OrganisationId,
        ticket: &TicketRecord,
        row: &NewTicket,
    ) -> Result<(), StoreError> {
        let Some(holder) = &row.holder else { return Ok(()) };
        let place = (organisation, ticket.event, ticket.serial);
        self.connection
            .prepare_cached(
                "INSERT INTO holders (event_id, serial, organisation_id, sealed)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                ticket.event.0,
                ticket.serial.0,
                organisation.0,
                people::seal_row(&self.world, key, place, holder)?,
            ])?;
        Ok(())
    }

    fn holder_key(&self, organisation: OrganisationId) -> Result<people::HolderKey, StoreError> {
        super::holder::holder_key(&self.connection, &self.installation, organisation)
    }

    pub(super) fn void(
        &mut self,
        actor: &Actor,
        event: EventId,
        serial: Serial,
        reason: VoidReason,
    ) -> Result<Voiding, StoreError> {
        let object = format!("event/{event}/ticket/{serial}");
        let operation = Operation::new(actor, "ticket.void", object);
        self.operate_on(event, operation, |session, operation| {
            if let Some(reason) = session.voided(event, serial)? {
                operation.outcome = "repeated";
                return Ok(Voiding { reason, repeated: true });
            }
            session.append(event, LedgerBody::Voided { serial, reason })?;
            Ok(Voiding { reason, repeated: false })
        })
    }

    pub(super) fn reissue(
        &mut self,
        actor: &Actor,
        event: EventId,
        serial: Serial,
        reason: ReissueReason,
    ) -> Result<(), StoreError> {
        let object = format!("event/{event}/ticket/{serial}");
        let operation = Operation::new(actor, "ticket.reissue", object);
        self.operate_on(event, operation, |session, operation| {
            if session.voided(event, serial)?.is_some() {
                return Err(StoreError::TicketVoided(serial));
            }
            session.check_restored(event)?;
            let vault = &session.installation.vault;
            let (mut ticket, _) = record(&session.connection, vault, event, serial)?;
            // What a restored server got back may know a later issue than the ticket's row.
            let newest = session.state(event)?.roster().generation(serial);
            let next = newest.unwrap_or(ticket.generation).0.checked_add(1);
            ticket.generation = Generation(next.ok_or(StoreError::GenerationsUsedUp(serial))?);
            ticket.key = current_key(&session.connection, event)?;
            ticket.secret = Secret::from_bytes(session.world.random()?);
            let info = find_type(&session.connection, event, ticket.ticket_type)?;
            let fingerprint = ticket.fingerprint(session.installation.id, &info.ticket_type)?;
            let generation = ticket.generation;
            session.write_ticket(REPLACE, operation.organisation, &ticket)?;
            session
                .connection
                .prepare_cached("DELETE FROM chains WHERE event_id = ?1 AND serial = ?2")?
                .execute(params![event.0, serial.0])?;
            let issued = IssuedTicket { serial, generation, fingerprint, reason };
            session.append(event, LedgerBody::Reissued(issued))?;
            Ok(())
        })
    }

    /// Why a ticket was voided, if it was.
    pub(super) fn voided(
        &mut self,
        event: EventId,
        serial: Serial,
    ) -> Result<Option<VoidReason>, StoreError> {
        let state = self.state(event)?;
        if serial.0 >= state.roster().len() {
            return Err(StoreError::TicketUnknown(serial));
        }
        Ok(state.right(serial).and_then(|right| right.voided))
    }
}
