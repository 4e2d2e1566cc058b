//! Taking in a journal that was carried by hand. It is checked whole before anything is written; then it
//! goes in batch by batch through the same judgement as an upload, so that guests needn't wait for it.
//! Where that stops halfway, doing it again goes on.

use std::sync::Arc;

use kaisatsu_shared::{
    bundle::Credential,
    id::{DeviceId, EventId},
    sync::{CarriedJournal, EntryFate},
};

use super::{
    SqliteStore,
    device::find_device,
    operation::Operation,
    readers::Reading,
    session::Session,
    store::{LARGE, SMALL},
    upload::{Delivery, Uploaded},
};
use crate::{
    ledger::{CheckedBatch, CheckedJournal},
    store::{
        Store as _, StoreError,
        types::{Actor, CarriedAnswer, Carrier, QuarantineReason},
    },
};

const ACTION: &str = "journal.import";

impl SqliteStore {
    /// Checks a file, makes its device known and takes its journal in.
    pub(super) async fn take_in_carried(
        &self,
        actor: Actor,
        event: EventId,
        file: Vec<u8>,
    ) -> Result<CarriedAnswer, StoreError> {
        let checked = self.readers.read(move |reading| reading.check_carried(event, &file)).await;
        let CheckedJournal { credential, batches } = match checked {
            Ok(checked) => checked,
            Err(error) => {
                let refuse =
                    move |session: &mut Session| session.refuse_carried(&actor, event, &error);
                return self.write(SMALL, refuse).await;
            }
        };
        let (device, asked) = (credential.device, actor.clone());
        let carrier = move |session: &mut Session| session.carrier(&asked, &credential);
        let mut answer = self.write(SMALL, carrier).await?;
        let replaced = answer.carrier == Carrier::Replaced;
        let mut forked = None;
        for batch in batches.into_iter().map(Arc::new) {
            let weight = u32::try_from(batch.entries().len()).unwrap_or(LARGE);
            let apart = replaced || forked.is_some();
            let (asked, given) = (actor.clone(), Arc::clone(&batch));
            let take =
                move |session: &mut Session| session.take_carried(&asked, device, &given, apart);
            let taken = self.write(weight.clamp(SMALL, LARGE), take).await?;
            add(&mut answer, &batch, &taken);
            if let (Uploaded::Forked(number), false) = (taken, apart) {
                forked = Some(number);
            }
        }
        if let Some(number) = forked {
            return Err(StoreError::JournalFork(number));
        }
        let leases = self.leases(event).await?;
        let own = leases.iter().filter(|lease| lease.device == device && !replaced);
        answer.leased = own.map(|lease| lease.tickets()).sum();
        Ok(answer)
    }
}

impl Reading {
    /// Checks what doesn't need the writer.
    pub(super) fn check_carried(
        &self,
        event: EventId,
        file: &[u8],
    ) -> Result<CheckedJournal, StoreError> {
        let root = self.installation.root.public();
        let carried = CarriedJournal::read(file)?;
        let checked = CheckedJournal::check(self.installation.id, &root, carried)?;
        if checked.credential.event != event {
            return Err(StoreError::CarriedElsewhere(checked.credential.event));
        }
        Ok(checked)
    }
}

impl Session {
    /// Refuses a file, on record.
    pub(super) fn refuse_carried(
        &mut self,
        actor: &Actor,
        event: EventId,
        error: &StoreError,
    ) -> Result<CarriedAnswer, StoreError> {
        let operation = Operation::new(actor, ACTION, format!("event/{event}/journals"));
        self.operate_on(event, operation, |_, _| Err(error.clone()))
    }

    /// Makes the device known where it was forgotten, and gives what there is to say of it so far.
    pub(super) fn carrier(
        &mut self,
        actor: &Actor,
        credential: &Credential,
    ) -> Result<CarriedAnswer, StoreError> {
        let (event, device) = (credential.event, credential.device);
        let operation =
            Operation::new(actor, "journal.carrier", format!("event/{event}/device/{device}"));
        self.operate_on(event, operation, |session, operation| {
            let (carrier, outcome) = match find_device(&session.connection, device) {
                Ok(info) if info.event != event => {
                    return Err(StoreError::CarriedStranger(device));
                }
                Ok(info) if info.public.is_some_and(|known| known != credential.public) => {
                    (Carrier::Replaced, "replaced")
                }
                Ok(info) => {
                    if info.public.is_none() {
                        session.set_public(
                            event,
                            device,
                            credential.public,
                            credential.enrolled_at,
                        )?;
                    }
                    match info.revoked_at {
                        Some(_) => (Carrier::Revoked, "revoked"),
                        None => (Carrier::Known, "ok"),
                    }
                }
                Err(StoreError::DeviceUnknown(_)) => {
                    session.insert_found(credential)?;
                    (Carrier::Found, "found")
                }
                Err(error) => return Err(error),
            };
            operation.outcome = outcome;
            session.devices.remove(&device);
            let gate = session.known_device(device)?.gate;
            Ok(CarriedAnswer {
                device,
                gate: if carrier == Carrier::Replaced { credential.gate } else { gate },
                carrier,
                entries: 0,
                already_known: 0,
                recorded: 0,
                conflicts: 0,
                quarantined: 0,
                suspicious_times: 0,
                leased: 0,
            })
        })
    }

    /// Takes in one batch, or sets it apart whole.
    pub(super) fn take_carried(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        batch: &CheckedBatch,
        apart: bool,
    ) -> Result<Uploaded, StoreError> {
        let delivery = Delivery { action: ACTION, online: false };
        if !apart {
            return self.deliver(actor, device, delivery, Ok(batch));
        }
        let first = batch.entries().first().map_or(0, |first| first.entry.number);
        let operation = Operation::new(actor, ACTION, format!("device/{device}"));
        self.operate(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            operation.object = format!("event/{}/device/{device}/{first}-", known.event);
            operation.outcome = "quarantined";
            for checked in batch.entries() {
                session.set_apart(&known, device, checked, QuarantineReason::Fork)?;
            }
            Ok(Uploaded::Forked(first))
        })
    }
}

/// Adds what became of a batch.
fn add(answer: &mut CarriedAnswer, batch: &CheckedBatch, uploaded: &Uploaded) {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    answer.entries = answer.entries.saturating_add(count(batch.entries().len()));
    let Uploaded::Accepted(taken, fresh_suspicions) = uploaded else {
        answer.quarantined = answer.quarantined.saturating_add(count(batch.entries().len()));
        return;
    };
    let of = |test: fn(&EntryFate) -> bool| {
        count(taken.entries.iter().filter(|entry| test(&entry.fate)).count())
    };
    answer.already_known += of(|fate| *fate == EntryFate::AlreadyKnown);
    answer.recorded += of(|fate| matches!(fate, EntryFate::Accepted | EntryFate::Conflict { .. }));
    answer.conflicts += of(|fate| matches!(fate, EntryFate::Conflict { .. }));
    answer.quarantined += of(|fate| *fate == EntryFate::Quarantined);
    answer.suspicious_times += u64::from(*fresh_suspicions);
}
