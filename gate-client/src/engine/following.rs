//! What comes from the server: ledger entries, bundles, and the fate of delivered entries.

use kaisatsu_shared::{
    bundle::{OpenBundle, SignedBundle},
    journal::{JournalBody, JournalEntry},
    ledger::{LedgerBody, SignedCursor},
    sync::{BatchAnswer, EntryFate},
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{Effect, Engine, Now, Record, Write};

impl Engine {
    /// Follows the ledger. Entries already known (a page sent twice) are passed over.
    pub(super) fn follow(
        &mut self,
        entries: Vec<Vec<u8>>,
        end: Option<SignedCursor>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        for bytes in entries {
            let entry = match self.state.apply(&bytes) {
                Ok(entry) => entry,
                Err(kaisatsu_shared::ledger::FoldError::Gap { expected, found })
                    if found < expected =>
                {
                    continue;
                }
                Err(error) => {
                    effects.push(Effect::FeedBroken(error.to_string()));
                    return;
                }
            };
            if let Some(serial) = entry.body.serial()
                && !concerns_many(&entry.body)
            {
                self.overlay.settle(serial, self.state.right(serial));
                self.granted.settle(serial, &self.state);
                self.heard.settle(serial, &self.state);
            }
            if let LedgerBody::Leased { lease, .. } = entry.body
                && is_planted(Fault::LateLeaseRevived)
            {
                self.holdings.revive(lease);
            }
            if is_planted(Fault::LedgerNotKept) && entry.sequence % 50 == 0 {
                continue;
            }
            self.writing.push(Write::Record(Record::Ledger { sequence: entry.sequence, bytes }));
        }
        if let Some(end) = end.filter(|end| end.cursor == self.state.cursor()) {
            self.writing.push(Write::Record(Record::PageEnd(end)));
        }
        self.hand_over(now);
        self.return_received(now);
        self.ask_again(now, effects);
    }

    /// What other gates told through the venue's hub.
    pub(super) fn hear(&mut self, entries: &[JournalEntry]) {
        let here = (self.identity.event, self.identity.device);
        for entry in entries {
            self.heard.note(entry, here, &self.state);
        }
    }

    /// Takes a bundle of this event, unless it is older than the one in use.
    pub(super) fn take_bundle(&mut self, signed: SignedBundle, open: OpenBundle) {
        if open.event != self.identity.event {
            return;
        }
        if let Some(current) = &self.bundle
            && (current.accept_newer(&open).is_err()
                || (current.epoch, current.version) == (open.epoch, open.version))
        {
            return;
        }
        self.bundle = Some(open);
        self.writing.push(Write::Record(Record::Bundle(signed)));
    }

    /// A server that lost what it had acknowledged gets it again; what it got otherwise, by hand, isn't
    /// sent any more.
    pub(super) fn server_has(&mut self, number: u64, entries: Vec<Vec<u8>>) {
        if self.outbox.advance(number) {
            self.acknowledged(number);
        } else if self.outbox.rewind(number, entries) {
            self.writing.push(Write::Record(Record::Acknowledged(number)));
        }
    }

    fn acknowledged(&mut self, number: u64) {
        self.writing.push(Write::Record(Record::Acknowledged(number)));
    }

    pub(super) fn uploaded(&mut self, answer: &BatchAnswer, now: Now, effects: &mut Vec<Effect>) {
        for fate in &answer.entries {
            if !matches!(fate.fate, EntryFate::Conflict { .. }) {
                continue;
            }
            let entry =
                self.outbox.get(fate.number).and_then(|bytes| JournalEntry::decode(bytes).ok());
            if let Some(JournalEntry {
                body: JournalBody::Redeemed { right, .. } | JournalBody::Answered { right, .. },
                number,
                ..
            }) = entry
            {
                effects.push(Effect::Conflict { right, number });
            }
        }
        if !answer.suspicious_times.is_empty() {
            effects.push(Effect::TimesDoubted(answer.suspicious_times.clone()));
        }
        if let Some(number) = self.outbox.acknowledge(answer.acknowledged, now.monotonic) {
            self.acknowledged(number);
        }
        self.return_received(now);
    }
}

/// Whether an entry tells of tickets in bulk, which nothing known only here is about.
const fn concerns_many(body: &LedgerBody) -> bool {
    matches!(
        body,
        LedgerBody::Issued { .. }
            | LedgerBody::Leased { .. }
            | LedgerBody::Recalled { .. }
            | LedgerBody::Transferred { .. }
            | LedgerBody::HandedOn { .. }
    )
}
