//! Which lane tickets show: that of whoever holds them by a lease, as the ledger says it now.

use kaisatsu_shared::id::{EventId, Serial};

use super::{event::event_info, readers::Reading};
use crate::store::{StoreError, types::TicketLane};

impl Reading {
    /// The lane of each of `serials`; none where the server itself decides.
    pub(super) fn lanes(
        &self,
        event: EventId,
        serials: &[Serial],
    ) -> Result<Vec<Option<TicketLane>>, StoreError> {
        let holders: Vec<_> = self.folded(event, |state| {
            let gate = |serial: &Serial| state.leases().holder(*serial).map(|lease| lease.gate);
            serials.iter().map(gate).collect()
        })?;
        if holders.iter().all(Option::is_none) {
            return Ok(vec![None; serials.len()]);
        }
        let gates = event_info(&self.connection, event)?.gates;
        let lane = |gate| TicketLane::of(gate, &gates);
        Ok(holders.into_iter().map(|holder| holder.map(lane)).collect())
    }

    /// The lane of one ticket.
    pub(super) fn lane(
        &self,
        event: EventId,
        serial: Serial,
    ) -> Result<Option<TicketLane>, StoreError> {
        Ok(self.lanes(event, &[serial])?.pop().flatten())
    }
}
