//! Holders' rows.

use kaisatsu_shared::id::{EventId, OrganisationId, Serial};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    open::Installation, operation::Operation, readers::Reading, session::Session, ticket::record,
};
use crate::{
    people::{self, HolderKey},
    store::{
        StoreError,
        types::{Actor, Holder},
    },
    vault::Purpose,
};

/// An organisation's key for its holders' rows.
pub(super) fn holder_key(
    connection: &Connection,
    installation: &Installation,
    organisation: OrganisationId,
) -> Result<HolderKey, StoreError> {
    let sealed: Vec<u8> = connection
        .prepare_cached("SELECT holder_key FROM organisations WHERE id = ?1")?
        .query_row([organisation.0], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::OrganisationUnknown)?;
    Ok(installation.vault.open_array(Purpose::HolderKey, &[organisation.0], &sealed)?)
}

impl Session {
    /// Notes that somebody looks at a holder's personal data.
    pub(super) fn note_holder_read(
        &mut self,
        actor: &Actor,
        event: EventId,
        serial: Serial,
    ) -> Result<(), StoreError> {
        let object = format!("event/{event}/ticket/{serial}");
        let operation = Operation::new(actor, "holder.read", object);
        self.operate_on(event, operation, |session, _| session.voided(event, serial).map(drop))
    }
}

impl Reading {
    /// A ticket's holder, if it has one.
    pub(super) fn holder(
        &self,
        event: EventId,
        serial: Serial,
    ) -> Result<Option<Holder>, StoreError> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT organisation_id, sealed FROM holders WHERE event_id = ?1 AND serial = ?2",
            )?
            .query_row(params![event.0, serial.0], |row| {
                Ok((OrganisationId(row.get(0)?), row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let Some((organisation, sealed)) = found else { return Ok(None) };
        let key = holder_key(&self.connection, &self.installation, organisation)?;
        people::open_row(&key, (organisation, event, serial), &sealed).map(Some)
    }

    /// The holder's name, sealed under the ticket's secret.
    pub(super) fn sealed_holder(
        &self,
        event: EventId,
        serial: Serial,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (ticket, _) = record(&self.connection, &self.installation.vault, event, serial)?;
        let Some(holder) = self.holder(event, serial)? else { return Ok(None) };
        let place = (event, serial, ticket.generation);
        people::seal_for_gate(&self.world, self.installation.id, &ticket.secret, place, &holder)
            .map(Some)
    }
}
