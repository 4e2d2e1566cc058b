//! Following a restored server: its ledger goes on differently from some entry on. What this gate had after
//! that was offered to the server first; it changes over in one write, so that it never knows less.

use kaisatsu_shared::{
    journal::JournalEntry,
    ledger::{LedgerBody, LedgerEntry, SignedCursor},
    planted::{Fault, is_planted},
};

use super::{
    Effect, Engine, Now, Record, Write,
    overlay::Overlay,
    restoring::{folded, overlay_of},
};

/// The ledger as it goes on after a restore.
#[derive(Debug)]
pub struct Replacement {
    /// The ledger as it is kept here, from its first entry on, in canonical bytes.
    pub kept: Vec<Vec<u8>>,
    /// The last entry that both ledgers have.
    pub common: u64,
    /// What follows it at the server, up to a page's end.
    pub entries: Vec<Vec<u8>>,
    /// That end, as the server signed it.
    pub end: SignedCursor,
    /// The own journal.
    pub journal: Vec<JournalEntry>,
}

impl Engine {
    /// Changes over to the ledger of a higher epoch. One that isn't higher is refused: nobody rolls this gate
    /// back.
    pub(super) fn replace_ledger(
        &mut self,
        replacement: Replacement,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Replacement { kept, common, entries, end, journal } = replacement;
        if end.cursor.epoch <= self.epoch() && !is_planted(Fault::EpochIgnored) {
            effects.push(Effect::FeedBroken("its epoch isn't higher than this one's".to_owned()));
            return;
        }
        let shared = usize::try_from(common).unwrap_or(usize::MAX);
        let (before, dropped) = kept.split_at_checked(shared).unwrap_or((&kept, &[]));
        let state = folded(&self.identity, before.iter().chain(&entries).map(Vec::as_slice));
        let state = match state {
            Ok(state) if state.cursor() == end.cursor => state,
            Ok(_) => {
                effects.push(Effect::FeedBroken("it doesn't lead to its end".to_owned()));
                return;
            }
            Err(error) => {
                effects.push(Effect::FeedBroken(error.to_string()));
                return;
            }
        };
        self.state = state;
        self.overlay = overlay_of(Overlay::new(self.identity.device), &journal, &self.state);
        self.granted.settle_all(&self.state);
        self.heard.settle_all(&self.state);
        for bytes in dropped {
            // What the server couldn't take back is known here all the same.
            if let Ok(LedgerEntry { body: LedgerBody::Redeemed { used, number, .. }, .. }) =
                LedgerEntry::decode(bytes)
            {
                let here = (self.identity.event, self.identity.device);
                self.heard.note_use(number, used, here, &self.state);
            }
        }
        self.writing.push(Write::Record(Record::LedgerCut(common)));
        for (sequence, bytes) in (common.saturating_add(1)..).zip(entries) {
            self.writing.push(Write::Record(Record::Ledger { sequence, bytes }));
        }
        self.writing.push(Write::Record(Record::PageEnd(end)));
        self.hand_over(now);
        self.ask_again(now, effects);
    }
}
