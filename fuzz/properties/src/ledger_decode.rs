//! Bytes are refused, or are the one spelling of a ledger entry; folding them never panics.

use kaisatsu_shared::{
    id::{Epoch, EventId, InstallationId, Serial, TypeId},
    ledger::{EventState, LedgerBody, LedgerEntry, UnpaidTickets},
    sync::FeedPage,
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

/// Plays the input: an entry, or a page of the feed.
pub fn holds(data: &[u8]) {
    let _ = FeedPage::decode(data);
    let Ok(entry) = LedgerEntry::decode(data) else { return };
    assert_eq!(entry.encode(), data);
    let at = TimeInterval::exact(UnixMillis(0));
    let mut state = EventState::new(InstallationId([0; 16]), EventId(1), Epoch(0));
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: TypeId(1),
        entries: 1,
        fingerprints: vec![Fingerprint([0; 8]); 8],
        unpaid: UnpaidTickets::NONE,
    };
    assert!(state.append(issued, at).is_ok());
    let before = state.clone();
    if state.append(entry.body, at).is_err() {
        assert_eq!(state, before);
    }
}
