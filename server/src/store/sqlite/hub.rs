//! Hubs: which of an event's devices other gates may ask while they can't reach the server.

use kaisatsu_shared::{
    bundle::{Hub, MAX_HUB_ADDRESSES, is_hub_address},
    id::{DeviceId, EventId, GateId},
    time::UnixMillis,
};
use rusqlite::{Connection, Row, params};

use super::{
    device::{devices, find_device},
    operation::Operation,
    readers::Reading,
    session::Session,
    value::{Big, at},
};
use crate::store::{
    StoreError,
    types::{Actor, DeviceInfo, DeviceState, HubInfo},
};

/// A device that was revoked, and when.
pub(super) type RevokedSince = (DeviceId, UnixMillis);

/// Most hubs of an event: a gate tries them one after the other.
const MOST: usize = 4;

impl Session {
    pub(super) fn set_hub(
        &mut self,
        actor: &Actor,
        event: EventId,
        device: DeviceId,
        addresses: &[String],
    ) -> Result<HubInfo, StoreError> {
        let object = format!("event/{event}/hub/{device}");
        self.operate_on(event, Operation::new(actor, "hub.set", object), |session, operation| {
            let fit = (1..=MAX_HUB_ADDRESSES).contains(&addresses.len())
                && addresses.iter().all(|address| is_hub_address(address));
            if !fit {
                return Err(StoreError::HubAddress);
            }
            let info = find_device(&session.connection, device)?;
            if info.event != event {
                return Err(StoreError::DeviceUnknown(device));
            }
            if !matches!(info.state, DeviceState::Enrolled | DeviceState::Found) {
                return Err(StoreError::HubUnfit(device));
            }
            let there = hubs(&session.connection, event)?;
            if there.len() >= MOST && there.iter().all(|hub| hub.device != device) {
                return Err(StoreError::NumbersUsedUp("hub"));
            }
            let list = serde_json::to_string(addresses)
                .map_err(|error| StoreError::Internal(error.to_string()))?;
            session.connection.execute(
                "INSERT INTO hubs (event_id, device_id, organisation_id, addresses, set_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (event_id, device_id) DO UPDATE SET addresses = excluded.addresses,
                 set_at = excluded.set_at",
                params![
                    event.0,
                    device.0,
                    operation.organisation.0,
                    list,
                    Big(session.world.clock.now().0)
                ],
            )?;
            session.bundle_changed(event)?;
            find(&session.connection, event, device)
        })
    }

    pub(super) fn remove_hub(
        &mut self,
        actor: &Actor,
        event: EventId,
        device: DeviceId,
    ) -> Result<HubInfo, StoreError> {
        let object = format!("event/{event}/hub/{device}");
        self.operate_on(event, Operation::new(actor, "hub.remove", object), |session, _| {
            let hub = find(&session.connection, event, device)?;
            session.connection.execute(
                "DELETE FROM hubs WHERE event_id = ?1 AND device_id = ?2",
                params![event.0, device.0],
            )?;
            session.bundle_changed(event)?;
            Ok(hub)
        })
    }
}

impl Reading {
    /// An event's hubs.
    pub(super) fn hubs(&self, event: EventId) -> Result<Vec<HubInfo>, StoreError> {
        hubs(&self.connection, event)
    }
}

fn hubs(connection: &Connection, event: EventId) -> Result<Vec<HubInfo>, StoreError> {
    let mut rows = connection.prepare_cached(
        "SELECT hubs.device_id, devices.gate_id, hubs.addresses, hubs.set_at,
         devices.revoked_at IS NOT NULL
         FROM hubs JOIN devices ON devices.event_id = hubs.event_id AND devices.id = hubs.device_id
         WHERE hubs.event_id = ?1 ORDER BY hubs.device_id",
    )?;
    Ok(rows.query_map([event.0], hub_row)?.collect::<Result<_, _>>()?)
}

fn hub_row(row: &Row<'_>) -> rusqlite::Result<HubInfo> {
    let addresses: String = row.get(2)?;
    Ok(HubInfo {
        device: DeviceId(row.get(0)?),
        gate: GateId(row.get(1)?),
        // Written here as JSON; a hub without address is asked by nobody.
        addresses: serde_json::from_str(&addresses).unwrap_or_default(),
        set_at: at(row, 3)?,
        lost: row.get(4)?,
    })
}

fn find(connection: &Connection, event: EventId, device: DeviceId) -> Result<HubInfo, StoreError> {
    let known = hubs(connection, event)?.into_iter().find(|hub| hub.device == device);
    known.ok_or(StoreError::HubUnknown(device))
}

/// An event's hubs as its gates get them, and the devices that a hub must answer no more, since when; neither where
/// there is no hub.
pub(super) fn hubs_of(
    connection: &Connection,
    event: EventId,
) -> Result<(Vec<Hub>, Vec<RevokedSince>), StoreError> {
    let hubs = hubs(connection, event)?;
    if hubs.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let devices = devices(connection, event)?;
    let public = |device| {
        let known = |known: &&DeviceInfo| known.device == device && known.revoked_at.is_none();
        devices.iter().find(known)?.public
    };
    let usable = hubs.into_iter().filter_map(|HubInfo { device, addresses, .. }| {
        Some(Hub { device, public: public(device)?, addresses })
    });
    let revoked = devices.iter().filter_map(|device| Some((device.device, device.revoked_at?)));
    Ok((usable.collect(), revoked.collect()))
}
