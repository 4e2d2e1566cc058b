//! What must be true after each upload, told without the server's code.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalBody, JournalEntry},
    key::DeviceKey,
    ledger::EventState,
    right::{Authority, Use, UseKind},
    rules::Reentry,
    sync::{BatchAnswer, EntryFate, JournalBatch, MAX_BATCH_ENTRIES},
    time::UnixMillis,
};

use super::{
    gate::key_of,
    server::{Apart, Refused, Server},
    world::{Device, GRANTED, World},
};

/// A day and an hour, in milliseconds: further off, a time can't be.
const FAR: u64 = 25 * 3_600_000;

/// What was delivered so far, and the ledger folded anew.
pub(super) struct Model<'a> {
    world: &'a World,
    journals: BTreeMap<DeviceId, Vec<Vec<u8>>>,
    /// The uses that were taken in, in order.
    uses: Vec<(Use, u64)>,
    apart: Vec<Apart>,
    /// Whether [`GRANTED`] was neither used nor given up.
    granted_open: bool,
    state: EventState,
}

impl<'a> Model<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let journals = world.devices.iter().map(|device| (device.id, Vec::new())).collect();
        let state = world.state.clone();
        Self { world, journals, uses: Vec::new(), apart: Vec::new(), granted_open: true, state }
    }

    /// Uploads a batch and checks everything.
    pub(super) fn upload(
        &mut self,
        server: &mut impl Server,
        sender: &Device,
        batch: &JournalBatch,
    ) {
        let answer = server.upload(sender.id, batch.clone());
        self.judge(sender, batch, &answer);
        self.look(server);
        if let Ok(first) = answer {
            // Once more: nothing changes.
            let again = server.upload(sender.id, batch.clone()).expect("it was taken in before");
            assert_eq!(again.acknowledged, first.acknowledged);
            assert_eq!(again.suspicious_times, first.suspicious_times);
            assert!(again.entries.iter().all(|entry| entry.fate == EntryFate::AlreadyKnown));
            self.look(server);
        }
    }

    fn judge(
        &mut self,
        sender: &Device,
        batch: &JournalBatch,
        answer: &Result<BatchAnswer, Refused>,
    ) {
        let signed = batch.head.device == sender.id
            && batch.head.verify(self.world.installation, &sender.key.public()).is_ok();
        let entries = consecutive(self.world, sender.id, batch);
        let sized = (1..=MAX_BATCH_ENTRIES).contains(&batch.entries.len());
        let expected = match (sized, signed, entries) {
            (false, ..) => Err(Refused::Size),
            (_, false, _) => Err(Refused::Signature),
            (.., None) => Err(Refused::Broken),
            (.., Some(entries)) => self.take_in(sender, &entries, batch),
        };
        match (answer, expected) {
            (Err(refused), expected) => assert_eq!(Err(*refused), expected),
            (Ok(_), Err(refused)) => panic!("taken in, where {refused:?} was due"),
            (Ok(answer), Ok(known)) => self.judge_fates(sender, batch, answer, known),
        }
    }

    /// What becomes of a batch that the device signed; gives how many of its entries were known.
    fn take_in(
        &mut self,
        sender: &Device,
        entries: &[JournalEntry],
        batch: &JournalBatch,
    ) -> Result<usize, Refused> {
        let journal = self.journals.get_mut(&sender.id).expect("each device has one");
        let length = journal.len() as u64;
        let first = entries[0].number;
        if first > length + 1 {
            return Err(Refused::Gap(length));
        }
        let delivered = journal.iter().skip(first as usize - 1);
        let known = delivered.clone().zip(&batch.entries).take_while(|(a, b)| a == b).count();
        let overlap = delivered.count().min(entries.len());
        let follows = known > 0
            || follows(self.world, journal.last().filter(|_| first == length + 1), &entries[0]);
        if known < overlap || (known < entries.len() && !follows) {
            let fork = first + known as u64;
            for (entry, bytes) in entries.iter().zip(&batch.entries).skip(known) {
                add(&mut self.apart, (sender.id, entry.number, bytes.clone()));
            }
            return Err(Refused::Fork(fork));
        }
        journal.extend(batch.entries[known..].iter().cloned());
        for (entry, bytes) in entries.iter().zip(&batch.entries).skip(known) {
            self.granted_open &= !self.ends_grant(entry);
            match entry.redeemed() {
                Some(used) if !sender.revoked && self.belongs(&used) => {
                    self.uses.push((used, entry.number));
                }
                Some(_) => add(&mut self.apart, (sender.id, entry.number, bytes.clone())),
                None if sender.revoked => {
                    add(&mut self.apart, (sender.id, entry.number, bytes.clone()));
                }
                None => {}
            }
        }
        Ok(known)
    }

    /// Whether the device that was granted [`GRANTED`] used it or gave it up.
    fn ends_grant(&self, entry: &JournalEntry) -> bool {
        let (JournalBody::Redeemed { right, claim, .. } | JournalBody::Abandoned { right, claim }) =
            entry.body
        else {
            return false;
        };
        let granted = self.world.granted();
        (claim, entry.device) == (GRANTED, granted.device)
            && (right.event, right.serial) == (granted.right.event, granted.right.serial)
    }

    fn belongs(&self, used: &Use) -> bool {
        let right = &used.right;
        right.event == self.world.event && right.serial.0 < self.world.state.roster().len()
    }

    fn judge_fates(
        &mut self,
        sender: &Device,
        batch: &JournalBatch,
        answer: &BatchAnswer,
        known: usize,
    ) {
        assert_eq!(answer.acknowledged, self.journals[&sender.id].len() as u64);
        assert_eq!(answer.entries.len(), batch.entries.len());
        for (at, (told, bytes)) in answer.entries.iter().zip(&batch.entries).enumerate() {
            let entry = JournalEntry::decode(bytes).expect("it was taken in");
            assert_eq!(told.number, entry.number);
            if at < known {
                assert_eq!(told.fate, EntryFate::AlreadyKnown);
            } else {
                self.judge_new(sender, &entry, bytes, &told.fate);
            }
            let doubted = answer.suspicious_times.contains(&entry.number);
            let (now, at) = (self.world.now.0, entry.at);
            if at.latest < UnixMillis(now - FAR) || at.earliest > UnixMillis(now + FAR) {
                assert!(doubted, "{at:?} can't be");
            } else if at.earliest <= UnixMillis(now) && UnixMillis(now) <= at.latest {
                assert!(!doubted, "{at:?} can be");
            }
        }
    }

    fn judge_new(&mut self, sender: &Device, entry: &JournalEntry, bytes: &[u8], fate: &EntryFate) {
        let apart = *fate == EntryFate::Quarantined;
        match entry.redeemed() {
            _ if sender.revoked => assert!(apart),
            // A use that belongs to the event is recorded, whatever it contradicts.
            Some(used) if self.belongs(&used) => {
                assert!(matches!(fate, EntryFate::Accepted | EntryFate::Conflict { .. }));
            }
            Some(_) => assert!(apart),
            // What else is set apart hangs on who may do what; it is kept in any case.
            None if apart => add(&mut self.apart, (sender.id, entry.number, bytes.to_vec())),
            None => {}
        }
        if let JournalBody::SignedIn | JournalBody::Shown { .. } = entry.body {
            assert_eq!(apart, sender.revoked);
        }
    }

    /// Compares the server's records with what was delivered.
    fn look(&mut self, server: &impl Server) {
        for (device, journal) in &self.journals {
            assert_eq!(server.journal(*device), *journal, "the journal of device {device}");
        }
        let sorted = |mut apart: Vec<Apart>| {
            apart.sort_unstable();
            apart
        };
        assert_eq!(sorted(server.apart()), sorted(self.apart.clone()));
        for bytes in server.ledger(self.state.cursor().sequence) {
            self.state.apply(&bytes).expect("the ledger goes on from where it was");
        }
        let granted = self.state.right(self.world.granted().right.serial);
        let open = granted.is_some_and(|right| !right.grants.is_empty());
        assert_eq!(open, self.granted_open, "only its own device ends a grant");
        self.look_at_uses();
        self.look_at_conflicts();
    }

    /// The ledger's redemptions are those that were delivered: none lost, none doubled.
    fn look_at_uses(&self) {
        let mut recorded: Vec<_> =
            self.state.rights().flat_map(|(_, right)| &right.redemptions).collect();
        recorded.sort_unstable_by_key(|redemption| redemption.sequence);
        assert_eq!(recorded.len(), self.uses.len());
        for (redemption, (used, number)) in recorded.iter().zip(&self.uses) {
            let device = self.world.devices.iter().find(|device| device.id == used.device);
            let gate = device.expect("the world has it").gate;
            let authority = redemption.used.authority;
            assert_eq!(redemption.number, *number);
            assert_eq!(redemption.used, Use { gate, authority, ..*used });
            let granted = self.world.granted();
            assert!(
                authority == Authority::Alone
                    || (used.claim, used.device, used.right.serial)
                        == (GRANTED, granted.device, granted.right.serial),
                "nobody granted {used:?}"
            );
        }
    }

    /// More admissions than a ticket allows are a conflict.
    fn look_at_conflicts(&self) {
        for (serial, right) in self.state.rights() {
            let (kind, allowed) = self.state.roster().class(serial).expect("it was issued");
            let counts = self.world.rules.terms(kind, allowed).admission.presence.reentry;
            // Where coming back doesn't count, only who stands inside does.
            let allowed = if counts == Reentry::Counts { allowed } else { 0 };
            let entered: u32 = right
                .redemptions
                .iter()
                .filter(|redemption| redemption.used.kind == UseKind::Entry)
                .map(|redemption| u32::from(redemption.used.count))
                .sum();
            let taken_back = right.redemptions.iter().any(|one| one.annulled.is_some());
            if allowed > 0 && entered > u32::from(allowed) && !taken_back {
                assert!(!right.conflict.is_empty(), "{entered} on a ticket for {allowed}");
            }
            let uses = right.redemptions.iter().map(|redemption| redemption.sequence);
            let records: Vec<_> =
                uses.chain(right.answers.iter().map(|answer| answer.sequence)).collect();
            assert!(right.conflict.iter().all(|sequence| records.contains(sequence)));
        }
    }

    /// How many entries of the device were delivered.
    pub(super) fn delivered(&self, device: DeviceId) -> &[Vec<u8>] {
        &self.journals[&device]
    }
}

/// The entries of a batch, if they are consecutive ones of this device and lead to its head.
fn consecutive(world: &World, device: DeviceId, batch: &JournalBatch) -> Option<Vec<JournalEntry>> {
    let entries: Vec<_> = batch
        .entries
        .iter()
        .map(|bytes| JournalEntry::decode(bytes))
        .collect::<Result<_, _>>()
        .ok()?;
    for (at, entry) in entries.iter().enumerate() {
        if entry.device != device || entry.number == 0 {
            return None;
        }
        let Some(before) = at.checked_sub(1) else { continue };
        let head = JournalEntry::head_of(
            world.installation,
            entries[before].number,
            &batch.entries[before],
        );
        if entry.number != head.number.checked_add(1)? || entry.previous != head.hash {
            return None;
        }
    }
    let (last, bytes) = (entries.last()?, batch.entries.last()?);
    let head = JournalEntry::head_of(world.installation, last.number, bytes);
    (batch.head.head == head).then_some(entries)
}

fn follows(world: &World, last: Option<&Vec<u8>>, entry: &JournalEntry) -> bool {
    let hash = last.map(|bytes| JournalEntry::head_of(world.installation, 0, bytes).hash);
    entry.previous == hash.unwrap_or_default()
}

fn add(apart: &mut Vec<Apart>, one: Apart) {
    if !apart.contains(&one) {
        apart.push(one);
    }
}

/// A stranger's key signs nothing for another device.
pub(super) fn stranger(world: &World, device: DeviceId) -> &DeviceKey {
    let other = world.devices.iter().find(|known| known.id != device);
    key_of(world, other.expect("there are at least two").id)
}
