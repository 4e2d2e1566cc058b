//! What the link asks for after the server was restored: the ledger as it is kept here, and the change to the
//! server's new line.

use kaisatsu_shared::{
    journal::{JournalEntry, JournalHead},
    ledger::Cursor,
};

use crate::{
    engine::{Input, KeptLedger, Replacement},
    link::{NewLine, Notice},
    store::{Store as _, StoreError},
};

use super::gate::Gate;

impl Gate {
    /// The ledger as it is kept here.
    pub(super) async fn kept_ledger(&mut self) -> Option<KeptLedger> {
        let read = async {
            let entries = self.store.ledger().await?;
            let ends = self.store.page_ends(self.event(), 0).await?;
            Ok(KeptLedger { installation: self.installation, entries, ends })
        };
        let read: Result<_, StoreError> = read.await;
        read.map_err(|error| self.notice(Notice::unreadable(&error))).ok()
    }

    /// The gate changes over; gives the cursor to follow from.
    pub(super) async fn replaced(&mut self, line: NewLine) -> Cursor {
        let NewLine { common, entries, end } = line;
        let (device, installation) = (self.engine.identity().device, self.installation);
        let read = async { Ok((self.store.ledger().await?, self.store.journal().await?)) };
        let read: Result<_, StoreError> = read.await;
        match read {
            Ok((kept, journal)) => {
                let journal = JournalHead::default()
                    .follow(installation, device, journal.iter().map(Vec::as_slice))
                    .map(|(_, entries): (_, Vec<JournalEntry>)| entries)
                    .unwrap_or_default();
                let replacement = Replacement { kept, common, entries, end, journal };
                self.handle(Input::Replaced(Box::new(replacement))).await;
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
}
