//! Operators: who may sign in at an event's gates.

use kaisatsu_shared::{
    id::{EventId, OperatorId},
    operator::{Operator, PinVerifier, Role},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    operation::Operation,
    readers::Reading,
    session::Session,
    value::{Big, Text, at},
};
use crate::{
    pin::HashedPin,
    store::{
        StoreError,
        types::{Actor, AddOperator, OperatorInfo, OperatorPin},
    },
};

/// Most operators of an event: each gate holds them all.
const MOST: u32 = 1_000;
/// Most characters of a label.
const LONGEST_LABEL: usize = 40;

impl Session {
    pub(super) fn add_operator(
        &mut self,
        actor: &Actor,
        request: &AddOperator,
        pin: &HashedPin,
    ) -> Result<OperatorPin, StoreError> {
        let event = request.event;
        let operation = Operation::new(actor, "operator.add", format!("event/{event}/operator"));
        self.operate_on(event, operation, |session, operation| {
            check_label(&request.label)?;
            let (next, there): (u32, u32) = session.connection.query_row(
                "SELECT coalesce(max(id), 0) + 1, count(*) FILTER (WHERE removed_at IS NULL)
                 FROM operators WHERE event_id = ?1",
                [event.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if there >= MOST {
                return Err(StoreError::NumbersUsedUp("operator"));
            }
            let id = OperatorId(next);
            operation.object = format!("event/{event}/operator/{id}");
            session.connection.execute(
                "INSERT INTO operators (event_id, id, organisation_id, label, role, pin, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    event.0,
                    id.0,
                    operation.organisation.0,
                    request.label.trim(),
                    Text(request.role),
                    Text(&pin.verifier),
                    Big(session.world.clock.now().0),
                ],
            )?;
            session.bundle_changed(event)?;
            let operator = find(&session.connection, event, id)?;
            Ok(OperatorPin { operator, pin: pin.drawn.clone() })
        })
    }

    pub(super) fn set_pin(
        &mut self,
        actor: &Actor,
        event: EventId,
        id: OperatorId,
        pin: &HashedPin,
    ) -> Result<OperatorPin, StoreError> {
        let object = format!("event/{event}/operator/{id}");
        self.operate_on(event, Operation::new(actor, "operator.pin", object), |session, _| {
            let operator = find(&session.connection, event, id)?;
            session.connection.execute(
                "UPDATE operators SET pin = ?3 WHERE event_id = ?1 AND id = ?2",
                params![event.0, id.0, Text(&pin.verifier)],
            )?;
            session.bundle_changed(event)?;
            Ok(OperatorPin { operator, pin: pin.drawn.clone() })
        })
    }

    pub(super) fn remove_operator(
        &mut self,
        actor: &Actor,
        event: EventId,
        id: OperatorId,
    ) -> Result<OperatorInfo, StoreError> {
        let object = format!("event/{event}/operator/{id}");
        self.operate_on(event, Operation::new(actor, "operator.remove", object), |session, _| {
            let operator = find(&session.connection, event, id)?;
            session.connection.execute(
                "UPDATE operators SET removed_at = ?3 WHERE event_id = ?1 AND id = ?2",
                params![event.0, id.0, Big(session.world.clock.now().0)],
            )?;
            session.bundle_changed(event)?;
            Ok(operator)
        })
    }
}

impl Reading {
    /// An event's operators.
    pub(super) fn operators(&self, event: EventId) -> Result<Vec<OperatorInfo>, StoreError> {
        let mut rows = self.connection.prepare_cached(&format!("{OPERATOR} ORDER BY id"))?;
        Ok(rows.query_map([event.0], operator_row)?.collect::<Result<_, _>>()?)
    }
}

const OPERATOR: &str = "SELECT id, label, role, created_at FROM operators
                        WHERE event_id = ?1 AND removed_at IS NULL";

fn operator_row(row: &Row<'_>) -> rusqlite::Result<OperatorInfo> {
    Ok(OperatorInfo {
        id: OperatorId(row.get(0)?),
        label: row.get(1)?,
        role: row.get::<_, Text<Role>>(2)?.0,
        created_at: at(row, 3)?,
    })
}

fn find(
    connection: &Connection,
    event: EventId,
    id: OperatorId,
) -> Result<OperatorInfo, StoreError> {
    connection
        .prepare_cached(&format!("{OPERATOR} AND id = ?2"))?
        .query_row([event.0, id.0], operator_row)
        .optional()?
        .ok_or(StoreError::OperatorUnknown(id))
}

/// An event's operators as its gates get them.
pub(super) fn operators(
    connection: &Connection,
    event: EventId,
) -> Result<Vec<Operator>, StoreError> {
    let mut rows = connection.prepare_cached(
        "SELECT id, label, role, pin FROM operators
         WHERE event_id = ?1 AND removed_at IS NULL ORDER BY id",
    )?;
    let rows = rows.query_map([event.0], |row| {
        Ok(Operator {
            id: OperatorId(row.get(0)?),
            label: row.get(1)?,
            role: row.get::<_, Text<Role>>(2)?.0,
            pin: row.get::<_, Text<PinVerifier>>(3)?.0,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Control characters, and marks that turn the direction of what follows.
fn misleads(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn check_label(label: &str) -> Result<(), StoreError> {
    let label = label.trim();
    let fits =
        !label.is_empty() && label.chars().count() <= LONGEST_LABEL && !label.chars().any(misleads);
    fits.then_some(()).ok_or(StoreError::Invalid("give the operator a label of 1 to 40 characters"))
}
