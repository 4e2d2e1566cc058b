//! Leases: the rule is [`crate::leasing`]; this makes it durable.

use kaisatsu_shared::{
    id::{DeviceId, EventId},
    ledger::{EventState, LedgerBody},
};

use super::{
    device::{devices, find_device},
    operation::Operation,
    session::Session,
};
use crate::{
    leasing::{self, Lane},
    store::{
        StoreError,
        types::{Actor, DeviceInfo, DeviceState, GiveLeases, LeaseInfo, LeasedInfo},
    },
};

impl Session {
    /// Leases what nobody holds to the devices `wanted`, or to every one that may hold leases.
    pub(super) fn lease(
        &mut self,
        actor: &Actor,
        event: EventId,
        wanted: &GiveLeases,
    ) -> Result<Vec<LeaseInfo>, StoreError> {
        let operation = Operation::new(actor, "lease.give", format!("event/{event}/leases"));
        self.operate_on(event, operation, |session, _| {
            session.check_restored(event)?;
            let lanes = session.lanes(event, &wanted.devices)?;
            let rules = session.rules(event)?;
            let now = session.world.now().latest;
            let entries =
                leasing::share_out(session.state(event)?, &rules, &lanes, (now, wanted.only));
            session.append_all(event, entries)
        })
    }

    /// Asks a device, or every holder, for what is leased to it.
    pub(super) fn recall(
        &mut self,
        actor: &Actor,
        event: EventId,
        device: Option<DeviceId>,
    ) -> Result<Vec<LeaseInfo>, StoreError> {
        let object = match device {
            Some(device) => format!("event/{event}/device/{device}/leases"),
            None => format!("event/{event}/leases"),
        };
        let operation = Operation::new(actor, "lease.recall", object);
        self.operate_on(event, operation, |session, _| {
            if let Some(device) = device
                && find_device(&session.connection, device)?.event != event
            {
                return Err(StoreError::DeviceUnknown(device));
            }
            let entries = leasing::recall(session.state(event)?, device);
            session.append_all(event, entries)
        })
    }

    fn append_all(
        &mut self,
        event: EventId,
        entries: Vec<LedgerBody>,
    ) -> Result<Vec<LeaseInfo>, StoreError> {
        for body in entries {
            self.append(event, body)?;
        }
        let devices = devices(&self.connection, event)?;
        Ok(leases(self.state(event)?, &devices))
    }

    fn lanes(&self, event: EventId, wanted: &[DeviceId]) -> Result<Vec<Lane>, StoreError> {
        let known = devices(&self.connection, event)?;
        let may = |device: &&DeviceInfo| {
            matches!(device.state, DeviceState::Enrolled | DeviceState::Found)
        };
        let lane = |device: &DeviceInfo| Lane { device: device.device, gate: device.gate };
        if wanted.is_empty() {
            return Ok(known.iter().filter(may).map(lane).collect());
        }
        let named = wanted.iter().map(|id| {
            let found = known.iter().find(|known| known.device == *id);
            let found = found.ok_or(StoreError::DeviceUnknown(*id))?;
            let found = Some(found).filter(may).ok_or(StoreError::DeviceUnfit(*id))?;
            Ok(lane(found))
        });
        named.collect()
    }
}

/// An event's leases, with what `devices` says of their holders.
pub(super) fn leases(state: &EventState, devices: &[DeviceInfo]) -> Vec<LeaseInfo> {
    let lost = |id| {
        let known = devices.iter().find(|device| device.device == id);
        known.is_none_or(|device| device.state == DeviceState::Revoked)
    };
    let leases = state.leases();
    let info = |(serials, lease): (kaisatsu_shared::lease::Serials, &_)| {
        let lease: &kaisatsu_shared::ledger::Lease = lease;
        let open: u64 = leases.not_recalled(serials).iter().map(|run| run.count()).sum();
        LeaseInfo {
            lease: lease.id,
            device: lease.device,
            gate: lease.gate,
            what: LeasedInfo::Serials(serials),
            sequence: lease.sequence,
            recalled: serials.count().saturating_sub(open),
            lost: lost(lease.device),
        }
    };
    let room = leases.shares().held().filter_map(|(id, share)| {
        let lease = leases.lease(id)?;
        Some(LeaseInfo {
            lease: id,
            device: share.device,
            gate: lease.gate,
            what: LeasedInfo::Room { place: share.place, persons: share.persons() },
            sequence: lease.sequence,
            recalled: share.owed().into(),
            lost: lost(share.device),
        })
    });
    leases.held().map(info).chain(room).collect()
}
