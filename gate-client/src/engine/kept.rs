//! The ledger as a gate keeps it, with the positions that the server signed: what it can offer to a server that was
//! restored.

use kaisatsu_shared::{
    id::InstallationId,
    ledger::{Cursor, LedgerEntry, SignedCursor},
    sync::{FeedPage, Locate, Located, MAX_PAGE_BYTES, positions_to_name},
};

/// Pages of a few entries each are offered together up to so many bytes: only the last one's signature is needed.
const TOGETHER: usize = MAX_PAGE_BYTES / 2;

/// A gate's copy of the ledger.
#[derive(Clone, Debug)]
pub struct KeptLedger {
    /// The installation.
    pub installation: InstallationId,
    /// The entries in canonical bytes, from the first on.
    pub entries: Vec<Vec<u8>>,
    /// Where the server signed its pages, in order.
    pub ends: Vec<SignedCursor>,
}

/// A page as the server once sent it, and what it follows.
#[derive(Clone, Debug)]
pub struct KeptPage {
    /// The position before its first entry.
    pub after: Cursor,
    /// The page.
    pub page: FeedPage,
}

impl KeptLedger {
    /// The question where this ledger and the server's part.
    #[must_use]
    pub fn locate(&self) -> Locate {
        let length = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        let positions = positions_to_name(length);
        let positions = positions.into_iter().filter_map(|at| self.position(at)).collect();
        Locate { positions, newest: self.ends.last().cloned() }
    }

    /// The pages that a server lacks which says where it parts from this ledger. What other gates have offered before
    /// isn't offered again.
    #[must_use]
    pub fn to_offer(&self, located: &Located) -> Vec<KeptPage> {
        let has = |position: &&Cursor| {
            self.position(position.sequence).is_some_and(|ours| ours.hash == position.hash)
        };
        let recovered = located.recovered.iter().filter(has);
        let newest = recovered.max_by_key(|position| position.sequence).copied();
        let from = newest.filter(|newest| newest.sequence > located.common.sequence);
        self.pages_after(from.unwrap_or(located.common))
    }

    /// As the server signed them.
    fn pages_after(&self, after: Cursor) -> Vec<KeptPage> {
        let mut pages: Vec<KeptPage> = Vec::new();
        let mut at = after;
        for end in self.ends.iter().filter(|end| end.cursor.sequence > after.sequence) {
            let first = usize::try_from(at.sequence).ok();
            let last = usize::try_from(end.cursor.sequence).ok();
            let between = first.zip(last).and_then(|(first, last)| self.entries.get(first..last));
            let Some(entries) = between else { break };
            let page = FeedPage { entries: entries.to_vec(), end: end.clone() };
            join(&mut pages, KeptPage { after: at, page });
            at = end.cursor;
        }
        pages
    }

    fn position(&self, sequence: u64) -> Option<Cursor> {
        let index = usize::try_from(sequence.checked_sub(1)?).ok()?;
        let bytes = self.entries.get(index)?;
        let epoch = LedgerEntry::decode(bytes).ok()?.epoch;
        Some(Cursor { epoch, sequence, hash: Cursor::hash_of(self.installation, bytes) })
    }
}

fn join(pages: &mut Vec<KeptPage>, next: KeptPage) {
    let size = |page: &FeedPage| page.entries.iter().map(Vec::len).sum::<usize>();
    match pages.last_mut() {
        Some(last) if size(&last.page) + size(&next.page) <= TOGETHER => {
            last.page.entries.extend(next.page.entries);
            last.page.end = next.page.end;
        }
        _ => pages.push(next),
    }
}
