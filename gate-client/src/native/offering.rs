//! What the link asks for after the server was restored: positions and pages of the kept ledger, and the change
//! to the server's new line.

use kaisatsu_shared::{
    journal::{JournalEntry, JournalHead},
    ledger::{Cursor, LedgerEntry},
    sync::{FeedPage, positions_to_name},
};

use crate::{
    engine::{Input, Replacement},
    link::{Kept, KeptPage, NewLine, Notice},
    store::StoreError,
};

use super::gate::Gate;

impl Gate {
    /// Positions of the kept ledger, and the newest that the server signed.
    pub(super) fn kept(&mut self) -> Kept {
        let event = self.event();
        let read = |gate: &Self| -> Result<Kept, StoreError> {
            let ledger = gate.store.ledger()?;
            let newest = u64::try_from(ledger.len()).unwrap_or(u64::MAX);
            let positions = positions_to_name(newest);
            let positions = positions.iter().filter_map(|at| gate.position(&ledger, *at)).collect();
            let newest = gate.store.page_ends(event, 0)?.pop();
            Ok(Kept { positions, newest })
        };
        read(self).unwrap_or_else(|error| {
            self.notice(Notice::unreadable(&error));
            Kept::default()
        })
    }

    /// The newest of these positions that the kept ledger has.
    pub(super) fn holds(&mut self, positions: &[Cursor]) -> Option<Cursor> {
        let ledger = self.store.ledger().ok()?;
        let has = |position: &&Cursor| {
            self.position(&ledger, position.sequence).is_some_and(|ours| ours.hash == position.hash)
        };
        positions.iter().filter(has).max_by_key(|position| position.sequence).copied()
    }

    /// The pages that follow `after`, as the server once signed them.
    pub(super) fn pages(&mut self, after: Cursor) -> Vec<KeptPage> {
        let read = self
            .store
            .ledger()
            .and_then(|ledger| Ok((ledger, self.store.page_ends(self.event(), after.sequence)?)));
        let (ledger, ends) = match read {
            Ok(read) => read,
            Err(error) => {
                self.notice(Notice::unreadable(&error));
                return Vec::new();
            }
        };
        let mut pages: Vec<KeptPage> = Vec::new();
        let mut at = after;
        for end in ends {
            let place = usize::try_from(at.sequence).ok();
            let last = usize::try_from(end.cursor.sequence).ok();
            let Some(entries) = place.zip(last).and_then(|(first, last)| ledger.get(first..last))
            else {
                break;
            };
            let page = FeedPage { entries: entries.to_vec(), end: end.clone() };
            join(&mut pages, KeptPage { after: at, page });
            at = end.cursor;
        }
        pages
    }

    /// The gate changes over; gives the cursor to follow from.
    pub(super) fn replaced(&mut self, line: NewLine) -> Cursor {
        let NewLine { common, entries, end } = line;
        let (device, installation) = (self.engine.identity().device, self.installation);
        let read = self.store.ledger().and_then(|kept| Ok((kept, self.store.journal()?)));
        match read {
            Ok((kept, journal)) => {
                let journal = JournalHead::default()
                    .follow(installation, device, journal.iter().map(Vec::as_slice))
                    .map(|(_, entries): (_, Vec<JournalEntry>)| entries)
                    .unwrap_or_default();
                let replacement = Replacement { kept, common, entries, end, journal };
                self.handle(Input::Replaced(Box::new(replacement)));
            }
            Err(error) => self.notice(Notice::unreadable(&error)),
        }
        self.engine.state().cursor()
    }

    /// The journal's end and the ledger's, once the server has all of the journal and still waits for it.
    pub(super) fn delivered(&self) -> Option<(JournalHead, Cursor)> {
        let status = self.engine.status();
        let open = self.engine.state().restores().is_open();
        let done = open && status.unsynced == 0 && self.engine.is_idle();
        done.then(|| (self.engine.journal_head(), self.engine.state().cursor()))
    }

    fn position(&self, ledger: &[Vec<u8>], sequence: u64) -> Option<Cursor> {
        let index = usize::try_from(sequence.checked_sub(1)?).ok()?;
        let bytes = ledger.get(index)?;
        let epoch = LedgerEntry::decode(bytes).ok()?.epoch;
        Some(Cursor { epoch, sequence, hash: Cursor::hash_of(self.installation, bytes) })
    }
}

/// Pages of a few entries each are offered together: only the last one's signature is needed.
fn join(pages: &mut Vec<KeptPage>, next: KeptPage) {
    const TOGETHER: usize = kaisatsu_shared::sync::MAX_PAGE_BYTES / 2;
    let size = |page: &FeedPage| page.entries.iter().map(Vec::len).sum::<usize>();
    match pages.last_mut() {
        Some(last) if size(&last.page) + size(&next.page) <= TOGETHER => {
            last.page.entries.extend(next.page.entries);
            last.page.end = next.page.end;
        }
        _ => pages.push(next),
    }
}
