//! After the database was put back from a backup: a new epoch begins, and gates give back what was lost.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, EventId, Serial},
    journal::JournalEntry,
    ledger::{Cursor, LedgerBody, SignedCursor},
    roster::MAX_SKIPPED,
    sync::{Locate, Located, MAX_POSITIONS, Offered},
};
use rusqlite::{OptionalExtension, params};

use super::{
    device::{devices, find_device},
    operation::Operation,
    readers::Reading,
    session::Session,
    value::Big,
};
use crate::ledger::first_free;
use crate::store::{
    StoreError,
    types::{
        Actor, ConfirmRestore, DeviceInfo, DeviceState, Offering, RestoreBegun, RestoreDevice,
        RestoreInfo,
    },
};

/// Device numbers given after a restore begin here for each epoch: those given in what was lost are taken.
const DEVICES_AN_EPOCH: u32 = 1_000;

/// The lowest number for a new device.
pub(super) fn first_device(epoch: Epoch) -> u32 {
    epoch.0.saturating_sub(1).saturating_mul(DEVICES_AN_EPOCH).saturating_add(1)
}

impl Session {
    /// Begins a new epoch in every event.
    pub(super) fn begin_restore(&mut self, actor: &Actor) -> Result<RestoreBegun, StoreError> {
        let operation = Operation::new(actor, "server.restore", "installation".to_owned());
        self.operate(operation, |session, operation| {
            let events: Vec<EventId> = session
                .connection
                .prepare("SELECT id FROM events ORDER BY id")?
                .query_map([], |row| row.get(0).map(EventId))?
                .collect::<Result<_, _>>()?;
            let mut highest = session.installation.epoch;
            for event in &events {
                let state = session.state(*event)?;
                let lost = state.restores().rolled_back().map(|lost| lost.epoch);
                highest = highest.max(state.cursor().epoch).max(lost.unwrap_or_default());
            }
            let epoch = Epoch(highest.0.saturating_add(1));
            session.connection.execute("UPDATE installation SET epoch = ?1", [epoch.0])?;
            for event in &events {
                session.enter_epoch(*event, epoch)?;
                session.bundle_changed(*event)?;
            }
            operation.object = format!("epoch/{epoch}");
            operation.count = Some(events.len());
            let events = u32::try_from(events.len()).unwrap_or(u32::MAX);
            Ok(RestoreBegun { epoch, events })
        })
    }

    /// Takes an admin's word that the list of devices is complete.
    pub(super) fn confirm_restore(
        &mut self,
        actor: &Actor,
        event: EventId,
        request: ConfirmRestore,
    ) -> Result<(), StoreError> {
        let operation = Operation::new(actor, "restore.confirm", format!("event/{event}/restore"));
        self.operate_on(event, operation, |session, operation| {
            let epoch = session.installation.epoch;
            let state = session.state(event)?;
            if state.restores().rolled_back().is_some() {
                return Err(StoreError::RolledBack);
            }
            let issued = request.issued_up_to;
            if issued.is_some_and(|last| last.0 >= state.roster().len().saturating_add(MAX_SKIPPED))
            {
                return Err(StoreError::Invalid(
                    "at most a million serials can be passed over; check `issued_up_to`",
                ));
            }
            if !state.restores().is_open() {
                operation.outcome = "repeated";
                return Ok(());
            }
            session.connection.execute(
                "UPDATE events SET confirmed_epoch = ?2,
                 issued_up_to = coalesce(?3, issued_up_to) WHERE id = ?1",
                params![event.0, epoch.0, issued.map(|last| last.0)],
            )?;
            session.try_settle(event)
        })
    }

    /// Notes that a device says it has delivered everything, if so.
    pub(super) fn offered(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        offered: &Offered,
    ) -> Result<(), StoreError> {
        let operation = Operation::new(actor, "restore.offered", format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            operation.object = format!("event/{}/device/{device}", known.event);
            if known.revoked {
                return Err(StoreError::DeviceRevoked(device));
            }
            let public = find_device(&session.connection, device)?.public;
            let signed = offered.head.device == device
                && public.is_some_and(|public| {
                    offered.head.verify(session.installation.id, &public).is_ok()
                });
            if !signed {
                return Err(StoreError::JournalSignature);
            }
            if offered.cursor.sequence > 0 && !session.has_position(known.event, offered.cursor)? {
                return Err(StoreError::CursorUnknown);
            }
            let head = session.journal_head(known.event, device)?;
            if offered.head.head != head {
                return Err(StoreError::OfferIncomplete(head.number));
            }
            let epoch = session.installation.epoch;
            session.connection.execute(
                "UPDATE devices SET offered_epoch = ?3 WHERE event_id = ?1 AND id = ?2",
                params![known.event.0, device.0, epoch.0],
            )?;
            session.try_settle(known.event)
        })
    }

    /// Ends an event's restore, if an admin confirmed the list of devices and each has offered what it has or
    /// is given up.
    pub(super) fn try_settle(&mut self, event: EventId) -> Result<(), StoreError> {
        let epoch = self.installation.epoch;
        let state = self.state(event)?;
        if !state.restores().is_open() || state.restores().rolled_back().is_some() {
            return Ok(());
        }
        let (confirmed, issued_up_to): (u32, Option<u32>) = self.connection.query_row(
            "SELECT confirmed_epoch, issued_up_to FROM events WHERE id = ?1",
            [event.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let awaited = devices(&self.connection, event)?;
        let awaited = awaited.iter().any(|device| standing(device, epoch) == Offering::Awaited);
        if confirmed != epoch.0 || awaited {
            return Ok(());
        }
        let seen = self.serials_seen(event)?;
        let first_free = first_free(self.state(event)?, issued_up_to.map(Serial), seen);
        self.append(event, LedgerBody::Settled { first_free })?;
        self.connection
            .execute("UPDATE events SET issued_up_to = NULL WHERE id = ?1", [event.0])?;
        Ok(())
    }

    /// The serials on genuine tickets that gates saw.
    fn serials_seen(&self, event: EventId) -> Result<Vec<Serial>, StoreError> {
        let mut rows =
            self.connection.prepare_cached("SELECT bytes FROM journal WHERE event_id = ?1")?;
        let mut rows = rows.query([event.0])?;
        let mut seen = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let right = JournalEntry::decode(bytes).ok().and_then(|entry| entry.body.right());
            seen.extend(right.map(|right| right.serial));
        }
        Ok(seen)
    }

    /// Refuses what would promise something twice while it isn't known what was promised.
    pub(super) fn check_restored(&mut self, event: EventId) -> Result<(), StoreError> {
        if self.state(event)?.restores().is_open() {
            return Err(StoreError::Restoring(event));
        }
        Ok(())
    }
}

impl Reading {
    /// Where an event's restore stands.
    pub(super) fn restore_info(&self, event: EventId) -> Result<RestoreInfo, StoreError> {
        let epoch = self.installation.epoch;
        let (restores, lost_serials) =
            self.folded(event, |state| (state.restores().clone(), state.roster().lost()))?;
        let confirmed: u32 = self.connection.query_row(
            "SELECT confirmed_epoch FROM events WHERE id = ?1",
            [event.0],
            |row| row.get(0),
        )?;
        let devices = devices(&self.connection, event)?;
        Ok(RestoreInfo {
            event,
            epoch,
            open: restores.is_open(),
            rolled_back: restores.rolled_back(),
            confirmed: confirmed == epoch.0,
            devices: devices
                .into_iter()
                .map(|device| RestoreDevice {
                    standing: standing(&device, epoch),
                    device: device.device,
                    gate: device.gate,
                    name: device.name,
                })
                .collect(),
            recovered: restores.all_recovered().collect(),
            lost_serials,
        })
    }

    /// The position that a gate shows, unless it is known already that one like it is missing: gates ask again
    /// and again.
    pub(super) fn unaccounted(
        &self,
        event: EventId,
        shown: Option<SignedCursor>,
    ) -> Result<Option<SignedCursor>, StoreError> {
        let known = self.folded(event, |state| state.restores().rolled_back())?;
        Ok(shown.filter(|shown| known.is_none_or(|known| known.epoch < shown.cursor.epoch)))
    }

    /// The newest of a gate's positions that this ledger has.
    pub(super) fn locate(&self, event: EventId, asked: &Locate) -> Result<Located, StoreError> {
        if asked.positions.len() > MAX_POSITIONS {
            return Err(StoreError::Invalid("name at most 64 positions"));
        }
        let recovered =
            self.folded(event, |state| state.restores().all_recovered().collect::<Vec<_>>())?;
        let mut common = Cursor::default();
        for position in &asked.positions {
            if position.sequence > common.sequence && self.has(event, *position)? {
                common = *position;
            }
        }
        Ok(Located { epoch: self.installation.epoch, common, recovered })
    }

    fn has(&self, event: EventId, position: Cursor) -> Result<bool, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT epoch, bytes FROM ledger WHERE event_id = ?1 AND sequence = ?2",
        )?;
        let found = rows
            .query_row(params![event.0, Big(position.sequence)], |row| {
                Ok((Epoch(row.get(0)?), row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        Ok(found.is_some_and(|(epoch, bytes)| {
            epoch == position.epoch
                && Cursor::hash_of(self.installation.id, &bytes) == position.hash
        }))
    }
}

/// What is known of a device in an epoch.
fn standing(device: &DeviceInfo, epoch: Epoch) -> Offering {
    match device.state {
        DeviceState::Revoked => Offering::Revoked,
        DeviceState::Announced => Offering::Announced,
        DeviceState::Enrolled | DeviceState::Found if device.offered_epoch >= epoch => {
            Offering::Offered
        }
        _ if device.written_off_at.is_some() => Offering::WrittenOff,
        DeviceState::Enrolled | DeviceState::Found => Offering::Awaited,
    }
}
