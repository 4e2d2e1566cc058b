//! An operation of a person or a device: its work and its audit row, in one transaction.

use kaisatsu_shared::id::{EventId, OrganisationId};
use rusqlite::{OptionalExtension, params};

use super::{session::Session, value::Big, writer::spoils};
use crate::{
    audit::AuditHead,
    store::{
        StoreError,
        types::{Actor, AuditRow},
    },
};

/// What the audit row will say. The work may make it more exact.
pub(super) struct Operation {
    pub(super) actor: Actor,
    pub(super) organisation: OrganisationId,
    pub(super) action: &'static str,
    pub(super) object: String,
    pub(super) outcome: &'static str,
    /// How much it was, where that is worth knowing.
    pub(super) count: Option<usize>,
}

impl Operation {
    pub(super) fn new(actor: &Actor, action: &'static str, object: String) -> Self {
        // 0 is no organisation: the object asked for may not exist.
        let organisation = OrganisationId(0);
        Self { actor: actor.clone(), organisation, action, object, outcome: "ok", count: None }
    }
}

impl Session {
    /// Does `work`, undoes it if it is refused, and writes the audit row either way.
    pub(super) fn operate<T>(
        &mut self,
        mut operation: Operation,
        work: impl FnOnce(&mut Self, &mut Operation) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.prepare_cached("SAVEPOINT operation")?.execute([])?;
        let before = self.connection.total_changes();
        let result = work(self, &mut operation);
        if let Err(error) = &result {
            if spoils(error) {
                return result;
            }
            operation.outcome = error.code();
            if self.connection.total_changes() != before {
                self.connection.execute_batch("ROLLBACK TO operation")?;
                self.forget_touched();
            }
        }
        self.connection.prepare_cached("RELEASE operation")?.execute([])?;
        self.write_audit(operation)?;
        result
    }

    /// The same for work that refuses before it writes anything: without a savepoint.
    pub(super) fn operate_checked<T>(
        &mut self,
        mut operation: Operation,
        work: impl FnOnce(&mut Self, &mut Operation) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let before = self.connection.total_changes();
        let result = work(self, &mut operation);
        if let Err(error) = &result {
            if spoils(error) {
                return result;
            }
            if self.connection.total_changes() != before {
                return Err(StoreError::Internal(format!("refused after writing: {error}")));
            }
            operation.outcome = error.code();
        }
        self.write_audit(operation)?;
        result
    }

    /// An operation on an event: the event must exist, and its organisation goes into the row.
    pub(super) fn operate_on<T>(
        &mut self,
        event: EventId,
        operation: Operation,
        work: impl FnOnce(&mut Self, &mut Operation) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.operate(operation, |session, operation| {
            operation.organisation = session.organisation(event)?;
            work(session, operation)
        })
    }

    fn write_audit(&mut self, operation: Operation) -> Result<(), StoreError> {
        let Operation { actor, organisation, action, object, outcome, count } = operation;
        let outcome =
            count.map_or_else(|| outcome.to_owned(), |count| format!("{outcome} x{count}"));
        self.write_row(actor, organisation, action, object, outcome)
    }

    /// Appends a row to the audit trail.
    pub(super) fn write_row(
        &mut self,
        actor: Actor,
        organisation: OrganisationId,
        action: &str,
        object: String,
        outcome: String,
    ) -> Result<(), StoreError> {
        let head = match self.audit {
            Some(head) => head,
            None => self.audit_head()?,
        };
        let row = AuditRow {
            sequence: head.sequence.saturating_add(1),
            at: self.world.clock.now(),
            organisation,
            actor,
            action: action.to_owned(),
            object,
            outcome,
        };
        let next = head.after(self.installation.id, &row);
        self.connection
            .prepare_cached(
                "INSERT INTO audit (sequence, at, organisation_id, actor_kind, actor_id, address,
                 request_id, action, object, outcome, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                Big(row.sequence),
                Big(row.at.0),
                row.organisation.0,
                row.actor.kind.name(),
                row.actor.id,
                row.actor.address,
                row.actor.request_id,
                row.action,
                row.object,
                row.outcome,
                next.hash,
            ])?;
        self.audit = Some(next);
        Ok(())
    }

    fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let mut last = self
            .connection
            .prepare_cached("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")?;
        let head = last
            .query_row([], |row| {
                Ok(AuditHead { sequence: row.get::<_, Big>(0)?.0, hash: row.get(1)? })
            })
            .optional()?;
        Ok(head.unwrap_or_default())
    }
}
