//! What a ticket's holder sees by its link.

use kaisatsu_shared::id::{EventId, Serial};

use super::{
    event::{event_info, find_type},
    operation::Operation,
    readers::Reading,
    session::Session,
    ticket::record,
};
use crate::{
    link::Link,
    store::{
        StoreError,
        types::{Actor, OpenedEvent, OpenedTicket, Standing, TicketStatus},
    },
};

impl Reading {
    /// The ticket behind a link as it stands, without its code.
    pub(super) fn opened(&self, link: Link) -> Result<OpenedTicket, StoreError> {
        let vault = &self.installation.vault;
        // Before anything is looked up: nobody learns from an answer, or how long it took, which tickets there are.
        if !vault.is_link(&link) {
            return Err(StoreError::LinkUnknown);
        }
        let Link { event, serial, generation, .. } = link;
        let unknown = |error| match error {
            // Made by this server, and lost when it was put back from a backup.
            StoreError::TicketUnknown(_) | StoreError::EventUnknown(_) => StoreError::LinkUnknown,
            other => other,
        };
        let (ticket, _) = record(&self.connection, vault, event, serial).map_err(unknown)?;
        let kind = find_type(&self.connection, event, ticket.ticket_type)?.ticket_type;
        let info = event_info(&self.connection, event)?;
        let right = self.folded(event, |state| state.right(serial).cloned().unwrap_or_default())?;
        let validity = self.validity(&ticket)?;
        let status = TicketStatus::of(&right, kind.admission.total(ticket.entries));
        let standing = if generation < ticket.generation {
            Standing::Reissued
        } else {
            Standing::from(status)
        };
        // Whoever had the ticket before isn't told what became of it.
        let theirs = standing != Standing::Reissued;
        let last = right.last_entry().filter(|_| theirs);
        Ok(OpenedTicket {
            server_time: self.world.clock.now(),
            installation: self.installation.id,
            event: OpenedEvent { id: event, name: info.name, zone: info.zone },
            ticket_type: kind.name,
            serial,
            valid_from: validity.from,
            valid_until: validity.until,
            display: ticket.display,
            standing,
            entered_at: last.map(|redemption| redemption.used.at.middle()),
            lane: self.lane(event, serial)?.filter(|_| theirs).map(|lane| lane.text),
            code: None,
        })
    }

    /// The link of each of `serials`.
    pub(super) fn links(
        &self,
        event: EventId,
        serials: &[Serial],
    ) -> Result<Vec<Link>, StoreError> {
        let vault = &self.installation.vault;
        let link = |serial: &Serial| {
            let (ticket, _) = record(&self.connection, vault, event, *serial)?;
            Ok(vault.link(event, *serial, ticket.generation))
        };
        serials.iter().map(link).collect()
    }
}

impl Session {
    /// Notes that somebody gets tickets' links, which open them.
    pub(super) fn note_links(
        &mut self,
        actor: &Actor,
        event: EventId,
        links: &Result<Vec<Link>, StoreError>,
    ) -> Result<Vec<Link>, StoreError> {
        let operation = Operation::new(actor, "ticket.link", format!("event/{event}/tickets"));
        self.operate_on(event, operation, |session, operation| {
            let links = links.as_ref().map_err(Clone::clone)?;
            let serials: Vec<_> = links.iter().map(|link| link.serial.to_string()).collect();
            operation.object = format!("event/{event}/tickets/{}", serials.join(","));
            for link in links {
                if session.voided(event, link.serial)?.is_some() {
                    return Err(StoreError::TicketVoided(link.serial));
                }
            }
            Ok(links.clone())
        })
    }
}
