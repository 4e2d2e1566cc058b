//! One ticket as it is recorded and as it stands.

use kaisatsu_shared::{
    id::{EventId, Generation, KeyId, Serial, TypeId},
    ledger::{LastUse, LedgerBody, LedgerEntry, MAX_ISSUED, Right},
    time::{UnixMillis, UnixSeconds},
    token::{Secret, Token},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    event::find_type,
    keys::Keys,
    open::Installation,
    readers::Reading,
    value::{Big, Display, at},
};
use crate::{
    issuing::{TicketRecord, no_validity},
    store::{
        StoreError,
        types::{HistoryRow, TicketInfo, TicketStatus, Validity},
    },
    vault::{Purpose, Vault},
};

/// A ticket's record, and when its newest generation was issued.
pub(super) fn record(
    connection: &Connection,
    vault: &Vault,
    event: EventId,
    serial: Serial,
) -> Result<(TicketRecord, UnixMillis), StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT type_id, generation, valid_from, valid_until, entries, display, issued_at, secret,
             key_id
             FROM tickets WHERE event_id = ?1 AND serial = ?2",
        )?
        .query_row(params![event.0, serial.0], |row| {
            let record = TicketRecord {
                event,
                serial,
                ticket_type: TypeId(row.get(0)?),
                generation: Generation(row.get(1)?),
                valid_from: UnixSeconds(row.get(2)?),
                valid_until: UnixSeconds(row.get(3)?),
                entries: row.get(4)?,
                display: row.get::<_, Display>(5)?.0,
                key: KeyId(row.get(8)?),
                secret: Secret::from_bytes([0; 12]),
            };
            Ok((record, at(row, 6)?, row.get::<_, Vec<u8>>(7)?))
        })
        .optional()?;
    let (mut record, issued_at, sealed) = found.ok_or(StoreError::TicketUnknown(serial))?;
    let place = [event.0, serial.0, u32::from(record.generation.0)];
    let secret = vault.open_array::<12>(Purpose::TicketSecret, &place, &sealed)?;
    record.secret = Secret::from_bytes(*secret);
    Ok((record, issued_at))
}

/// A ticket's code, made anew without a display.
pub(super) fn token(
    connection: &Connection,
    installation: &Installation,
    event: EventId,
    serial: Serial,
) -> Result<Token, StoreError> {
    let (ticket, _) = record(connection, &installation.vault, event, serial)?;
    let mut keys = Keys::new(connection, &installation.vault, event);
    let (key, _) = keys.of(ticket.key)?;
    ticket.token(installation.id, key)
}

impl Reading {
    /// A ticket as it stands; `right` is what the ledger adds up to.
    pub(super) fn ticket(
        &self,
        event: EventId,
        serial: Serial,
        right: &Right,
    ) -> Result<TicketInfo, StoreError> {
        let vault = &self.installation.vault;
        let (record, issued_at) = record(&self.connection, vault, event, serial)?;
        let kind = find_type(&self.connection, event, record.ticket_type)?.ticket_type;
        Ok(TicketInfo {
            event,
            serial,
            ticket_type: record.ticket_type,
            generation: record.generation,
            validity: self.validity(&record)?,
            entries: record.entries,
            display: record.display,
            status: TicketStatus::of(right, kind.admission.total(record.entries)),
            entered: right.entered(),
            last_use: right.last_entry().map(|redemption| LastUse::from(&redemption.used)),
            voided: right.voided,
            blocked: right.blocked,
            unpaid: right.unpaid,
            lane: self.lane(event, serial)?,
            issued_at,
            history: self.history(event, serial)?,
        })
    }

    /// A ticket's validity: its own, or the ledger's where its type renews.
    pub(super) fn validity(&self, ticket: &TicketRecord) -> Result<Validity, StoreError> {
        let kind = find_type(&self.connection, ticket.event, ticket.ticket_type)?.ticket_type;
        if !kind.renewing {
            return Ok(Validity { from: ticket.valid_from, until: ticket.valid_until });
        }
        let known = self.folded(ticket.event, |state| state.roster().validity(ticket.serial))?;
        known.ok_or_else(|| no_validity(ticket.serial))
    }

    /// What the ledger says of a ticket. There is no index for it: it would cost every claim.
    fn history(&self, event: EventId, serial: Serial) -> Result<Vec<HistoryRow>, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT bytes FROM ledger WHERE event_id = ?1 AND (
                 (serial = ?2 AND kind NOT IN ('issued', 'renewed'))
                 OR (serial BETWEEN ?3 AND ?2 AND kind = 'renewed')
                 OR sequence = (SELECT max(sequence) FROM ledger
                                WHERE event_id = ?1 AND kind = 'issued' AND serial <= ?2))
             ORDER BY sequence",
        )?;
        // An entry about several tickets stands under the first one's serial.
        let before = u32::try_from(MAX_ISSUED - 1).unwrap_or(u32::MAX);
        let earliest = serial.0.saturating_sub(before);
        let rows =
            rows.query_map(params![event.0, serial.0, earliest], |row| row.get::<_, Vec<u8>>(0))?;
        let mut history = Vec::new();
        for bytes in rows {
            let entry = LedgerEntry::decode(&bytes?)
                .map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
            let used = match &entry.body {
                LedgerBody::Granted(used) | LedgerBody::Redeemed { used, .. } => {
                    Some(LastUse::from(used))
                }
                _ => None,
            };
            let validity = match &entry.body {
                LedgerBody::Renewed { first, count, .. }
                    if serial.0.saturating_sub(first.0) >= u32::from(*count) =>
                {
                    continue;
                }
                LedgerBody::Renewed { validity, .. } => Some(*validity),
                _ => None,
            };
            let by_hand = match &entry.body {
                LedgerBody::Redeemed { used, by_hand: true, .. } => Some(used.operator),
                _ => None,
            };
            let paid = match &entry.body {
                LedgerBody::Payment { paid, .. } => Some(*paid),
                LedgerBody::Issued { first, unpaid, .. } => {
                    unpaid.of(*first, serial).then_some(false)
                }
                _ => None,
            };
            let kind = entry.body.name().to_owned();
            let (sequence, at) = (entry.sequence, entry.at);
            history.push(HistoryRow { at, by_hand, kind, paid, sequence, used, validity });
        }
        Ok(history)
    }

    /// The serials of up to `count` tickets from `first` on.
    pub(super) fn serials(
        &self,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Result<Vec<Serial>, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT serial FROM tickets WHERE event_id = ?1 AND serial >= ?2 AND serial < ?3
             ORDER BY serial",
        )?;
        let end = Big(u64::from(first.0) + u64::from(count));
        let rows = rows.query_map(params![event.0, first.0, end], |row| row.get(0).map(Serial))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
