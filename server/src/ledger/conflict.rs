//! When uses together exceed a right, and what the conflict names: all of them, never one that is right and one that
//! isn't.

use kaisatsu_shared::{
    id::Serial,
    ledger::{EventState, LedgerBody, Redemption, Right},
    planted::{Fault, is_planted},
    right::{Authority, Use},
};

use super::accept::grant_of;

/// Whether a recorded use counts against another one. Taking it back frees the right only from then on: what may have
/// happened before that is a conflict all the same, unless whoever decided knew that it was taken back.
pub(super) fn counts_before(state: &EventState, known: &Redemption, used: &Use) -> bool {
    let Some(annulled) = known.annulled else { return true };
    if is_planted(Fault::AnnulHidesConflict) {
        return false;
    }
    let unaware = heeds(state, known, used) < annulled.sequence;
    unaware && used.at.earliest < annulled.by.at.latest
}

/// Up to which entry of the ledger what happened to another use was certainly known when this one was decided: to the
/// server when it granted, to a lease's holder when it got that, as it admits nobody on a right before it has followed
/// it. What a device recorded itself it knows. What a hub knew that holds no lease, its grant's place in the ledger
/// doesn't tell, nor what one knew that was claimed before a restore.
fn heeds(state: &EventState, other: &Redemption, used: &Use) -> u64 {
    let Some(grant) = grant_of(state, used) else {
        let holder = state.leases().holder(used.right.serial);
        let holder = holder.filter(|lease| lease.device == used.device);
        return match holder {
            Some(_) if other.used.device == used.device => u64::MAX,
            Some(lease) => lease.sequence,
            None => 0,
        };
    };
    match grant.used.authority {
        _ if grant.before_restore => 0,
        Authority::Hub if grant.by_lease => u64::MAX,
        Authority::Hub => 0,
        _ => grant.sequence,
    }
}

/// Most redemptions that a conflict names. A device that records one ticket thousands of times
/// must not make ledger entries that are too large to read.
const MAX_NAMED: usize = 255;

/// The redemptions that a conflict names beside the one that made it: the newest.
pub(super) fn newest(redemptions: &[Redemption]) -> &[Redemption] {
    let skipped = redemptions.len().saturating_sub(MAX_NAMED);
    redemptions.split_at_checked(skipped).map_or(redemptions, |(_, newest)| newest)
}

/// The conflict that `more` makes with a right's uses. What was found before stays in it: an answer that let a second
/// guest in isn't among them.
pub(super) fn conflict(
    right: &Right,
    serial: Serial,
    more: impl IntoIterator<Item = u64>,
) -> LedgerBody {
    let uses = newest(&right.redemptions).iter().map(|used| used.sequence);
    let before = uses.chain(right.conflict.iter().copied());
    let before = before.filter(|_| !is_planted(Fault::ConflictOneSided));
    LedgerBody::ConflictFound { serial, redemptions: latest(before.chain(more).collect()) }
}

/// At most as many sequence numbers as an entry may hold.
fn latest(mut sequences: Vec<u64>) -> Vec<u64> {
    sequences.sort_unstable();
    sequences.dedup();
    let skipped = sequences.len().saturating_sub(MAX_NAMED + 1);
    sequences.drain(..skipped);
    sequences
}
