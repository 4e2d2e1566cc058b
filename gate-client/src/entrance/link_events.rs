//! What the link reports.

use kaisatsu_shared::{
    journal::{JournalEntry, JournalHead},
    ledger::{LedgerBody, LedgerEntry},
};

use crate::{
    engine::{Input, LinkState},
    link::{LinkEvent, Notice},
    store::{Notes as _, Store as _, StoreError},
};

use super::gate::Gate;

impl Gate {
    pub(super) async fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Input(Input::Bundle { signed, open }) => {
                let ours = open.event == self.engine.identity().event;
                self.handle(Input::Bundle { signed, open }).await;
                self.hub_rules();
                // Not before the rules themselves are kept.
                if ours && self.disk_fault.is_none() {
                    let accepted = self.store.accept_rules().await;
                    self.keep(accepted);
                }
            }
            LinkEvent::Input(input) => self.handle(input).await,
            LinkEvent::Feed { entries, end, done } => {
                if self.has_unknown_type(&entries) {
                    self.link.refresh();
                }
                self.handle(Input::Feed { entries, end: Some(end) }).await;
                let _ = done.send(self.engine.state().cursor());
            }
            LinkEvent::KeptLedger(done) => {
                let _ = done.send(self.kept_ledger().await);
            }
            LinkEvent::Replaced { line, done } => {
                let _ = done.send(self.replaced(line).await);
            }
            LinkEvent::Delivered(done) => {
                let _ = done.send(self.delivered());
            }
            // What began before the journal was deleted.
            LinkEvent::Session { .. } if self.is_wiped() => {}
            LinkEvent::Session { journal, receipt } => {
                self.ask_time_if_due();
                self.compare_journals(journal).await;
                self.receipted(receipt).await;
            }
            LinkEvent::Time { signed, received } => self.time_answered(&signed, received),
            LinkEvent::Found(found) => self.found(found),
            LinkEvent::Ready => self.ready = true,
            LinkEvent::Revoked(revocation) => self.was_revoked(revocation).await,
            LinkEvent::RulesRefused(code) => {
                let refused = self.store.refuse_rules(code).await;
                self.keep(refused);
                self.handle(Input::Link(LinkState::Refused)).await;
            }
            #[cfg(feature = "native")]
            LinkEvent::Hub(question) => {
                let asked = self.hub.asked(question);
                self.handle(asked).await;
            }
            LinkEvent::Notice(notice) => self.notice(notice),
        }
    }

    fn keep(&mut self, result: Result<(), StoreError>) {
        if let Err(error) = result {
            self.disk_failed(&error);
        }
    }

    fn has_unknown_type(&self, entries: &[Vec<u8>]) -> bool {
        let Some(bundle) = self.engine.bundle() else { return false };
        entries.iter().filter_map(|bytes| LedgerEntry::decode(bytes).ok()).any(|entry| {
            matches!(
                entry.body,
                LedgerBody::Issued { ticket_type, .. } if bundle.ticket_type(ticket_type).is_none()
            )
        })
    }

    /// The server must have the beginning of this journal. If it lost its end (it was restored),
    /// the lost entries are delivered again.
    async fn compare_journals(&mut self, there: JournalHead) {
        let Ok(number) = usize::try_from(there.number) else { return };
        let journal = match self.store.journal().await {
            Ok(journal) => journal,
            // Writing may still work: scans are another matter.
            Err(error) => return self.notice(Notice::unreadable(&error)),
        };
        let here = match number.checked_sub(1) {
            None => Some(JournalHead::default()),
            Some(index) => journal
                .get(index)
                .map(|bytes| JournalEntry::head_of(self.installation, there.number, bytes)),
        };
        if here != Some(there) {
            return self.notice(Notice::journal_differs());
        }
        let entries = journal.get(number..).unwrap_or_default().to_vec();
        self.handle(Input::ServerHas { number: there.number, entries }).await;
    }
}
