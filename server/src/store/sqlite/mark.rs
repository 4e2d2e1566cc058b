//! Marks of a ticket: blocked or not, paid or not.

use kaisatsu_shared::{
    id::{EventId, Serial},
    ledger::{LedgerBody, Right},
};

use super::{operation::Operation, session::Session};
use crate::store::{
    StoreError,
    types::{Actor, TicketMark},
};

impl Session {
    /// Marks a ticket; what it is marked as already isn't recorded again.
    pub(super) fn mark(
        &mut self,
        actor: &Actor,
        event: EventId,
        serial: Serial,
        mark: TicketMark,
    ) -> Result<(), StoreError> {
        let object = format!("event/{event}/ticket/{serial}");
        let operation = Operation::new(actor, action(mark), object);
        self.operate_on(event, operation, |session, operation| {
            if session.voided(event, serial)?.is_some() {
                return Err(StoreError::TicketVoided(serial));
            }
            let never = Right::default();
            let right = session.state(event)?.right(serial).unwrap_or(&never);
            if is_so(right, mark) {
                operation.outcome = "repeated";
                return Ok(());
            }
            session.append(event, body(serial, mark))?;
            Ok(())
        })
    }
}

const fn action(mark: TicketMark) -> &'static str {
    match mark {
        TicketMark::Blocked(_) => "ticket.block",
        TicketMark::Unblocked => "ticket.unblock",
        TicketMark::Paid => "ticket.paid",
        TicketMark::Unpaid => "ticket.unpaid",
    }
}

fn is_so(right: &Right, mark: TicketMark) -> bool {
    match mark {
        TicketMark::Blocked(reason) => right.blocked == Some(reason),
        TicketMark::Unblocked => right.blocked.is_none(),
        TicketMark::Paid => !right.unpaid,
        TicketMark::Unpaid => right.unpaid,
    }
}

const fn body(serial: Serial, mark: TicketMark) -> LedgerBody {
    match mark {
        TicketMark::Blocked(reason) => LedgerBody::Blocked { serial, reason },
        TicketMark::Unblocked => LedgerBody::Unblocked { serial },
        TicketMark::Paid => LedgerBody::Payment { serial, paid: true },
        TicketMark::Unpaid => LedgerBody::Payment { serial, paid: false },
    }
}
