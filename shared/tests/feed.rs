//! Which pages of the feed are believed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use kaisatsu_shared::{
    id::{Epoch, EventId, InstallationId, Serial, TypeId},
    key::RootKey,
    ledger::{Cursor, EventState, LedgerBody, SignedCursor, UnpaidTickets},
    sync::{FeedError, FeedPage},
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

const INSTALLATION: InstallationId = InstallationId([1; 16]);
const EVENT: EventId = EventId(2);

fn root() -> RootKey {
    RootKey::from_seed([9; 32])
}

/// A ledger of four entries, and the cursor after each number of them.
fn ledger() -> (Vec<Vec<u8>>, Vec<Cursor>) {
    let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
    let (mut entries, mut cursors) = (Vec::new(), vec![state.cursor()]);
    for serial in 0..4 {
        let body = LedgerBody::Issued {
            first: Serial(serial),
            ticket_type: TypeId(1),
            entries: 1,
            fingerprints: vec![Fingerprint([7; 8])],
            unpaid: UnpaidTickets::NONE,
        };
        let at = TimeInterval::exact(UnixMillis(1));
        entries.push(state.append(body, at).unwrap().1);
        cursors.push(state.cursor());
    }
    (entries, cursors)
}

fn page(entries: &[Vec<u8>], end: Cursor) -> FeedPage {
    let end = SignedCursor::sign(INSTALLATION, EVENT, end, &root());
    FeedPage { entries: entries.to_vec(), end }
}

fn check(page: &FeedPage, from: Cursor) -> Result<(), FeedError> {
    page.verify(from, INSTALLATION, EVENT, &root().public())
}

#[test]
fn a_page_that_leads_to_its_signed_end_is_believed() {
    let (entries, at) = ledger();
    assert_eq!(check(&page(&entries, at[4]), at[0]), Ok(()));
    assert_eq!(check(&page(&entries[1..3], at[3]), at[1]), Ok(()));
    assert_eq!(check(&page(&[], at[2]), at[2]), Ok(()));
}

#[test]
fn any_other_page_is_not() {
    let (entries, at) = ledger();
    let chain = |from: u64| Err(FeedError::Chain { from });
    // A hole, a wrong start, an end elsewhere, entries missing at the end, changed bytes.
    assert_eq!(check(&page(&[entries[0].clone(), entries[2].clone()], at[3]), at[0]), chain(0));
    assert_eq!(check(&page(&entries[1..], at[4]), at[0]), chain(0));
    assert_eq!(check(&page(&entries[..2], at[3]), at[0]), chain(0));
    assert_eq!(check(&page(&[], at[3]), at[2]), chain(2));
    let mut changed = entries.clone();
    changed[1][70] ^= 1;
    assert_eq!(check(&page(&changed, at[4]), at[0]), chain(0));
    let mut cut = entries.clone();
    cut[3].pop();
    assert_eq!(check(&page(&cut, at[4]), at[0]), chain(0));
    // Signed by another key, or for another event.
    let mut forged = page(&entries, at[4]);
    forged.end = SignedCursor::sign(INSTALLATION, EVENT, at[4], &RootKey::from_seed([8; 32]));
    assert_eq!(check(&forged, at[0]), Err(FeedError::Signature));
    let mut other = page(&entries, at[4]);
    other.end = SignedCursor::sign(INSTALLATION, EventId(3), at[4], &root());
    assert_eq!(check(&other, at[0]), Err(FeedError::Signature));
    // The end of another history.
    let mut elsewhere = at[4];
    elsewhere.hash[0] ^= 1;
    assert_eq!(check(&page(&entries, elsewhere), at[0]), chain(0));
}
