//! How a device becomes known: announcement, enrolment by a one-time code, and sessions.

use std::ops::RangeInclusive;

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::{DeviceId, EventId},
    key::DevicePublic,
    sync::EnrolAnswer,
    time::UnixMillis,
};
use rusqlite::{OptionalExtension, params};

use super::{
    device::find_device,
    event::gates,
    operation::Operation,
    readers::Reading,
    restore::first_device,
    session::Session,
    value::{Big, Text, at, maybe_at},
};
use crate::{
    secret,
    store::{
        StoreError,
        types::{
            Actor, AnnounceDevice, AnnouncedDevice, DeviceInfo, DeviceRole, DeviceSession,
            NewCredential,
        },
    },
};

impl Reading {
    /// Whether the code was ever made: a stranger's guess doesn't get to the writer.
    pub(super) fn knows_code(&self, code: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM enrolments WHERE code_hash = ?1")?
            .query_row([secret::code_hash(code)], |_| Ok(()))
            .optional()?
            .ok_or(StoreError::EnrolmentUnknown)
    }
}

/// How long an enrolment code works if nothing else is asked for: 15 minutes.
const CODE_LASTS: u64 = 15 * 60_000;
/// How long it may work: a minute to 30 days.
const MAY_LAST: RangeInclusive<u64> = 60_000..=30 * 24 * 3_600_000;

impl Session {
    pub(super) fn announce_device(
        &mut self,
        actor: &Actor,
        request: &AnnounceDevice,
    ) -> Result<AnnouncedDevice, StoreError> {
        let event = request.event;
        let operation = Operation::new(actor, "device.announce", format!("event/{event}/device"));
        self.operate_on(event, operation, |session, operation| {
            if request.name.trim().is_empty() {
                return Err(StoreError::Invalid("give the device a name"));
            }
            let lasts = request.code_lasts.unwrap_or(CODE_LASTS);
            if !MAY_LAST.contains(&lasts) {
                return Err(StoreError::Invalid(
                    "an enrolment code works for a minute to 30 days; give code_lasts between 60000 and 2592000000 milliseconds",
                ));
            }
            if !gates(&session.connection, event)?.iter().any(|gate| gate.id == request.gate) {
                return Err(StoreError::GateUnknown(request.gate));
            }
            let device = DeviceId(session.connection.query_row(
                "SELECT max(coalesce(max(id), 0) + 1, ?1) FROM devices",
                [first_device(session.installation.epoch)],
                |row| row.get(0),
            )?);
            operation.object = format!("event/{event}/device/{device}");
            let now = session.world.clock.now();
            let organisation = operation.organisation;
            session.connection.execute(
                "INSERT INTO devices (event_id, id, organisation_id, gate_id, name, announced_at, role)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    event.0,
                    device.0,
                    organisation.0,
                    request.gate.0,
                    request.name,
                    Big(now.0),
                    Text(request.role),
                ],
            )?;
            let code = secret::new_code(&session.world)?;
            let expires_at = now.plus(lasts);
            session.connection.execute(
                "INSERT INTO enrolments (code_hash, event_id, organisation_id, device_id, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    secret::code_hash(&code),
                    event.0,
                    organisation.0,
                    device.0,
                    Big(expires_at.0),
                ],
            )?;
            Ok(AnnouncedDevice { device, code, expires_at })
        })
    }

    pub(super) fn enrol(
        &mut self,
        actor: &Actor,
        code: &str,
        public: DevicePublic,
    ) -> Result<NewCredential, StoreError> {
        let operation = Operation::new(actor, "device.enrol", "device".to_owned());
        self.operate(operation, |session, operation| {
            let hash = secret::code_hash(code);
            let found = session
                .connection
                .query_row(
                    "SELECT device_id, expires_at, used_at FROM enrolments WHERE code_hash = ?1",
                    [hash],
                    |row| Ok((DeviceId(row.get(0)?), at(row, 1)?, maybe_at(row, 2)?)),
                )
                .optional()?;
            let (device, expires_at, used_at) = found.ok_or(StoreError::EnrolmentUnknown)?;
            let info = find_device(&session.connection, device)?;
            operation.organisation = info.organisation;
            operation.object = format!("event/{}/device/{device}", info.event);
            let now = session.world.clock.now();
            if info.revoked_at.is_some() {
                return Err(StoreError::DeviceRevoked(device));
            }
            let enrolled_at = match (used_at, info.enrolled_at) {
                // The answer was lost: the same key gets the same credential again.
                (Some(_), Some(enrolled_at)) if info.public == Some(public) => enrolled_at,
                (Some(_), _) => return Err(StoreError::EnrolmentUsed),
                (None, _) if now >= expires_at => return Err(StoreError::EnrolmentExpired),
                (None, _) => {
                    session.connection.execute(
                        "UPDATE enrolments SET used_at = ?2 WHERE code_hash = ?1",
                        params![hash, Big(now.0)],
                    )?;
                    session.set_public(info.event, device, public, now)?;
                    // A new device has nothing to offer.
                    session.connection.execute(
                        "UPDATE devices SET offered_epoch = ?2 WHERE id = ?1",
                        params![device.0, session.installation.epoch.0],
                    )?;
                    now
                }
            };
            let credential = Credential {
                installation: session.installation.id,
                organisation: info.organisation,
                event: info.event,
                gate: info.gate,
                device,
                public,
                enrolled_at,
            };
            let root = &session.installation.root;
            let credential = SignedCredential::sign(&credential, root)
                .map_err(|error| StoreError::Internal(error.to_string()))?;
            let answer = EnrolAnswer {
                installation: session.installation.id,
                root: root.public(),
                credential,
            };
            Ok(NewCredential { device, answer })
        })
    }

    pub(super) fn set_public(
        &self,
        event: EventId,
        device: DeviceId,
        public: DevicePublic,
        enrolled_at: UnixMillis,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE devices SET public = ?3, enrolled_at = ?4 WHERE event_id = ?1 AND id = ?2",
            params![event.0, device.0, public.to_bytes(), Big(enrolled_at.0)],
        )?;
        Ok(())
    }

    /// Opens a session for a credential whose signature was checked.
    pub(super) fn open_session(
        &mut self,
        actor: &Actor,
        credential: &Credential,
        signed: &SignedCredential,
    ) -> Result<DeviceSession, StoreError> {
        let (event, device) = (credential.event, credential.device);
        let object = format!("event/{event}/device/{device}");
        let operation = Operation::new(actor, "device.session", object);
        self.operate_on(event, operation, |session, operation| {
            match find_device(&session.connection, device) {
                Ok(info) if info.event != event => {
                    return Err(StoreError::CredentialMismatch(device));
                }
                Ok(DeviceInfo { public: Some(public), .. }) => {
                    if public != credential.public {
                        return Err(StoreError::CredentialMismatch(device));
                    }
                }
                // The server lost the enrolment, or all it knew of the device.
                Ok(_) => {
                    session.set_public(event, device, credential.public, credential.enrolled_at)?
                }
                Err(StoreError::DeviceUnknown(_)) => {
                    operation.outcome = "found";
                    session.insert_found(credential)?;
                }
                Err(error) => return Err(error),
            }
            session.devices.remove(&device);
            session.saw(device)?;
            let info = find_device(&session.connection, device)?;
            let installation = &session.installation;
            let sign = |at| installation.sign_revocation(event, device, at);
            let receipt = info.revoked_at.map(|_| installation.sign_receipt(device, info.journal));
            Ok(DeviceSession {
                revocation: info.revoked_at.map(sign).transpose()?,
                receipt,
                device,
                organisation: info.organisation,
                event,
                gate: info.gate,
                revoked: info.revoked_at.is_some(),
                journal: info.journal,
                credential: signed.clone(),
            })
        })
    }

    pub(super) fn insert_found(&self, credential: &Credential) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO devices (event_id, id, organisation_id, gate_id, name, found, public,
             announced_at, enrolled_at, role) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9)",
            params![
                credential.event.0,
                credential.device.0,
                credential.organisation.0,
                credential.gate.0,
                format!("device {}", credential.device),
                credential.public.to_bytes(),
                Big(self.world.clock.now().0),
                Big(credential.enrolled_at.0),
                // Nobody remembers what it was for: an admin says so again.
                Text(DeviceRole::Scanner),
            ],
        )?;
        Ok(())
    }
}
