//! A device that writes its journal and makes batches of it, in every way a device can.

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, Serial},
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::DeviceKey,
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, UseKind},
    sync::JournalBatch,
    time::{TimeInterval, UnixMillis},
};

use super::world::{GRANTED, World};
use crate::draw::Draw;

/// 1999-01-01 and 2099-01-01, in milliseconds.
const LONG_AGO: u64 = 915_148_800_000;
const FAR_AHEAD: u64 = 4_070_908_800_000;

/// A device's own journal.
pub(super) struct Journal<'a> {
    world: &'a World,
    pub(super) device: DeviceId,
    gate: GateId,
    pub(super) entries: Vec<Vec<u8>>,
    head: JournalHead,
}

impl<'a> Journal<'a> {
    pub(super) fn new(world: &'a World, index: usize) -> Self {
        let device = &world.devices[index];
        let head = JournalHead::default();
        Self { world, device: device.id, gate: device.gate, entries: Vec::new(), head }
    }

    /// Writes entries of one kind.
    pub(super) fn write(&mut self, draw: &mut Draw<'_>) {
        // Now and then more than a batch takes.
        let many = if draw.byte() == 255 { 100 } else { 1 };
        let (body, at) = (self.body(draw), self.time(draw));
        let operator = OperatorId(u32::from(draw.byte() % 3));
        for _ in 0..many {
            self.push(body, at, operator);
        }
    }

    fn push(&mut self, body: JournalBody, at: TimeInterval, operator: OperatorId) {
        let entry = JournalEntry {
            device: self.device,
            gate: self.gate,
            operator,
            epoch: Epoch(0),
            number: self.head.number + 1,
            previous: self.head.hash,
            at,
            body,
        };
        let bytes = entry.encode();
        self.head = JournalEntry::head_of(self.world.installation, entry.number, &bytes);
        self.entries.push(bytes);
    }

    /// The disk is rolled back: what is written next contradicts what was delivered.
    pub(super) fn roll_back(&mut self, to: usize) {
        self.entries.truncate(to);
        let last = self.entries.last();
        let head = last.map(|bytes| head_of(self.world.installation, to, bytes));
        self.head = head.unwrap_or_default();
    }

    fn right(&self, draw: &mut Draw<'_>) -> RightRef {
        let rights = &self.world.rights;
        let mut right = rights[draw.below(rights.len())];
        match draw.byte() {
            0..=239 => {}
            240..=244 => right.serial = Serial(u32::MAX),
            245..=249 => right.event = EventId(u32::MAX),
            250..=252 => right.generation.0 = draw.byte(),
            _ => right.fingerprint.0[0] ^= 1,
        }
        right
    }

    fn body(&self, draw: &mut Draw<'_>) -> JournalBody {
        let right = self.right(draw);
        let claim = match draw.byte() {
            byte @ 0..=127 => ClaimKey([byte % 8; 16]),
            _ => GRANTED,
        };
        let number = u64::from(draw.byte() % 16);
        let device = self.world.devices[draw.below(self.world.devices.len())].id;
        let code = draw.one_of(ReasonCode::ALL);
        let flag = draw.byte() & 1 == 1;
        let count = draw.byte() % 4 + 1;
        match draw.below(16) {
            0..=4 => {
                let kind = if draw.byte() < 192 { UseKind::Entry } else { UseKind::Exit };
                let authority = if flag { Authority::Server } else { Authority::Alone };
                let by_hand = count == 4 && kind == UseKind::Entry;
                JournalBody::Redeemed { right, kind, count, claim, authority, by_hand }
            }
            5 => JournalBody::Shown { number },
            6 => JournalBody::Refused { code, right: flag.then_some(right) },
            7 => JournalBody::Interrupted { number, right },
            8 => JournalBody::Answered { device, number, right, let_in: flag },
            9 => JournalBody::Abandoned { claim, right },
            10 => JournalBody::Checked { right, identity: Some(flag), choice: Some(count) },
            11 => {
                let reason = OverrideReason::Courtesy;
                JournalBody::Overridden { right, count, code, reason }
            }
            12 | 13 => JournalBody::Annulled { device, number, right },
            14 => JournalBody::SignedIn,
            _ => JournalBody::TimeSet { at: UnixMillis(number) },
        }
    }

    fn time(&self, draw: &mut Draw<'_>) -> TimeInterval {
        let now = self.world.now.0;
        let exact = |millis| TimeInterval::exact(UnixMillis(millis));
        match draw.byte() {
            0..=159 => exact(now),
            160..=191 => exact(now + u64::from(draw.byte()) * 1_000),
            192..=207 => exact(LONG_AGO),
            208..=223 => exact(FAR_AHEAD),
            224..=239 => TimeInterval { earliest: UnixMillis(0), latest: UnixMillis(u64::MAX) },
            _ => exact(draw.one_of(&[0, u64::MAX])),
        }
    }

    /// Consecutive entries with their signed head.
    pub(super) fn batch(&self, from: usize, until: usize) -> JournalBatch {
        sign(self.world, self.device, self.key(), self.entries[from..until].to_vec())
    }

    pub(super) fn key(&self) -> &'a DeviceKey {
        key_of(self.world, self.device)
    }
}

pub(super) fn key_of(world: &World, device: DeviceId) -> &DeviceKey {
    let found = world.devices.iter().find(|known| known.id == device);
    &found.expect("the world has it").key
}

/// Signs a batch's last entry as the head of the journal of `device`.
pub(super) fn sign(
    world: &World,
    device: DeviceId,
    key: &DeviceKey,
    entries: Vec<Vec<u8>>,
) -> JournalBatch {
    let number = |bytes: &Vec<u8>| JournalEntry::decode(bytes).map_or(0, |entry| entry.number);
    let head =
        entries.last().map(|bytes| JournalEntry::head_of(world.installation, number(bytes), bytes));
    let head = SignedJournalHead::sign(world.installation, device, head.unwrap_or_default(), key);
    JournalBatch { entries, head }
}

fn head_of(installation: InstallationId, number: usize, bytes: &[u8]) -> JournalHead {
    JournalEntry::head_of(installation, number as u64, bytes)
}

/// Entries dropped, repeated, exchanged, changed, made up.
pub(super) fn bend(draw: &mut Draw<'_>, world: &World, entries: &mut Vec<Vec<u8>>) {
    let (index, other) = (draw.below(entries.len()), draw.below(entries.len()));
    let Some(entry) = entries.get_mut(index) else {
        entries.push(draw.piece().to_vec());
        return;
    };
    match draw.below(9) {
        0 => drop(entries.remove(index)),
        1 => {
            let again = entry.clone();
            entries.insert(other, again);
        }
        2 => entries.swap(index, other),
        3 => {
            let place = draw.below(entry.len());
            if let Some(byte) = entry.get_mut(place) {
                *byte ^= draw.byte().max(1);
            }
        }
        4 => entry.truncate(draw.below(entry.len())),
        5 => *entry = draw.piece().to_vec(),
        6 => *entries = vec![entry.clone(); 257],
        // Changed, and all after it chained anew: what the device itself may sign.
        7 => {
            let place = draw.below(entry.len());
            if let Some(byte) = entry.get_mut(place) {
                *byte ^= draw.byte().max(1);
            }
            chain(world, &mut entries[index..], None);
        }
        _ => {
            let shift = u64::from(draw.byte());
            chain(world, &mut entries[index..], Some(shift));
        }
    }
}

/// Chains entries to the first of them; with `shift` they leave out numbers.
fn chain(world: &World, entries: &mut [Vec<u8>], shift: Option<u64>) {
    let mut head: Option<JournalHead> = None;
    for bytes in entries {
        let Ok(mut entry) = JournalEntry::decode(bytes) else { return };
        entry.number = entry.number.saturating_add(shift.unwrap_or(0));
        if let Some(head) = head {
            (entry.number, entry.previous) = (head.number.saturating_add(1), head.hash);
        }
        *bytes = entry.encode();
        head = Some(JournalEntry::head_of(world.installation, entry.number, bytes));
    }
}
