//! What staff did at gates beyond scanning, read out of the ledger.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{DeviceId, EventId, OperatorId, Serial},
    ledger::{AskedAt, LedgerBody, LedgerEntry, Redemption},
    right::Use,
};
use rusqlite::params;

use super::readers::Reading;
use crate::store::{
    StoreError,
    types::{Intervention, InterventionRow},
};

impl Reading {
    /// Every guest let in by hand or against the rules and every use taken back, in the order recorded.
    pub(super) fn interventions(&self, event: EventId) -> Result<Vec<InterventionRow>, StoreError> {
        self.check_event(event)?;
        let labels = self.labels(event)?;
        let mut rows = self.connection.prepare_cached(
            "SELECT bytes FROM ledger
             WHERE event_id = ?1 AND kind IN ('redeemed', 'overridden', 'annulled')
             ORDER BY sequence",
        )?;
        let mut rows = rows.query(params![event.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let entry = LedgerEntry::decode(bytes)
                .map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
            if let Some((by, what)) = self.intervention(event, &entry)?
                && let Some(serial) = entry.body.serial()
            {
                let label = labels.get(&by.operator).cloned();
                let sequence = entry.sequence;
                found.push(InterventionRow { sequence, serial, by, label, what });
            }
        }
        Ok(found)
    }

    fn intervention(
        &self,
        event: EventId,
        entry: &LedgerEntry,
    ) -> Result<Option<(AskedAt, Intervention)>, StoreError> {
        Ok(match entry.body {
            LedgerBody::Redeemed { used, by_hand: true, .. } => {
                Some((asked_at(&used), Intervention::ByHand { count: used.count }))
            }
            LedgerBody::Overridden { count, code, reason, by, .. } => {
                Some((by, Intervention::Overridden { count, code, reason }))
            }
            LedgerBody::Annulled { serial, device, number, by } => {
                let Redemption { sequence, used, by_hand, .. } =
                    self.redemption(event, serial, (device, number))?;
                let what = Intervention::Annulled {
                    of_device: device,
                    of_number: number,
                    of_sequence: sequence,
                    way: used.kind,
                    count: used.count,
                    by_hand,
                };
                Some((by, what))
            }
            _ => None,
        })
    }

    /// A use that was taken back: the server records that only of one that it has.
    fn redemption(
        &self,
        event: EventId,
        serial: Serial,
        (device, number): (DeviceId, u64),
    ) -> Result<Redemption, StoreError> {
        let known = self.folded(event, |state| {
            state.right(serial).and_then(|right| right.redemption(device, number)).copied()
        })?;
        known.ok_or_else(|| {
            let what = format!("entry {number} of device {device} was annulled and never recorded");
            StoreError::LedgerBroken(what)
        })
    }

    /// What operators are called, those who were removed too.
    fn labels(&self, event: EventId) -> Result<BTreeMap<OperatorId, String>, StoreError> {
        let mut rows = self
            .connection
            .prepare_cached("SELECT id, label FROM operators WHERE event_id = ?1")?;
        let rows = rows.query_map([event.0], |row| Ok((OperatorId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

const fn asked_at(used: &Use) -> AskedAt {
    AskedAt { device: used.device, gate: used.gate, operator: used.operator, at: used.at }
}
