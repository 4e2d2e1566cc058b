//! What a phone shows. A clock ticket's chain is computed on a reader's thread, because it costs
//! up to 65,535 hashes; the writer only keeps its anchor.

use kaisatsu_shared::{
    display::clock::{Chain, ChainId},
    id::{EventId, Generation, KeyId, Serial},
    time::UnixSeconds,
    token::{ClockPart, Display, Mode},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{keys::Keys, operation::Operation, readers::Reading, session::Session, ticket::record};
use crate::{
    issuing::{Extent, TicketRecord, extent},
    store::{
        StoreError,
        types::{Actor, ClockShown, PrintedTicket, TicketLane, TicketShown},
    },
};

/// The chain that a clock ticket is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredChain {
    generation: Generation,
    key: KeyId,
    part: ClockPart,
}

/// A display that was computed and isn't answered yet.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) shown: TicketShown,
    /// The chain that was stored when this was computed, and the one it was computed with.
    chains: Option<(Option<StoredChain>, StoredChain)>,
}

/// Which of a clock display's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// That of the instant.
    Now,
    /// The last of the chain that serves at the instant: the others follow from it.
    Last,
}

impl Reading {
    /// Computes what a phone shows at `at`, or what it needs from then on.
    pub(super) fn show(
        &self,
        event: EventId,
        serial: Serial,
        at: UnixSeconds,
        wanted: Wanted,
    ) -> Result<Prepared, StoreError> {
        let installation = self.installation.id;
        let vault = &self.installation.vault;
        let (ticket, _) = record(&self.connection, vault, event, serial)?;
        let mut keys = Keys::new(&self.connection, vault, event);
        let (key, display_key) = keys.of(ticket.key)?;
        let validity = self.validity(&ticket)?;
        let mut shown = TicketShown {
            serial,
            generation: ticket.generation,
            text: String::new(),
            key: key.id(),
            validity,
            clock: None,
            lane: self.lane(event, serial)?,
        };
        if ticket.display != Mode::Clock {
            shown.text = ticket.text(installation, key, None, Display::Static)?;
            return Ok(Prepared { shown, chains: None });
        }
        let before = stored_chain(&self.connection, event, serial)?;
        let serves = |chain: &StoredChain| {
            chain.generation == ticket.generation
                && chain.key == key.id()
                && chain.extent().serves(validity, at)
        };
        let kept = before.filter(serves);
        let Extent { start, steps } =
            kept.map_or_else(|| extent(validity, at), |chain| chain.extent());
        let id = ChainId { event, serial, generation: ticket.generation, start, steps };
        let chain = Chain::new(display_key, installation, id);
        let part = ClockPart { anchor: chain.anchor(), start, steps };
        if kept.is_some_and(|kept| kept.part != part) {
            return Err(StoreError::Internal("a clock chain has another anchor now".to_owned()));
        }
        let outside = || StoreError::Internal("a clock chain doesn't reach the display".to_owned());
        let step = match wanted {
            Wanted::Now => id.step_at(at).ok_or_else(outside)?,
            Wanted::Last => steps,
        };
        let link = chain.link(step).ok_or_else(outside)?;
        shown.text = ticket.text(installation, key, Some(part), Display::Clock { step, link })?;
        shown.clock = Some(ClockShown { start, steps, step });
        let now = StoredChain { generation: ticket.generation, key: key.id(), part };
        Ok(Prepared { shown, chains: Some((before, now)) })
    }

    /// The codes of up to `count` static tickets from `first` on; `voided` are left out.
    pub(super) fn show_static(
        &self,
        event: EventId,
        serials: &[Serial],
    ) -> Result<Vec<TicketShown>, StoreError> {
        let vault = &self.installation.vault;
        let mut keys = Keys::new(&self.connection, vault, event);
        let mut all = Vec::with_capacity(serials.len());
        for (serial, lane) in serials.iter().zip(self.lanes(event, serials)?) {
            let (ticket, _) = record(&self.connection, vault, event, *serial)?;
            if ticket.display != Mode::Static {
                continue;
            }
            all.push(self.static_code(&mut keys, &ticket, lane)?);
        }
        Ok(all)
    }

    /// What is printed of tickets, static or not.
    pub(super) fn print(
        &self,
        event: EventId,
        serials: &[Serial],
    ) -> Result<Vec<PrintedTicket>, StoreError> {
        let vault = &self.installation.vault;
        let mut keys = Keys::new(&self.connection, vault, event);
        let mut all = Vec::with_capacity(serials.len());
        for (serial, lane) in serials.iter().zip(self.lanes(event, serials)?) {
            let (ticket, _) = record(&self.connection, vault, event, *serial)?;
            let shown = match ticket.display {
                Mode::Static => Some(self.static_code(&mut keys, &ticket, lane)?),
                _ => None,
            };
            let holder = self.holder(event, *serial)?;
            let ticket_type = ticket.ticket_type;
            all.push(PrintedTicket { serial: *serial, ticket_type, holder, shown });
        }
        Ok(all)
    }

    fn static_code(
        &self,
        keys: &mut Keys<'_>,
        ticket: &TicketRecord,
        lane: Option<TicketLane>,
    ) -> Result<TicketShown, StoreError> {
        let (key, _) = keys.of(ticket.key)?;
        Ok(TicketShown {
            serial: ticket.serial,
            generation: ticket.generation,
            text: ticket.text(self.installation.id, key, None, Display::Static)?,
            key: key.id(),
            validity: self.validity(ticket)?,
            clock: None,
            lane,
        })
    }
}

impl Session {
    /// Keeps a computed display's chain. False if the ticket has another chain or generation
    /// since: then it must be computed again.
    pub(super) fn keep_shown(
        &mut self,
        actor: &Actor,
        action: &'static str,
        event: EventId,
        serial: Serial,
        prepared: &Result<Prepared, StoreError>,
    ) -> Result<bool, StoreError> {
        let object = format!("event/{event}/ticket/{serial}");
        let operation = Operation::new(actor, action, object);
        self.operate_on(event, operation, |session, operation| {
            let prepared = prepared.as_ref().map_err(Clone::clone)?;
            if session.voided(event, serial)?.is_some() {
                return Err(StoreError::TicketVoided(serial));
            }
            let generation = session.state(event)?.roster().generation(serial);
            let chain = stored_chain(&session.connection, event, serial)?;
            let overtaken = generation != Some(prepared.shown.generation)
                || prepared.chains.is_some_and(|(before, _)| before != chain);
            if overtaken {
                operation.outcome = "overtaken";
                return Ok(false);
            }
            if let Some((before, now)) = prepared.chains
                && before != Some(now)
            {
                session.connection.execute(
                    "REPLACE INTO chains (event_id, serial, organisation_id, generation, key_id,
                     start, steps, anchor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        event.0,
                        serial.0,
                        operation.organisation.0,
                        now.generation.0,
                        now.key.0,
                        now.part.start.0,
                        now.part.steps,
                        now.part.anchor,
                    ],
                )?;
            }
            Ok(true)
        })
    }

    /// Notes that the codes of tickets are shown; gives those of `serials` that may be.
    pub(super) fn keep_shown_static(
        &mut self,
        actor: &Actor,
        action: &'static str,
        event: EventId,
        serials: &Result<Vec<Serial>, StoreError>,
    ) -> Result<Vec<Serial>, StoreError> {
        let operation = Operation::new(actor, action, format!("event/{event}/tickets"));
        self.operate_on(event, operation, |session, operation| {
            let serials = serials.as_ref().map_err(Clone::clone)?;
            if let (Some(first), Some(last)) = (serials.first(), serials.last()) {
                operation.object = format!("event/{event}/tickets/{first}-{last}");
            }
            let state = session.state(event)?;
            let good =
                |serial: &&Serial| state.right(**serial).is_none_or(|right| right.voided.is_none());
            Ok(serials.iter().filter(good).copied().collect())
        })
    }
}

impl StoredChain {
    const fn extent(&self) -> Extent {
        Extent { start: self.part.start, steps: self.part.steps }
    }
}

fn stored_chain(
    connection: &Connection,
    event: EventId,
    serial: Serial,
) -> Result<Option<StoredChain>, StoreError> {
    let mut row = connection.prepare_cached(
        "SELECT generation, key_id, start, steps, anchor FROM chains
         WHERE event_id = ?1 AND serial = ?2",
    )?;
    let row = row.query_row(params![event.0, serial.0], |row| {
        Ok(StoredChain {
            generation: Generation(row.get(0)?),
            key: KeyId(row.get(1)?),
            part: ClockPart {
                start: UnixSeconds(row.get(2)?),
                steps: row.get(3)?,
                anchor: row.get(4)?,
            },
        })
    });
    Ok(row.optional()?)
}
