//! Audit rows of what changes nothing else: exports, and refusals at the door.

use kaisatsu_shared::id::EventId;

use super::{operation::Operation, session::Session};
use crate::store::{
    StoreError,
    types::{Actor, Export, Refusal},
};

impl Session {
    /// Notes that somebody takes a record out; refuses what doesn't exist.
    pub(super) fn note_export(&mut self, actor: &Actor, export: Export) -> Result<(), StoreError> {
        let of_event = |event: EventId, what| format!("event/{event}/{what}");
        let (action, object) = match export {
            Export::Ledger(event) => ("ledger.export", of_event(event, "ledger")),
            Export::Journal(device) => ("journal.export", format!("device/{device}")),
            Export::Conflicts(event) => ("conflict.list", of_event(event, "conflicts")),
            Export::Quarantine(event) => ("quarantine.list", of_event(event, "quarantine")),
            Export::Interventions(event) => ("intervention.list", of_event(event, "interventions")),
        };
        self.operate_checked(Operation::new(actor, action, object), |session, operation| {
            operation.organisation = match export {
                Export::Ledger(event)
                | Export::Conflicts(event)
                | Export::Quarantine(event)
                | Export::Interventions(event) => session.organisation(event)?,
                Export::Journal(device) => {
                    let known = session.known_device(device)?;
                    operation.object = format!("event/{}/device/{device}", known.event);
                    known.organisation
                }
            };
            Ok(())
        })
    }

    /// Notes requests that were refused at the door.
    pub(super) fn note_refusal(
        &mut self,
        actor: &Actor,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        let outcome = match refusal.count {
            1 => refusal.code.clone(),
            count => format!("{} x{count}", refusal.code),
        };
        let object = refusal.object.clone();
        self.write_row(actor.clone(), refusal.organisation, refusal.action, object, outcome)
    }
}
