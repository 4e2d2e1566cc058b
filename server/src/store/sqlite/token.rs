//! API tokens.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::{EventId, OrganisationId},
    time::UnixMillis,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    operation::Operation,
    readers::Reading,
    session::Session,
    value::{Big, Json, at, maybe_at},
};
use crate::{
    secret,
    store::{
        StoreError,
        types::{Actor, ApiToken, CreateToken, CreatedToken},
    },
};

impl Session {
    pub(super) fn create_token(
        &mut self,
        actor: &Actor,
        request: &CreateToken,
    ) -> Result<CreatedToken, StoreError> {
        let operation = Operation::new(actor, "token.create", "token".to_owned());
        self.operate(operation, |session, operation| {
            session.check_token(request)?;
            operation.organisation = request.organisation;
            let secret = secret::new_token(&session.world)?;
            session.connection.execute(
                "INSERT INTO api_tokens (organisation_id, hash, name, permissions, events,
                 created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    request.organisation.0,
                    secret::token_hash(&secret),
                    request.name,
                    Json(&request.permissions),
                    request.events.as_ref().map(Json),
                    Big(session.world.clock.now().0),
                    request.expires_at.map(|at| Big(at.0)),
                ],
            )?;
            let id = session
                .connection
                .query_row("SELECT last_insert_rowid()", [], |row| row.get::<_, u32>(0))?;
            operation.object = format!("token/{id}");
            Ok(CreatedToken { id, secret })
        })
    }

    fn check_token(&mut self, request: &CreateToken) -> Result<(), StoreError> {
        if request.name.trim().is_empty() {
            return Err(StoreError::Invalid("give the token a name that says what it is for"));
        }
        if request.permissions.is_empty() {
            return Err(StoreError::Invalid("give the token at least one permission"));
        }
        self.connection
            .query_row(
                "SELECT 1 FROM organisations WHERE id = ?1",
                [request.organisation.0],
                |_| Ok(()),
            )
            .optional()?
            .ok_or(StoreError::OrganisationUnknown)?;
        for event in request.events.iter().flatten() {
            // Another organisation's event is as unknown as none.
            if self.organisation(*event)? != request.organisation {
                return Err(StoreError::EventUnknown(*event));
            }
        }
        Ok(())
    }

    pub(super) fn revoke_token(&mut self, actor: &Actor, id: u32) -> Result<ApiToken, StoreError> {
        let operation = Operation::new(actor, "token.revoke", format!("token/{id}"));
        self.operate(operation, |session, operation| {
            let token = find_token(&session.connection, id)?;
            operation.organisation = token.organisation;
            if token.revoked_at.is_some() {
                operation.outcome = "repeated";
                return Ok(token);
            }
            session.connection.execute(
                "UPDATE api_tokens SET revoked_at = ?2 WHERE id = ?1",
                params![id, Big(session.world.clock.now().0)],
            )?;
            find_token(&session.connection, id)
        })
    }
}

impl Reading {
    /// The token that `secret` belongs to, if it may be used at `now`.
    pub(super) fn authenticate(
        &self,
        secret: &str,
        now: UnixMillis,
    ) -> Result<ApiToken, StoreError> {
        let token = self
            .connection
            .prepare_cached(&format!("{TOKEN} WHERE hash = ?1"))?
            .query_row([secret::token_hash(secret)], token_row)
            .optional()?
            .ok_or(StoreError::TokenUnknown)?;
        if token.revoked_at.is_some() {
            return Err(StoreError::TokenRevoked);
        }
        if token.expires_at.is_some_and(|end| now >= end) {
            return Err(StoreError::TokenExpired);
        }
        Ok(token)
    }

    /// An organisation's tokens.
    pub(super) fn tokens(&self, organisation: OrganisationId) -> Result<Vec<ApiToken>, StoreError> {
        let mut rows = self
            .connection
            .prepare_cached(&format!("{TOKEN} WHERE organisation_id = ?1 ORDER BY id"))?;
        Ok(rows.query_map([organisation.0], token_row)?.collect::<Result<_, _>>()?)
    }
}

const TOKEN: &str = "SELECT id, organisation_id, name, permissions, events, created_at, expires_at,
     revoked_at FROM api_tokens";

fn token_row(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    let events: Option<Json<BTreeSet<EventId>>> = row.get(4)?;
    Ok(ApiToken {
        id: row.get(0)?,
        organisation: OrganisationId(row.get(1)?),
        name: row.get(2)?,
        permissions: row.get::<_, Json<_>>(3)?.0,
        events: events.map(|Json(events)| events),
        created_at: at(row, 5)?,
        expires_at: maybe_at(row, 6)?,
        revoked_at: maybe_at(row, 7)?,
    })
}

fn find_token(connection: &Connection, id: u32) -> Result<ApiToken, StoreError> {
    connection
        .prepare_cached(&format!("{TOKEN} WHERE id = ?1"))?
        .query_row([id], token_row)
        .optional()?
        .ok_or(StoreError::TokenIdUnknown(id))
}
