//! From a device's journal entry to the ledger. A redemption is always recorded, whatever it
//! contradicts: two that together exceed a right are a conflict, never a merge.

use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalBody, JournalEntry},
    ledger::{EventState, LastUse, LedgerBody, Redemption, Right},
    right::{RightRef, Use, UseKind},
    sync::EntryFate,
};

use crate::claims::may_abandon;

/// What an entry adds to the ledger and what the device is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Entries to append, in order. A `ConflictFound` names the redemption appended before it by
    /// the sequence number it will have.
    pub append: Vec<LedgerBody>,
    /// The entry's fate.
    pub fate: EntryFate,
}

impl Acceptance {
    const fn only(fate: EntryFate) -> Self {
        Self { append: Vec::new(), fate }
    }

    fn append(body: LedgerBody) -> Self {
        Self { append: vec![body], fate: EntryFate::Accepted }
    }
}

/// Judges the next entry of a device's journal. The caller has verified chain and signature.
#[must_use]
pub fn accept_entry(state: &EventState, entry: &JournalEntry) -> Acceptance {
    match entry.body {
        JournalBody::Redeemed { right, .. } => match entry.redeemed() {
            Some(used) if belongs(state, &right) => accept_use(state, used, entry.number),
            _ => Acceptance::only(EntryFate::Quarantined),
        },
        JournalBody::Abandoned { claim, right } => {
            if !belongs(state, &right) {
                return Acceptance::only(EntryFate::Quarantined);
            }
            if may_abandon(state, claim, right.serial, entry.device) {
                let (serial, device) = (right.serial, entry.device);
                Acceptance::append(LedgerBody::Abandoned { serial, claim, device })
            } else {
                Acceptance::only(EntryFate::Accepted)
            }
        }
        JournalBody::Interrupted { number, right } => {
            if !belongs(state, &right) {
                return Acceptance::only(EntryFate::Quarantined);
            }
            let (serial, device) = (right.serial, entry.device);
            let answered =
                state.right(serial).is_some_and(|right| right.answered.contains(&(device, number)));
            if answered {
                return Acceptance::only(EntryFate::Accepted);
            }
            Acceptance::append(LedgerBody::Interrupted { serial, device, number })
        }
        JournalBody::Answered { device, number, right, let_in } => {
            accept_answer(state, entry, &right, (device, number), let_in)
        }
        JournalBody::Shown { .. } | JournalBody::Refused { .. } => {
            Acceptance::only(EntryFate::Accepted)
        }
    }
}

/// A use of a serial that was issued. Superseded generations and other fingerprints are recorded
/// all the same: somebody went in.
fn belongs(state: &EventState, right: &RightRef) -> bool {
    right.event == state.event() && right.serial.0 < state.roster().len()
}

fn find<'a>(
    state: &'a EventState,
    right: &RightRef,
    device: DeviceId,
    number: u64,
) -> Option<(&'a Right, &'a Redemption)> {
    let right = state.right(right.serial)?;
    let redemption = right
        .redemptions
        .iter()
        .find(|redemption| redemption.used.device == device && redemption.number == number)?;
    Some((right, redemption))
}

/// Most redemptions that a conflict names. A device that records one ticket thousands of times
/// must not make ledger entries that are too large to read.
const MAX_NAMED: usize = 255;

/// The redemptions that a conflict names beside the one that made it: the newest.
fn newest(redemptions: &[Redemption]) -> &[Redemption] {
    let skipped = redemptions.len().saturating_sub(MAX_NAMED);
    redemptions.split_at_checked(skipped).map_or(redemptions, |(_, newest)| newest)
}

fn accept_use(state: &EventState, used: Use, number: u64) -> Acceptance {
    let empty = Right::default();
    let serial = used.right.serial;
    let right = state.right(serial).unwrap_or(&empty);
    if find(state, &used.right, used.device, number).is_some() {
        return Acceptance::only(EntryFate::AlreadyKnown);
    }
    let sequence = state.cursor().sequence.saturating_add(1);
    let mut append = vec![LedgerBody::Redeemed { used, number }];
    // A key that its device gave up, or that means another ticket, counts like any other use.
    let allowed = state.roster().class(serial).map_or(0, |(_, entries)| u32::from(entries));
    let entering = if used.kind == UseKind::Entry { u32::from(used.count) } else { 0 };
    let exceeds = allowed > 0 && entering > 0 && right.entered().saturating_add(entering) > allowed;
    if !exceeds {
        return Acceptance { append, fate: EntryFate::Accepted };
    }
    let others = newest(&right.redemptions);
    let redemptions = others.iter().map(|other| other.sequence).chain([sequence]).collect();
    append.push(LedgerBody::ConflictFound { serial, redemptions });
    let with = others.iter().map(|other| LastUse::from(&other.used)).collect();
    Acceptance { append, fate: EntryFate::Conflict { with } }
}

fn accept_answer(
    state: &EventState,
    entry: &JournalEntry,
    right: &RightRef,
    interrupted: (DeviceId, u64),
    let_in: bool,
) -> Acceptance {
    let (device, number) = interrupted;
    let Some((known, redemption)) = find(state, right, device, number) else {
        // The interrupted device hasn't delivered its journal yet; the answer is kept for it.
        if !belongs(state, right) {
            return Acceptance::only(EntryFate::Quarantined);
        }
        return Acceptance::append(answer(entry, right, interrupted, let_in));
    };
    let mut append = vec![answer(entry, right, interrupted, let_in)];
    let repeated = known.answered.contains(&interrupted);
    if !repeated || let_in {
        return Acceptance { append, fate: EntryFate::Accepted };
    }
    // Two gates each let the guest of the same interruption in.
    let redemptions = newest(&known.redemptions).iter().map(|other| other.sequence).collect();
    append.push(LedgerBody::ConflictFound { serial: right.serial, redemptions });
    let with = vec![LastUse::from(&redemption.used)];
    Acceptance { append, fate: EntryFate::Conflict { with } }
}

const fn answer(
    entry: &JournalEntry,
    right: &RightRef,
    (device, number): (DeviceId, u64),
    let_in: bool,
) -> LedgerBody {
    LedgerBody::Answered { serial: right.serial, device, number, let_in, by: entry.device }
}
