//! Operators: who may sign in at an event's gates.

use kaisatsu_shared::{
    id::{EventId, OperatorId},
    operator::{Operator, PinVerifier, Role},
};
use rusqlite::Connection;

use super::value::Text;
use crate::store::StoreError;

/// An event's operators as its gates get them.
pub(super) fn operators(
    connection: &Connection,
    event: EventId,
) -> Result<Vec<Operator>, StoreError> {
    let mut rows = connection.prepare_cached(
        "SELECT id, label, role, pin FROM operators WHERE event_id = ?1 ORDER BY id",
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
