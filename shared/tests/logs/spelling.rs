//! Each entry has one spelling, and no bytes are taken for what they aren't.

use kaisatsu_shared::{
    id::{DeviceId, GateId, LeaseId, SlotId, ZoneId},
    journal::JournalEntry,
    ledger::{LedgerBody, LedgerEntry},
    place::Place,
    sync::FeedPage,
    time::{TimeInterval, UnixMillis},
};
use proptest::prelude::*;

use super::{
    draw::{journal_entry, ledger_body, ledger_entry},
    following::issued,
};

const NOW: TimeInterval = TimeInterval::exact(UnixMillis(1));

proptest! {
    #[test]
    fn journal_entries_have_one_spelling(entry in journal_entry()) {
        let bytes = entry.encode();
        prop_assert_eq!(JournalEntry::decode(&bytes), Ok(entry));
        prop_assert!(JournalEntry::decode(&bytes[..bytes.len() - 1]).is_err());
        prop_assert!(JournalEntry::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn ledger_entries_have_one_spelling(entry in ledger_entry()) {
        let bytes = entry.encode();
        prop_assert_eq!(LedgerEntry::decode(&bytes), Ok(entry));
        prop_assert!(LedgerEntry::decode(&bytes[..bytes.len() - 1]).is_err());
        prop_assert!(LedgerEntry::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_entry(
        journal in journal_entry(),
        ledger in ledger_entry(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut bytes = journal.encode();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(other) = JournalEntry::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
        let mut bytes = ledger.encode();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(other) = LedgerEntry::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_handled(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(entry) = JournalEntry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), &bytes[..]);
        }
        if let Ok(entry) = LedgerEntry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), &bytes[..]);
        }
        let _ = FeedPage::decode(&bytes);
    }

    #[test]
    fn folding_anything_never_panics_nor_half_applies(
        bodies in proptest::collection::vec(ledger_body(), 0..30),
    ) {
        let mut state = issued(4);
        for body in bodies {
            let before = state.clone();
            if state.append(body, TimeInterval::exact(UnixMillis(1))).is_err() {
                prop_assert_eq!(&state, &before);
            }
        }
    }
}

#[test]
fn shares_have_their_layout_and_are_of_somebody() {
    let ledger = |body| LedgerEntry::encode(&issued(1).next_entry(body, NOW));
    let (lease, device, gate) = (LeaseId(1), DeviceId(2), GateId(3));
    for (place, spelled) in [
        (Place::Venue, vec![0]),
        (Place::Zone(ZoneId(4)), vec![1, 0, 4]),
        (Place::Slot(SlotId(5)), vec![2, 0, 5]),
    ] {
        let bytes = ledger(LedgerBody::ShareLeased { lease, device, gate, place, persons: 6 });
        let tail = [&[23, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3][..], &spelled, &[0, 0, 0, 6]].concat();
        assert!(bytes.ends_with(&tail), "{place:?}: {bytes:?}");
    }
    for (persons, fits) in [(0, false), (1, true), (u32::MAX, true)] {
        let place = Place::Venue;
        for body in [
            LedgerBody::ShareLeased { lease, device, gate, place, persons },
            LedgerBody::ShareRecalled { lease, persons },
            LedgerBody::ShareTransferred { lease, persons, number: 1 },
        ] {
            assert_eq!(LedgerEntry::decode(&ledger(body.clone())).is_ok(), fits, "{body:?}");
        }
    }
}
