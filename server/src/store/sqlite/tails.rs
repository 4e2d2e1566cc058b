//! Where each device's journal is known to end. What lies beyond the entries that were delivered is missing,
//! and named until it comes.

use kaisatsu_shared::{
    bundle::Credential,
    id::{DeviceId, EventId},
    journal::{JournalHead, SignedJournalHead},
    key::{DevicePublic, Signature64},
    sync::{HeadsNoted, HeardHead, MAX_HEADS},
    time::UnixMillis,
    wire::Writer,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    device::{KnownDevice, find_device},
    operation::Operation,
    readers::Reading,
    session::Session,
    upload::{journal_hash, stored_head},
    value::{Big, Text, at},
};
use crate::store::{
    StoreError,
    types::{Actor, QuarantineReason},
};

/// What a quarantined end begins with; an entry begins with its version, 1.
const END: u8 = 0xff;

/// Where a device's end belongs in what is known of its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It says nothing new.
    Known,
    /// It lies beyond everything known.
    Beyond,
    /// Under its number something else is known.
    Fork,
}

/// The end beyond what was delivered, as it is kept.
struct Known {
    head: JournalHead,
    signature: Signature64,
    since: UnixMillis,
}

fn known(
    connection: &Connection,
    event: EventId,
    device: DeviceId,
) -> Result<Option<Known>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT number, hash, signature, since FROM journal_heads
             WHERE event_id = ?1 AND device_id = ?2",
        )?
        .query_row(params![event.0, device.0], |row| {
            Ok(Known {
                head: JournalHead { number: row.get::<_, Big>(0)?.0, hash: row.get(1)? },
                signature: Signature64(row.get(2)?),
                since: at(row, 3)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Where an end belongs; its signature isn't looked at.
fn place(
    connection: &Connection,
    event: EventId,
    device: DeviceId,
    head: JournalHead,
) -> Result<Place, StoreError> {
    if head.number == 0 {
        return Ok(Place::Known);
    }
    let other = if head.number <= stored_head(connection, event, device)?.number {
        journal_hash(connection, event, device, head.number)?
    } else {
        match known(connection, event, device)? {
            Some(known) if known.head.number > head.number => return Ok(Place::Known),
            Some(known) if known.head.number == head.number => Some(known.head.hash),
            _ => return Ok(Place::Beyond),
        }
    };
    let same = other == Some(head.hash) || is_set_apart(connection, event, device, head)?;
    Ok(if same { Place::Known } else { Place::Fork })
}

fn is_set_apart(
    connection: &Connection,
    event: EventId,
    device: DeviceId,
    head: JournalHead,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM quarantine
             WHERE event_id = ?1 AND device_id = ?2 AND number = ?3 AND hash = ?4",
        )?
        .exists(params![event.0, device.0, Big(head.number), head.hash])?)
}

impl Reading {
    /// Whether a device's end says something that isn't known. Only then its signature is looked at.
    pub(super) fn check_head(&self, signed: &SignedJournalHead) -> Result<Place, StoreError> {
        let info = find_device(&self.connection, signed.device)?;
        self.check_head_of(info.event, info.public, signed)
    }

    fn check_head_of(
        &self,
        event: EventId,
        public: Option<DevicePublic>,
        signed: &SignedJournalHead,
    ) -> Result<Place, StoreError> {
        let place = place(&self.connection, event, signed.device, signed.head)?;
        let ours = |public: DevicePublic| signed.verify(self.installation.id, &public).is_ok();
        // No number in a database is larger, and no journal gets there.
        let fits = i64::try_from(signed.head.number).is_ok();
        if place == Place::Known || (fits && public.is_some_and(ours)) {
            return Ok(place);
        }
        Err(StoreError::JournalSignature)
    }

    /// Those ends, passed on by a device of `event`, that say something that isn't known.
    pub(super) fn check_heard(
        &self,
        event: EventId,
        heads: Vec<HeardHead>,
    ) -> Result<Vec<(Credential, SignedJournalHead)>, StoreError> {
        if heads.len() > MAX_HEADS {
            return Err(StoreError::Invalid("pass on at most 64 heads at once"));
        }
        let (installation, root) = (self.installation.id, self.installation.root.public());
        let mut news = Vec::new();
        for heard in heads {
            let opened = heard.credential.open(&root, installation);
            let credential = opened
                .filter(|it| it.event == event && it.device == heard.head.device)
                .ok_or(StoreError::CredentialForeign)?;
            let public = match find_device(&self.connection, credential.device) {
                // Another device's number by now: what this one wrote, it must deliver itself.
                Ok(info) if info.public.is_some_and(|known| known != credential.public) => continue,
                Ok(info) if info.event != event => return Err(StoreError::CredentialForeign),
                Ok(_) | Err(StoreError::DeviceUnknown(_)) => credential.public,
                Err(error) => return Err(error),
            };
            if self.check_head_of(event, Some(public), &heard.head)? != Place::Known {
                news.push((credential, heard.head));
            }
        }
        Ok(news)
    }
}

impl Session {
    /// Keeps an end whose signature was checked, which `through` told.
    pub(super) fn keep_head(
        &mut self,
        actor: &Actor,
        through: DeviceId,
        signed: &SignedJournalHead,
    ) -> Result<Place, StoreError> {
        let SignedJournalHead { device, head, signature } = signed;
        let known_device = self.known_device(*device)?;
        let place = place(&self.connection, known_device.event, *device, *head)?;
        match place {
            Place::Known => {}
            Place::Beyond => {
                let event = known_device.event;
                let now = self.world.clock.now();
                let since = known(&self.connection, event, *device)?.map_or(now, |it| it.since);
                self.connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO journal_heads (event_id, device_id, organisation_id,
                         number, hash, signature, since, heard_at, through_id)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        event.0,
                        device.0,
                        known_device.organisation.0,
                        Big(head.number),
                        head.hash,
                        signature.0,
                        Big(since.0),
                        Big(now.0),
                        through.0,
                    ])?;
            }
            Place::Fork => self.set_head_apart(actor, &known_device, *device, *head, signature)?,
        }
        Ok(place)
    }

    /// Keeps ends that a device passed on; the server may have forgotten whose they are.
    pub(super) fn keep_heard(
        &mut self,
        actor: &Actor,
        through: DeviceId,
        heads: &[(Credential, SignedJournalHead)],
    ) -> Result<HeadsNoted, StoreError> {
        let operation = Operation::new(actor, "journal.heads", format!("device/{through}"));
        self.operate(operation, |session, operation| {
            let known = session.known_device(through)?;
            operation.organisation = known.organisation;
            operation.object = format!("event/{}/device/{through}", known.event);
            let mut noted = HeadsNoted::default();
            for (credential, signed) in heads {
                if let Err(StoreError::DeviceUnknown(_)) =
                    find_device(&session.connection, credential.device)
                {
                    session.insert_found(credential)?;
                }
                let place = session.keep_head(actor, through, signed)?;
                noted.news += u32::from(place != Place::Known);
            }
            operation.count = usize::try_from(noted.news).ok();
            Ok(noted)
        })
    }

    /// After entries came: an end that they reach is delivered, or was another journal's.
    pub(super) fn settle_head(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        known_device: &KnownDevice,
        delivered: JournalHead,
    ) -> Result<(), StoreError> {
        let event = known_device.event;
        let Some(Known { head, signature, .. }) = known(&self.connection, event, device)? else {
            return Ok(());
        };
        if head.number > delivered.number {
            return Ok(());
        }
        if journal_hash(&self.connection, event, device, head.number)? != Some(head.hash) {
            self.set_head_apart(actor, known_device, device, head, &signature)?;
        }
        self.connection
            .prepare_cached("DELETE FROM journal_heads WHERE event_id = ?1 AND device_id = ?2")?
            .execute(params![event.0, device.0])?;
        Ok(())
    }

    /// A device signed another entry under a number: its end is kept as proof, until the entry itself comes.
    fn set_head_apart(
        &mut self,
        actor: &Actor,
        known_device: &KnownDevice,
        device: DeviceId,
        head: JournalHead,
        signature: &Signature64,
    ) -> Result<(), StoreError> {
        let mut bytes = Writer::with_capacity(112);
        bytes.u8(END).u32(device.0).u64(head.number).bytes(&head.hash).bytes(&signature.0);
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO quarantine (event_id, device_id, number, hash,
                 organisation_id, reason, received_at, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                known_device.event.0,
                device.0,
                Big(head.number),
                head.hash,
                known_device.organisation.0,
                Text(QuarantineReason::Fork),
                Big(self.world.clock.now().0),
                bytes.finish(),
            ])?;
        self.write_row(
            actor.clone(),
            known_device.organisation,
            "journal.head",
            format!("event/{}/device/{device}/{}", known_device.event, head.number),
            "journal_fork".to_owned(),
        )
    }
}
