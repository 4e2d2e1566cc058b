//! What may be wrong with a page.

use kaisatsu_shared::{
    id::{Epoch, EventId},
    key::RootKey,
    ledger::{Cursor, LedgerEntry, SignedCursor},
    sync::FeedPage,
};

use super::history::History;
use crate::{
    draw::Draw,
    house::{EVENT, INSTALLATION, house},
};

/// The bytes of an entry before what it records.
const HEADER: usize = 65;

/// Entries dropped, repeated, exchanged, changed, made up.
pub(super) fn bend_entries(draw: &mut Draw<'_>, entries: &mut Vec<Vec<u8>>, history: &History) {
    let (index, other) = (draw.below(entries.len()), draw.below(entries.len()));
    let foreign = &history.entries[draw.below(history.entries.len())];
    let Some(entry) = entries.get_mut(index) else {
        entries.push(foreign.clone());
        return;
    };
    match draw.below(9) {
        0 => drop(entries.remove(index)),
        1 => {
            let again = entry.clone();
            entries.insert(other, again);
        }
        2 => entries.swap(index, other),
        3 => entry.clone_from(foreign),
        4 => entries.insert(index, foreign.clone()),
        5 => {
            let place = draw.below(entry.len());
            if let Some(byte) = entry.get_mut(place) {
                *byte ^= draw.byte().max(1);
            }
        }
        6 => entry.truncate(draw.below(entry.len())),
        7 => {
            entry.truncate(HEADER);
            entry.extend_from_slice(draw.piece());
        }
        _ => *entry = draw.piece().to_vec(),
    }
}

/// Numbers and chains the entries anew from `from`, as somebody who has the root key could.
pub(super) fn chain(entries: &mut [Vec<u8>], from: Cursor, epoch: Epoch) -> Cursor {
    let mut at = from;
    for bytes in entries {
        if let Ok(entry) = LedgerEntry::decode(bytes) {
            let sequence = at.sequence.saturating_add(1);
            let event = EVENT;
            *bytes = LedgerEntry { event, epoch, sequence, previous: at.hash, ..entry }.encode();
            let hash = Cursor::hash_of(INSTALLATION, bytes);
            at = Cursor { epoch, sequence, hash };
        }
    }
    at
}

/// The page's end, and whether the root key signed it for this page: an honest server signs only
/// what it has.
pub(super) fn bend_end(draw: &mut Draw<'_>, page: &mut FeedPage, chained: Cursor) -> bool {
    let root = &house().root;
    let mut end = page.end.cursor;
    match draw.below(8) {
        // As it was.
        0 | 1 => return false,
        2 => {
            let byte = draw.below(page.end.signature.0.len());
            page.end.signature.0[byte] ^= draw.byte().max(1);
            return false;
        }
        3 => {
            page.end =
                SignedCursor::sign(INSTALLATION, EVENT, chained, &RootKey::from_seed([98; 32]));
            return false;
        }
        4 => {
            page.end = SignedCursor::sign(INSTALLATION, EventId(8), chained, root);
            return false;
        }
        5 => {
            end.epoch = Epoch(u32::from(draw.byte()));
            end.hash[0] ^= draw.byte();
            end.sequence ^= u64::from(draw.byte());
        }
        _ => end = chained,
    }
    page.end = SignedCursor::sign(INSTALLATION, EVENT, end, root);
    true
}

/// Bytes changed, cut off or added on the way.
pub(super) fn bend_bytes(draw: &mut Draw<'_>, bytes: &mut Vec<u8>) {
    let place = draw.below(bytes.len());
    match draw.below(4) {
        0 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= draw.byte().max(1);
            }
        }
        1 => bytes.truncate(place),
        2 => bytes.extend_from_slice(draw.piece()),
        _ => {
            let piece = draw.piece().to_vec();
            bytes.splice(place..place, piece);
        }
    }
}
