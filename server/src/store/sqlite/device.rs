//! Devices: their record and revocation.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, EventId, GateId, OrganisationId},
    journal::JournalHead,
    key::DevicePublic,
    time::UnixMillis,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    operation::Operation,
    session::Session,
    value::{Big, Text, at, maybe_at},
};
use crate::{
    ledger::missing,
    store::{
        StoreError,
        types::{Actor, DeviceInfo, DeviceRole, DeviceState, Undelivered, WriteOffReason},
    },
};

/// A device is noted as seen again after so long.
const SEEN_AFTER: u64 = 10_000;

/// What the writer remembers of a device.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownDevice {
    pub(super) organisation: OrganisationId,
    pub(super) event: EventId,
    pub(super) gate: GateId,
    pub(super) role: DeviceRole,
    pub(super) revoked: bool,
    pub(super) enrolled_at: Option<UnixMillis>,
    last_seen: Option<UnixMillis>,
}

impl Session {
    pub(super) fn revoke_device(
        &mut self,
        actor: &Actor,
        device: DeviceId,
    ) -> Result<DeviceInfo, StoreError> {
        let operation = Operation::new(actor, "device.revoke", format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let info = find_device(&session.connection, device)?;
            operation.organisation = info.organisation;
            operation.object = format!("event/{}/device/{device}", info.event);
            if info.revoked_at.is_some() {
                operation.outcome = "repeated";
                return Ok(info);
            }
            session.connection.execute(
                "UPDATE devices SET revoked_at = ?3 WHERE event_id = ?1 AND id = ?2",
                params![info.event.0, device.0, Big(session.world.clock.now().0)],
            )?;
            // A code that wasn't used must not enrol it after all; `enrol` looks at this.
            session.devices.remove(&device);
            // A hub must know.
            session.bundle_changed(info.event)?;
            find_device(&session.connection, device)
        })
    }

    /// Writes a device off. It frees no lease; what it delivers after all is taken in.
    pub(super) fn write_off_device(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        reason: WriteOffReason,
    ) -> Result<DeviceInfo, StoreError> {
        let operation = Operation::new(actor, "device.write_off", format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let info = find_device(&session.connection, device)?;
            operation.organisation = info.organisation;
            operation.object = format!("event/{}/device/{device}", info.event);
            if info.written_off_at.is_some() {
                operation.outcome = "repeated";
                return Ok(info);
            }
            session.connection.execute(
                "UPDATE devices SET written_off_at = ?3, write_off_reason = ?4
                 WHERE event_id = ?1 AND id = ?2",
                params![info.event.0, device.0, Big(session.world.clock.now().0), Text(reason)],
            )?;
            operation.outcome = reason.name();
            session.try_settle(info.event)?;
            find_device(&session.connection, device)
        })
    }

    /// Says what a device is for.
    pub(super) fn set_device_role(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        role: DeviceRole,
    ) -> Result<DeviceInfo, StoreError> {
        let operation = Operation::new(actor, "device.role", format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let info = find_device(&session.connection, device)?;
            operation.organisation = info.organisation;
            operation.object = format!("event/{}/device/{device}", info.event);
            operation.outcome = match role {
                DeviceRole::Staffed => "staffed",
                DeviceRole::Scanner => "scanner",
            };
            session.connection.execute(
                "UPDATE devices SET role = ?3 WHERE event_id = ?1 AND id = ?2",
                params![info.event.0, device.0, Text(role)],
            )?;
            session.devices.remove(&device);
            find_device(&session.connection, device)
        })
    }

    /// What the writer remembers of a device.
    pub(super) fn known_device(&mut self, device: DeviceId) -> Result<KnownDevice, StoreError> {
        if let Some(known) = self.devices.get(&device) {
            return Ok(*known);
        }
        let info = find_device(&self.connection, device)?;
        let known = KnownDevice {
            organisation: info.organisation,
            event: info.event,
            gate: info.gate,
            role: info.role,
            revoked: info.revoked_at.is_some(),
            enrolled_at: info.enrolled_at,
            last_seen: info.last_seen,
        };
        self.devices.insert(device, known);
        Ok(known)
    }

    /// Notes that a device was heard from.
    pub(super) fn saw(&mut self, device: DeviceId) -> Result<(), StoreError> {
        let mut known = self.known_device(device)?;
        let now = self.world.clock.now();
        if known.last_seen.is_some_and(|seen| now < seen.plus(SEEN_AFTER)) {
            return Ok(());
        }
        self.connection
            .prepare_cached("UPDATE devices SET last_seen = ?3 WHERE event_id = ?1 AND id = ?2")?
            .execute(params![known.event.0, device.0, Big(now.0)])?;
        known.last_seen = Some(now);
        self.devices.insert(device, known);
        Ok(())
    }
}

const DEVICE: &str = "SELECT event_id, id, organisation_id, gate_id, name, found, public,
     announced_at, enrolled_at, revoked_at, last_seen, role,
     (SELECT number FROM journal WHERE event_id = devices.event_id AND device_id = devices.id
      ORDER BY number DESC LIMIT 1),
     (SELECT hash FROM journal WHERE event_id = devices.event_id AND device_id = devices.id
      ORDER BY number DESC LIMIT 1),
     offered_epoch, written_off_at, write_off_reason,
     (SELECT number FROM journal_heads WHERE event_id = devices.event_id AND device_id = devices.id),
     (SELECT since FROM journal_heads WHERE event_id = devices.event_id AND device_id = devices.id),
     (SELECT heard_at FROM journal_heads WHERE event_id = devices.event_id AND device_id = devices.id),
     (SELECT through_id FROM journal_heads WHERE event_id = devices.event_id AND device_id = devices.id)
     FROM devices";

/// What lies between the entries that were delivered and the end that is known.
fn undelivered(row: &Row<'_>, delivered: u64) -> rusqlite::Result<Option<Undelivered>> {
    let Some(Big(last)) = row.get::<_, Option<Big>>(17)? else { return Ok(None) };
    let (since, heard_at, through) = (at(row, 18)?, at(row, 19)?, DeviceId(row.get(20)?));
    let undelivered = |(first, last)| Undelivered { first, last, since, heard_at, through };
    Ok(missing(delivered, last).map(undelivered))
}

fn device_row(row: &Row<'_>) -> rusqlite::Result<DeviceInfo> {
    let public: Option<[u8; 32]> = row.get(6)?;
    let public = public.and_then(|bytes| DevicePublic::from_bytes(&bytes));
    let revoked_at = maybe_at(row, 9)?;
    let state = match (revoked_at, public, row.get(5)?) {
        (Some(_), _, _) => DeviceState::Revoked,
        (None, None, _) => DeviceState::Announced,
        (None, Some(_), true) => DeviceState::Found,
        (None, Some(_), false) => DeviceState::Enrolled,
    };
    let delivered = row.get::<_, Option<Big>>(12)?.map_or(0, |Big(number)| number);
    Ok(DeviceInfo {
        event: EventId(row.get(0)?),
        device: DeviceId(row.get(1)?),
        organisation: OrganisationId(row.get(2)?),
        gate: GateId(row.get(3)?),
        name: row.get(4)?,
        role: row.get::<_, Text<_>>(11)?.0,
        state,
        public,
        announced_at: at(row, 7)?,
        enrolled_at: maybe_at(row, 8)?,
        revoked_at,
        last_seen: maybe_at(row, 10)?,
        journal: JournalHead {
            number: delivered,
            hash: row.get::<_, Option<[u8; 32]>>(13)?.unwrap_or_default(),
        },
        offered_epoch: Epoch(row.get(14)?),
        written_off_at: maybe_at(row, 15)?,
        write_off_reason: row.get::<_, Option<Text<_>>>(16)?.map(|Text(reason)| reason),
        undelivered: undelivered(row, delivered)?,
    })
}

/// One device.
pub(super) fn find_device(
    connection: &Connection,
    device: DeviceId,
) -> Result<DeviceInfo, StoreError> {
    connection
        .prepare_cached(&format!("{DEVICE} WHERE id = ?1"))?
        .query_row([device.0], device_row)
        .optional()?
        .ok_or(StoreError::DeviceUnknown(device))
}

/// The devices of an event.
pub(super) fn devices(
    connection: &Connection,
    event: EventId,
) -> Result<Vec<DeviceInfo>, StoreError> {
    let mut rows =
        connection.prepare_cached(&format!("{DEVICE} WHERE event_id = ?1 ORDER BY id"))?;
    Ok(rows.query_map([event.0], device_row)?.collect::<Result<_, _>>()?)
}
