//! Events, gates, types and signing keys.

use kaisatsu_shared::{
    bundle::{Gate, Policy, TicketType, Zone},
    calendar::{Calendar, TimeZone, UnknownZone},
    id::{EventId, GateId, KeyId, OrganisationId, TypeId, ZoneId},
    key::EventKey,
    reason::LocalText,
    rules::{Admission, Capacity, Interventions, Search, Unpaid},
    time::UnixSeconds,
    token::Mode,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use zeroize::Zeroizing;

use super::{
    operation::Operation,
    session::Session,
    value::{Big, Display, Json, Text, at, name},
};
use crate::{
    store::{
        StoreError,
        types::{Actor, AddGate, AddType, CreateEvent, EventInfo, EventKeyInfo, TypeInfo},
    },
    vault::Purpose,
};

impl Session {
    pub(super) fn create_event(
        &mut self,
        actor: &Actor,
        request: &CreateEvent,
    ) -> Result<EventInfo, StoreError> {
        let operation = Operation::new(actor, "event.create", "event".to_owned());
        self.operate(operation, |session, operation| {
            check_event(request)?;
            let organisation = request.organisation;
            let known = session
                .connection
                .query_row("SELECT 1 FROM organisations WHERE id = ?1", [organisation.0], |_| Ok(()))
                .optional()?;
            known.ok_or(StoreError::OrganisationUnknown)?;
            let event = EventId(session.connection.query_row(
                "SELECT coalesce(max(id), 0) + 1 FROM events",
                [],
                |row| row.get(0),
            )?);
            operation.organisation = organisation;
            operation.object = format!("event/{event}");
            session.connection.execute(
                "INSERT INTO events (id, organisation_id, name_ja, name_en, zone, policy, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    event.0,
                    organisation.0,
                    request.name.ja,
                    request.name.en,
                    request.zone,
                    Text(request.policy),
                    Big(session.world.clock.now().0),
                ],
            )?;
            for name in &request.gates {
                session.insert_gate(event, name)?;
            }
            session.insert_key(event)?;
            event_info(&session.connection, event)
        })
    }

    pub(super) fn add_gate(
        &mut self,
        actor: &Actor,
        request: &AddGate,
    ) -> Result<Gate, StoreError> {
        let event = request.event;
        let operation = Operation::new(actor, "gate.add", format!("event/{event}/gate"));
        self.operate_on(event, operation, |session, operation| {
            check_name(&request.name)?;
            let gate = session.insert_gate(event, &request.name)?;
            operation.object = format!("event/{event}/gate/{}", gate.id);
            Ok(gate)
        })
    }

    pub(super) fn add_type(
        &mut self,
        actor: &Actor,
        request: &AddType,
    ) -> Result<TypeInfo, StoreError> {
        let event = request.event;
        let operation = Operation::new(actor, "type.add", format!("event/{event}/type"));
        self.operate_on(event, operation, |session, operation| {
            check_name(&request.name)?;
            if !matches!(request.display, Mode::Static | Mode::Clock) {
                return Err(StoreError::DisplayUnsupported);
            }
            if request.valid_from >= request.valid_until {
                return Err(StoreError::EmptyValidity);
            }
            let gates = gates(&session.connection, event)?;
            for id in &request.gates {
                if !gates.iter().any(|gate| gate.id == *id) {
                    return Err(StoreError::GateUnknown(*id));
                }
            }
            let id = TypeId(session.next_number("ticket_types", event, "ticket type")?);
            operation.object = format!("event/{event}/type/{id}");
            session.connection.execute(
                "INSERT INTO ticket_types (event_id, id, organisation_id, name_ja, name_en, entries,
                 display, gates, valid_from, valid_until, renewing)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    event.0,
                    id.0,
                    operation.organisation.0,
                    request.name.ja,
                    request.name.en,
                    request.entries,
                    Display(request.display),
                    Json(&request.gates),
                    request.valid_from.0,
                    request.valid_until.0,
                    request.renewing,
                ],
            )?;
            session.bundle_changed(event)?;
            find_type(&session.connection, event, id)
        })
    }

    pub(super) fn rotate_key(
        &mut self,
        actor: &Actor,
        event: EventId,
    ) -> Result<EventKeyInfo, StoreError> {
        let operation = Operation::new(actor, "key.rotate", format!("event/{event}/key"));
        self.operate_on(event, operation, |session, operation| {
            let key = session.insert_key(event)?;
            operation.object = format!("event/{event}/key/{}", key.id);
            Ok(key)
        })
    }

    fn insert_gate(&mut self, event: EventId, name: &LocalText) -> Result<Gate, StoreError> {
        let organisation = self.organisation(event)?;
        let id = GateId(self.next_number("gates", event, "gate")?);
        self.connection.execute(
            "INSERT INTO gates (event_id, id, organisation_id, name_ja, name_en)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![event.0, id.0, organisation.0, name.ja, name.en],
        )?;
        self.bundle_changed(event)?;
        Ok(Gate { id, name: name.clone(), into: None })
    }

    /// Makes the event's next signing key and retires the current one.
    fn insert_key(&mut self, event: EventId) -> Result<EventKeyInfo, StoreError> {
        let organisation = self.organisation(event)?;
        let next: u32 = self.connection.query_row(
            "SELECT coalesce(max(id) + 1, 1) FROM event_keys WHERE event_id = ?1",
            [event.0],
            |row| row.get(0),
        )?;
        let id = KeyId(u8::try_from(next).map_err(|_| StoreError::KeysUsedUp(event))?);
        let seed = Zeroizing::new(self.world.random::<32>()?);
        let display = Zeroizing::new(self.world.random::<32>()?);
        let public = EventKey::from_seed(id, *seed).public();
        let vault = &self.installation.vault;
        let row = [event.0, u32::from(id.0)];
        let created_at = self.world.clock.now();
        self.connection
            .execute("UPDATE event_keys SET current = 0 WHERE event_id = ?1", [event.0])?;
        self.connection.execute(
            "INSERT INTO event_keys (event_id, id, organisation_id, public, seed, display_key,
             current, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)",
            params![
                event.0,
                id.0,
                organisation.0,
                public,
                vault.seal(&self.world, Purpose::EventKey, &row, seed.as_slice())?,
                vault.seal(&self.world, Purpose::DisplayKey, &row, display.as_slice())?,
                Big(created_at.0),
            ],
        )?;
        self.bundle_changed(event)?;
        Ok(EventKeyInfo { id, public, current: true, created_at })
    }

    /// The next number in an event's list, from 1.
    fn next_number(
        &self,
        table: &'static str,
        event: EventId,
        what: &'static str,
    ) -> Result<u16, StoreError> {
        let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table} WHERE event_id = ?1");
        let next: u32 = self.connection.query_row(&sql, [event.0], |row| row.get(0))?;
        u16::try_from(next).map_err(|_| StoreError::NumbersUsedUp(what))
    }
}

fn check_name(name: &LocalText) -> Result<(), StoreError> {
    if name.ja.trim().is_empty() && name.en.trim().is_empty() {
        return Err(StoreError::Invalid("give a name in Japanese or English"));
    }
    Ok(())
}

fn check_event(request: &CreateEvent) -> Result<(), StoreError> {
    check_name(&request.name)?;
    request.gates.iter().try_for_each(check_name)?;
    TimeZone::named(&request.zone).map_err(|UnknownZone(name)| StoreError::UnknownZone(name))?;
    Ok(())
}

/// An event with all that belongs to it.
pub(super) fn event_info(connection: &Connection, event: EventId) -> Result<EventInfo, StoreError> {
    let mut info = connection
        .prepare_cached(
            "SELECT organisation_id, name_ja, name_en, zone, policy, created_at, calendar, zones,
             interventions, unpaid, capacity, search
             FROM events WHERE id = ?1",
        )?
        .query_row([event.0], |row| {
            Ok(EventInfo {
                id: event,
                organisation: OrganisationId(row.get(0)?),
                name: name(row, 1)?,
                zone: row.get(3)?,
                policy: row.get::<_, Text<Policy>>(4)?.0,
                calendar: row.get::<_, Json<Calendar>>(6)?.0,
                zones: row.get::<_, Json<Vec<Zone>>>(7)?.0,
                interventions: row.get::<_, Json<Interventions>>(8)?.0,
                unpaid: row.get::<_, Text<Unpaid>>(9)?.0,
                capacity: row.get::<_, Json<Option<Capacity>>>(10)?.0,
                search: row.get::<_, Json<Option<Search>>>(11)?.0,
                gates: Vec::new(),
                types: Vec::new(),
                keys: Vec::new(),
                created_at: at(row, 5)?,
            })
        })
        .optional()?
        .ok_or(StoreError::EventUnknown(event))?;
    info.gates = gates(connection, event)?;
    info.types =
        list(connection, &format!("{TYPE} WHERE event_id = ?1 ORDER BY id"), event, type_row)?;
    info.keys = list(
        connection,
        "SELECT id, public, current, created_at FROM event_keys WHERE event_id = ?1 ORDER BY id",
        event,
        |row| {
            Ok(EventKeyInfo {
                id: KeyId(row.get(0)?),
                public: row.get(1)?,
                current: row.get(2)?,
                created_at: at(row, 3)?,
            })
        },
    )?;
    Ok(info)
}

/// The events of an organisation, or of all.
pub(super) fn events(
    connection: &Connection,
    organisation: Option<OrganisationId>,
) -> Result<Vec<EventInfo>, StoreError> {
    let mut ids = connection.prepare_cached(
        "SELECT id FROM events WHERE ?1 IS NULL OR organisation_id = ?1 ORDER BY id",
    )?;
    let ids = ids.query_map([organisation.map(|id| id.0)], |row| row.get(0).map(EventId))?;
    ids.map(|id| event_info(connection, id?)).collect()
}

const TYPE: &str = "SELECT id, name_ja, name_en, entries, display, gates, valid_from, valid_until,
                    admission, renewing FROM ticket_types";

fn type_row(row: &Row<'_>) -> rusqlite::Result<TypeInfo> {
    Ok(TypeInfo {
        ticket_type: TicketType {
            id: TypeId(row.get(0)?),
            name: name(row, 1)?,
            entries: row.get(3)?,
            display: row.get::<_, Display>(4)?.0,
            gates: row.get::<_, Json<Vec<GateId>>>(5)?.0,
            renewing: row.get(9)?,
            admission: row.get::<_, Json<Admission>>(8)?.0,
        },
        valid_from: UnixSeconds(row.get(6)?),
        valid_until: UnixSeconds(row.get(7)?),
    })
}

/// One type of an event.
pub(super) fn find_type(
    connection: &Connection,
    event: EventId,
    id: TypeId,
) -> Result<TypeInfo, StoreError> {
    connection
        .prepare_cached(&format!("{TYPE} WHERE event_id = ?1 AND id = ?2"))?
        .query_row(params![event.0, id.0], type_row)
        .optional()?
        .ok_or(StoreError::TypeUnknown(id))
}

/// An event's gates.
pub(super) fn gates(connection: &Connection, event: EventId) -> Result<Vec<Gate>, StoreError> {
    let sql = "SELECT id, name_ja, name_en, into_zone FROM gates WHERE event_id = ?1 ORDER BY id";
    list(connection, sql, event, |row| {
        let into = row.get::<_, Option<u16>>(3)?.map(ZoneId);
        Ok(Gate { id: GateId(row.get(0)?), name: name(row, 1)?, into })
    })
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    event: EventId,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = connection.prepare_cached(sql)?;
    Ok(rows.query_map([event.0], read)?.collect::<Result<_, _>>()?)
}
