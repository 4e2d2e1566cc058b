//! What holds of either store, so of a gate in a page too.

use kaisatsu_shared::{
    bundle::SignedBundle,
    id::{Epoch, EventId},
    journal::JournalHead,
    key::Signature64,
    ledger::{Cursor, SignedCursor},
    time::UnixMillis,
};
use tempfile::TempDir;

use super::{
    DEVICE, enrolment, intent, journal,
    revoked::{revocation, wiped},
    sqlite,
};
use crate::{
    engine::Record,
    store::{
        Directory, Notes as _, Sqlite, Store, StoreError, load,
        rows::{RowStore, memory::Memory},
    },
    time::Floor,
};

/// Where a store is opened again and again, each time as a new start finds it.
trait Place: Default {
    type Store: Store;
    fn open(&self) -> Self::Store;
}

struct Disk {
    _temporary: TempDir,
    directory: Directory,
}

impl Default for Disk {
    fn default() -> Self {
        let (_temporary, directory) = sqlite::directory();
        Self { _temporary, directory }
    }
}

impl Place for Disk {
    type Store = Sqlite;
    fn open(&self) -> Sqlite {
        sqlite::open(&self.directory)
    }
}

impl Place for Memory {
    type Store = RowStore;
    fn open(&self) -> RowStore {
        RowStore::new(std::rc::Rc::new(self.clone()))
    }
}

/// Each test once for each store.
macro_rules! either {
    ($($test:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            on::$test::<Disk>().await;
            on::$test::<Memory>().await;
        }
    )+};
}

either!(
    what_was_applied_is_there_after_a_start,
    a_store_effect_is_written_whole_or_not_at_all,
    a_ledger_is_cut_with_the_signatures_on_it,
    an_acknowledgement_past_the_journal_means_that_its_end_is_lost,
    an_enrolment_cannot_be_replaced,
    what_keeps_it_from_admitting_is_known_after_a_restart,
    the_floor_of_the_time_outlives_a_restart,
    a_revoked_device_keeps_what_it_wrote_until_it_is_wiped,
);

mod on {
    use super::*;

    pub(super) async fn what_was_applied_is_there_after_a_start<P: Place>() {
        let place = P::default();
        let mut store = place.open();
        store.enrol(&enrolment()).await.unwrap();
        let (head, mut records) = journal(JournalHead::default(), 12);
        let bundle = SignedBundle { document: "{}".into(), signature: Signature64([1; 64]) };
        records.extend([
            Record::Intent(intent(1)),
            Record::Intent(intent(2)),
            Record::IntentDone(intent(1).key),
            Record::Bundle(bundle.clone()),
            Record::Acknowledged(1),
            Record::Acknowledged(2),
        ]);
        let ledger: Vec<_> = (1..=11).map(|sequence| vec![sequence]).collect();
        let entries = ledger.iter().cloned().zip(1..);
        records.extend(entries.map(|(bytes, sequence)| Record::Ledger { sequence, bytes }));
        store.apply(&records).await.unwrap();
        drop(store);
        let store = place.open();
        assert_eq!(store.enrolment().await.unwrap(), Some(enrolment()));
        assert_eq!(store.bundle().await.unwrap(), Some(bundle));
        let loaded = load(&store, &enrolment(), DEVICE).await.unwrap();
        assert_eq!(loaded.restored.head, head);
        assert_eq!(loaded.restored.journal.len(), 12);
        assert_eq!((loaded.restored.acknowledged, loaded.restored.outbox.len()), (2, 10));
        assert_eq!(loaded.restored.intents, [intent(2)]);
        assert_eq!(loaded.ledger, ledger, "in order, also past the ninth");
        assert!(loaded.bundle_refused.is_some(), "that bundle wasn't signed by the root key");
    }

    pub(super) async fn a_store_effect_is_written_whole_or_not_at_all<P: Place>() {
        let place = P::default();
        let mut store = place.open();
        let (head, records) = journal(JournalHead::default(), 1);
        store.apply(&records).await.unwrap();
        // The last record contradicts what is there.
        let (_, mut records) = journal(head, 2);
        records.push(Record::Journal { number: 1, bytes: vec![0] });
        assert!(store.apply(&records).await.is_err());
        assert_eq!(store.journal().await.unwrap().len(), 1);
    }

    pub(super) async fn a_ledger_is_cut_with_the_signatures_on_it<P: Place>() {
        let mut store = P::default().open();
        let event = EventId(1);
        let end = |sequence| SignedCursor {
            event,
            cursor: Cursor { epoch: Epoch(1), sequence, hash: [7; 32] },
            signature: Signature64([8; 64]),
        };
        let entry = |sequence| Record::Ledger { sequence, bytes: vec![1] };
        let mut records: Vec<_> = (1..=20).map(entry).collect();
        records.extend([9, 10, 20].map(|sequence| Record::PageEnd(end(sequence))));
        store.apply(&records).await.unwrap();
        assert_eq!(store.page_ends(event, 9).await.unwrap(), [end(10), end(20)]);
        store.apply(&[Record::LedgerCut(10), entry(11)]).await.unwrap();
        assert_eq!(store.page_ends(event, 0).await.unwrap(), [end(9), end(10)]);
        assert_eq!(store.ledger().await.unwrap().len(), 11);
    }

    pub(super) async fn an_acknowledgement_past_the_journal_means_that_its_end_is_lost<P: Place>() {
        let mut store = P::default().open();
        store.apply(&[Record::Acknowledged(1)]).await.unwrap();
        let loaded = load(&store, &enrolment(), DEVICE).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))));
    }

    pub(super) async fn an_enrolment_cannot_be_replaced<P: Place>() {
        let mut store = P::default().open();
        store.enrol(&enrolment()).await.unwrap();
        store.keep_pin_failures(2).await.unwrap();
        assert!(store.enrol(&enrolment()).await.is_err());
        assert_eq!(store.pin_failures().await.unwrap(), 2, "nothing of it was done");
    }

    pub(super) async fn what_keeps_it_from_admitting_is_known_after_a_restart<P: Place>() {
        let place = P::default();
        let mut store = place.open();
        assert_eq!(store.refused().await.unwrap(), None);
        store.keep_note("refused", "device_revoked").await.unwrap();
        store.refuse_rules("rules_newer").await.unwrap();
        drop(store);
        let mut store = place.open();
        assert_eq!(store.refused().await.unwrap().as_deref(), Some("device_revoked"));
        assert_eq!(store.rules_refused().await.unwrap().as_deref(), Some("rules_newer"));
        store.accept_rules().await.unwrap();
        drop(store);
        assert_eq!(place.open().rules_refused().await.unwrap(), None);
    }

    pub(super) async fn the_floor_of_the_time_outlives_a_restart<P: Place>() {
        let place = P::default();
        let mut store = place.open();
        assert_eq!(store.floor().await.unwrap(), Floor::default());
        let floor = Floor { at: UnixMillis(1_790_000_000_000), version: 2, held: None };
        store.keep_floor(floor).await.unwrap();
        drop(store);
        assert_eq!(place.open().floor().await.unwrap(), floor);
    }

    pub(super) async fn a_revoked_device_keeps_what_it_wrote_until_it_is_wiped<P: Place>() {
        let place = P::default();
        let mut store = place.open();
        store.enrol(&enrolment()).await.unwrap();
        let (_, mut records) = journal(JournalHead::default(), 3);
        let bundle = SignedBundle { document: "{}".into(), signature: Signature64([1; 64]) };
        let ledger = Record::Ledger { sequence: 1, bytes: vec![1] };
        let rest = [Record::Bundle(bundle), Record::Intent(intent(1)), ledger];
        records.extend(rest.into_iter().chain([Record::Acknowledged(2)]));
        store.apply(&records).await.unwrap();
        store.keep_pin_failures(3).await.unwrap();
        let floor = Floor { at: UnixMillis(5), version: 1, held: None };
        store.keep_floor(floor).await.unwrap();

        store.revoke(&revocation()).await.unwrap();
        assert!(store.scrub().await.unwrap());
        drop(store);
        let mut store = place.open();
        assert_eq!(store.revocation().await.unwrap(), Some(revocation()));
        assert_eq!(store.ledger().await.unwrap().len(), 0);
        assert_eq!(store.journal().await.unwrap().len(), 3);
        assert_eq!((store.bundle().await.unwrap(), store.intents().await.unwrap()), (None, vec![]));
        assert_eq!((store.acknowledged().await.unwrap(), store.floor().await.unwrap()), (2, floor));
        assert_eq!(store.pin_failures().await.unwrap(), 0);
        assert_eq!(store.enrolment().await.unwrap(), Some(enrolment()));

        store.wipe(&wiped()).await.unwrap();
        assert!(store.finish_wipe().await.unwrap() && store.finish_wipe().await.unwrap());
        drop(store);
        let mut store = place.open();
        assert_eq!(store.wiped().await.unwrap(), Some(wiped()));
        assert_eq!(
            (store.revocation().await.unwrap(), store.enrolment().await.unwrap()),
            (None, None)
        );
        assert_eq!(store.journal().await.unwrap().len(), 0);
        // Nothing more is noted of it, and another device may be enrolled there.
        store.keep_pin_failures(1).await.unwrap();
        assert_eq!(store.pin_failures().await.unwrap(), 0);
        store.enrol(&enrolment()).await.unwrap();
        assert_eq!(store.wiped().await.unwrap(), None);
    }
}
