//! Looking tickets up for an organiser, by number or by the holder's name.

use kaisatsu_shared::{
    id::{EventId, Serial},
    reason::{Language, LocalText},
    sync::SearchQuery,
};

use super::{
    event::{event_info, find_type},
    operation::Operation,
    readers::Reading,
    session::Session,
};
use crate::{
    people::WantedName,
    store::{
        StoreError,
        types::{Actor, FoundTicket, FoundTickets, MAX_FOUND, TicketStatus},
    },
};

/// What was found, or why nothing was looked for.
pub(super) type Found = Result<FoundTickets, StoreError>;

impl Session {
    /// Notes that somebody looked tickets up and how many were found, never what or whom they looked for.
    pub(super) fn note_found(&mut self, actor: &Actor, event: EventId, found: &Found) -> Found {
        let operation = Operation::new(actor, "ticket.search", format!("event/{event}"));
        self.operate_checked(operation, |session, operation| {
            operation.organisation = session.organisation(event)?;
            let found = found.clone()?;
            operation.outcome = "found";
            operation.count = Some(found.tickets.len());
            Ok(found)
        })
    }
}

impl Reading {
    /// Looks tickets of the event up.
    pub(super) fn find(&self, event: EventId, query: &SearchQuery) -> Found {
        self.check_event(event)?;
        let (serials, more) = match query {
            SearchQuery::Code(serial) => (self.serials(event, *serial, 1)?, false),
            SearchQuery::Name(text) => {
                let organisation = event_info(&self.connection, event)?.organisation;
                self.named(organisation, event, &WantedName::read(text)?, MAX_FOUND)?
            }
        };
        let tickets = serials.into_iter().map(|serial| self.found(event, serial));
        Ok(FoundTickets { tickets: tickets.collect::<Result<_, _>>()?, more })
    }

    fn found(&self, event: EventId, serial: Serial) -> Result<FoundTicket, StoreError> {
        let (class, right) = self.folded(event, |state| {
            (state.roster().class(serial), state.right(serial).cloned().unwrap_or_default())
        })?;
        let (ticket_type, entries) = class.ok_or(StoreError::TicketUnknown(serial))?;
        let kind = find_type(&self.connection, event, ticket_type)?.ticket_type;
        let status = TicketStatus::of(&right, kind.admission.total(entries));
        let words = |language| status.words(language).to_owned();
        let holder = self.holder(event, serial)?.unwrap_or_default();
        let filled = |text: String| (!text.is_empty()).then_some(text);
        Ok(FoundTicket {
            serial,
            ticket_type,
            name: filled(holder.name),
            kana: filled(holder.kana),
            status,
            text: LocalText { ja: words(Language::Ja), en: words(Language::En) },
            entered: right.entered(),
            lane: self.lane(event, serial)?,
        })
    }
}
