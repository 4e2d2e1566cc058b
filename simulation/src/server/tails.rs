//! Where journals are known to end, as the store keeps it: noted a moment after the request that told it.

use core::convert::Infallible;
use std::collections::BTreeMap;

use kaisatsu_server::{
    ledger::{EndPlace, KnownEnds, Reached, missing, place_end, reached},
    store::types::QuarantineReason,
};
use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalHead, SignedJournalHead},
    sync::HeardHead,
};

use super::{Apart, Job, Log, Running, Server, Transaction};
use crate::{
    event::Event,
    house::{self, INSTALLATION},
    message::{Refused, Reply},
    schedule::MILLI,
    stage::Stage,
};

/// So long after a request its end is noted: the entries are usually there by then.
const LATER: u64 = 500 * MILLI;

/// What a server was told of the ends of journals: nothing is judged by it.
#[derive(Clone, Debug, Default)]
pub struct ToldEnds {
    /// The highest number of each device.
    pub highest: BTreeMap<DeviceId, u64>,
    /// Ends that could be compared with an entry that was delivered.
    pub compared: Vec<(DeviceId, JournalHead)>,
}

impl ToldEnds {
    /// Adds what a transaction heard.
    pub(super) fn extend(&mut self, more: Self) {
        for (device, number) in more.highest {
            let highest = self.highest.entry(device).or_default();
            *highest = number.max(*highest);
        }
        self.compared.extend(more.compared);
    }
}

/// One device's journal within a transaction.
struct Journal<'a> {
    running: &'a Running,
    logs: [&'a Log; 2],
    device: DeviceId,
}

impl KnownEnds for Journal<'_> {
    type Error = Infallible;

    fn delivered(&self) -> Result<JournalHead, Infallible> {
        let hashes = self.running.journals.get(&self.device).map(Vec::as_slice).unwrap_or_default();
        let number = u64::try_from(hashes.len()).unwrap_or(u64::MAX);
        let last = hashes.last().copied();
        Ok(last.map_or(JournalHead::default(), |hash| JournalHead { number, hash }))
    }

    fn hash(&self, number: u64) -> Result<Option<[u8; 32]>, Infallible> {
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let hashes = self.running.journals.get(&self.device);
        Ok(hashes.zip(place).and_then(|(hashes, place)| hashes.get(place)).copied())
    }

    fn beyond(&self) -> Result<Option<JournalHead>, Infallible> {
        Ok(self.running.ends.get(&self.device).copied())
    }

    fn is_set_apart(&self, head: JournalHead) -> Result<bool, Infallible> {
        let mut apart = self.logs.iter().flat_map(|log| &log.apart);
        let same =
            |it: &Apart| (it.device, it.number, it.hash) == (self.device, head.number, head.hash);
        Ok(apart.any(same))
    }
}

impl Server {
    /// A device says where its own journal ends.
    pub(super) fn hear_end(&self, stage: &mut Stage, device: DeviceId, end: &SignedJournalHead) {
        let noted = self.running.as_ref().and_then(|running| running.noted.get(&device));
        if end.device == device && noted != Some(&end.head) {
            let end = Box::new(end.clone());
            stage.after(LATER, Event::NotesEnd { boot: self.boot, end });
        }
    }

    /// It is noted now. What says nothing new needs no writing.
    pub fn note_end(&mut self, stage: &mut Stage, boot: u32, end: SignedJournalHead) {
        let Some(running) = self.running.as_mut().filter(|_| boot == self.boot) else { return };
        let (device, head) = (end.device, end.head);
        if running.noted.get(&device) == Some(&head) {
            return;
        }
        let committing = running.committing.as_ref().map_or(&self.log, |it| &it.log);
        let journal = Journal { running, logs: [&self.log, committing], device };
        let Ok(place) = place_end(&journal, head);
        if place != EndPlace::Known {
            running.inbox.push_back(Job::End(end));
            return self.write(stage);
        }
        running.noted.insert(device, head);
        let delivered = self.log.journals.get(&device).map_or(0, Vec::len);
        if head.number <= u64::try_from(delivered).unwrap_or(u64::MAX) {
            self.log.told.compared.push((device, head));
        }
    }

    /// Ends that a device passed on.
    pub(super) fn keep_ends(
        &mut self,
        stage: &mut Stage,
        heard: &[HeardHead],
        transaction: &mut Transaction,
    ) -> Reply {
        let known = |it: &HeardHead| house::credential(it.head.device) == Some(&it.credential);
        if !heard.iter().all(known) {
            return Reply::Refused(Refused::Malformed);
        }
        for heard in heard {
            self.keep_end(stage, &heard.head, transaction);
        }
        Reply::Ends
    }

    /// Keeps an end, if its device signed it.
    pub(super) fn keep_end(
        &mut self,
        stage: &mut Stage,
        end: &SignedJournalHead,
        transaction: &mut Transaction,
    ) {
        let (device, head) = (end.device, end.head);
        let public = house::device(device).map(|(_, public)| public);
        let signed = public.is_some_and(|public| end.verify(INSTALLATION, public).is_ok());
        let Some(running) = self.running.as_mut().filter(|_| signed) else { return };
        running.noted.insert(device, head);
        let journal = Journal { running, logs: [&self.log, &transaction.log], device };
        let (Ok(place), Ok(delivered)) = (place_end(&journal, head), journal.delivered());
        let mut told = ToldEnds::default();
        told.highest.insert(device, head.number);
        if head.number > 0 && head.number <= delivered.number {
            told.compared.push((device, head));
        }
        transaction.log.told.extend(told);
        match place {
            EndPlace::Known => {}
            EndPlace::Beyond => {
                let number = head.number;
                stage.tell(format_args!("server: device {device} has written to {number}"));
                running.ends.insert(device, head);
                transaction.log.ends.insert(device, head);
            }
            EndPlace::Fork => Self::set_end_apart(stage, device, head, transaction),
        }
    }

    /// After entries came: an end that they reach is delivered, or was another journal's.
    pub(super) fn settle_end(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        transaction: &mut Transaction,
    ) {
        let Some(running) = &mut self.running else { return };
        let journal = Journal { running, logs: [&self.log, &transaction.log], device };
        let (Ok(settled), Ok(delivered)) = (reached(&journal), journal.delivered());
        let open = running.ends.get(&device).filter(|end| end.number <= delivered.number);
        transaction.log.told.compared.extend(open.map(|end| (device, *end)));
        let Some(settled) = settled else { return };
        running.ends.remove(&device);
        transaction.log.ends.insert(device, JournalHead::default());
        if let Reached::Other(head) = settled {
            Self::set_end_apart(stage, device, head, transaction);
        }
    }

    fn set_end_apart(
        stage: &mut Stage,
        device: DeviceId,
        head: JournalHead,
        transaction: &mut Transaction,
    ) {
        let JournalHead { number, hash } = head;
        stage.tell(format_args!("server: device {device} ends another journal with {number}"));
        let reason = QuarantineReason::Fork;
        transaction.log.apart.push(Apart { device, number, hash, reason });
    }

    /// The entries of a device that are known to be missing.
    #[must_use]
    pub fn missing(&self, device: DeviceId) -> Option<(u64, u64)> {
        let delivered = self.log.journals.get(&device).map_or(0, Vec::len);
        let beyond = self.log.ends.get(&device)?.number;
        missing(u64::try_from(delivered).unwrap_or(u64::MAX), beyond)
    }
}
