//! The signed time. Its version is read each time: an admin may raise it beside the running server.

use kaisatsu_shared::{
    id::EventId,
    sync::{SignedTime, TimeDocument, TimeRequest},
};

use super::{operation::Operation, readers::Reading, session::Session, value::Big};
use crate::store::{StoreError, types::Actor};

impl Reading {
    /// The time, signed as the answer to `request` of a device of `event`.
    pub(super) fn signed_time(
        &self,
        event: EventId,
        request: TimeRequest,
    ) -> Result<SignedTime, StoreError> {
        let mut version =
            self.connection.prepare_cached("SELECT time_version FROM installation")?;
        let Big(version) = version.query_row([], |row| row.get(0))?;
        let document = TimeDocument {
            installation: self.installation.id,
            event,
            device: request.device,
            nonce: request.nonce,
            // Last, and after the question arrived: the gate counts on it.
            at: self.world.clock.now(),
            version,
        };
        SignedTime::sign(&document, &self.installation.root)
            .map_err(|error| StoreError::Internal(error.to_string()))
    }
}

impl Session {
    /// Takes back what was said of the time so far; gives the new version.
    pub(super) fn correct_time(&mut self, actor: &Actor) -> Result<u64, StoreError> {
        let operation = Operation::new(actor, "time.correct", "time".to_owned());
        self.operate(operation, |session, _| {
            let Big(version) = session.connection.query_row(
                "UPDATE installation SET time_version = time_version + 1 RETURNING time_version",
                [],
                |row| row.get(0),
            )?;
            Ok(version)
        })
    }
}
