//! Where each device's journal is known to end. What follows from an end is [`place_end`]'s and [`reached`]'s to say;
//! this keeps it.

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
use crate::{
    ledger::{EndPlace, KnownEnds, Reached, place_end, reached},
    store::{
        StoreError,
        types::{Actor, QuarantineReason},
    },
};

/// What a quarantined end begins with; an entry begins with its version, 1.
const END: u8 = 0xff;

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

/// One device's journal, as the database has it.
struct Journal<'a> {
    connection: &'a Connection,
    event: EventId,
    device: DeviceId,
}

impl KnownEnds for Journal<'_> {
    type Error = StoreError;

    fn delivered(&self) -> Result<JournalHead, StoreError> {
        stored_head(self.connection, self.event, self.device)
    }

    fn hash(&self, number: u64) -> Result<Option<[u8; 32]>, StoreError> {
        journal_hash(self.connection, self.event, self.device, number)
    }

    fn beyond(&self) -> Result<Option<JournalHead>, StoreError> {
        Ok(known(self.connection, self.event, self.device)?.map(|known| known.head))
    }

    fn is_set_apart(&self, head: JournalHead) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT 1 FROM quarantine
                 WHERE event_id = ?1 AND device_id = ?2 AND number = ?3 AND hash = ?4",
            )?
            .exists(params![self.event.0, self.device.0, Big(head.number), head.hash])?)
    }
}

impl Reading {
    /// Whether a device's end says something that isn't known. Only then its signature is looked at.
    pub(super) fn check_head(&self, signed: &SignedJournalHead) -> Result<EndPlace, StoreError> {
        let info = find_device(&self.connection, signed.device)?;
        self.check_head_of(info.event, info.public, signed)
    }

    fn check_head_of(
        &self,
        event: EventId,
        public: Option<DevicePublic>,
        signed: &SignedJournalHead,
    ) -> Result<EndPlace, StoreError> {
        let journal = Journal { connection: &self.connection, event, device: signed.device };
        let place = place_end(&journal, signed.head)?;
        let ours = |public: DevicePublic| signed.verify(self.installation.id, &public).is_ok();
        // No number in a database is larger, and no journal gets there.
        let fits = i64::try_from(signed.head.number).is_ok();
        if place == EndPlace::Known || (fits && public.is_some_and(ours)) {
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
            if self.check_head_of(event, Some(public), &heard.head)? != EndPlace::Known {
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
    ) -> Result<EndPlace, StoreError> {
        let SignedJournalHead { device, head, signature } = signed;
        let known_device = self.known_device(*device)?;
        let event = known_device.event;
        let journal = Journal { connection: &self.connection, event, device: *device };
        let place = place_end(&journal, *head)?;
        match place {
            EndPlace::Known => {}
            EndPlace::Beyond => {
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
            EndPlace::Fork => {
                self.set_head_apart(actor, &known_device, *device, *head, signature)?
            }
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
                noted.news += u32::from(place != EndPlace::Known);
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
    ) -> Result<(), StoreError> {
        let event = known_device.event;
        let Some(Known { signature, .. }) = known(&self.connection, event, device)? else {
            return Ok(());
        };
        let journal = Journal { connection: &self.connection, event, device };
        match reached(&journal)? {
            None => return Ok(()),
            Some(Reached::Delivered) => {}
            Some(Reached::Other(head)) => {
                self.set_head_apart(actor, known_device, device, head, &signature)?;
            }
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
