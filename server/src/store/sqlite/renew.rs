//! Renewing tickets.

use kaisatsu_shared::{id::EventId, ledger::MAX_ISSUED};

use super::{operation::Operation, session::Session};
use crate::{
    issuing,
    store::{
        StoreError,
        types::{Actor, RenewTickets, RenewedTickets},
    },
};

impl Session {
    /// Renews all the tickets that are asked for, or none. What a ticket has already isn't recorded
    /// again.
    pub(super) fn renew(
        &mut self,
        actor: &Actor,
        event: EventId,
        request: &RenewTickets,
    ) -> Result<RenewedTickets, StoreError> {
        let RenewTickets { first, count, .. } = *request;
        let object = match count {
            0 | 1 => format!("event/{event}/ticket/{first}"),
            _ => format!("event/{event}/tickets/{first}-{}", first.0.saturating_add(count - 1)),
        };
        let operation = Operation::new(actor, "ticket.renew", object);
        self.operate_on(event, operation, |session, operation| {
            if !usize::try_from(count).is_ok_and(|count| (1..=MAX_ISSUED).contains(&count)) {
                return Err(StoreError::Invalid("renew between 1 and 1024 tickets at a time"));
            }
            let rules = session.rules(event)?;
            let now = session.world.clock.now().to_seconds();
            let (entries, outcome) = issuing::renew(session.state(event)?, &rules, request, now)?;
            if entries.is_empty() {
                operation.outcome = "repeated";
            }
            for body in entries {
                session.append(event, body)?;
            }
            Ok(outcome)
        })
    }
}
