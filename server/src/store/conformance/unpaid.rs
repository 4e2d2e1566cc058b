use kaisatsu_shared::{
    id::{EventId, Serial, TypeId},
    ledger::{EventState, LedgerBody, LedgerEntry, MAX_ISSUED},
    sync::ClaimRefusal,
};

use super::harness::{Backend, Harness, cli, refusal};
use crate::store::{StoreError, types::*};

fn chunk(event: EventId, first_row: u64, rows: Vec<NewTicket>) -> IssueChunk {
    IssueChunk { event, ticket_type: TypeId(1), job: JobId([5; 32]), first_row, rows }
}

fn row(unpaid: bool) -> NewTicket {
    NewTicket { unpaid, ..NewTicket::default() }
}

fn is_unpaid(state: &EventState, serial: u32) -> bool {
    state.right(Serial(serial)).is_some_and(|right| right.unpaid)
}

pub(crate) async fn tickets_are_unpaid_from_their_issue_on<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let gate = h.device(event, 1).await;
    h.issue(event, 1, 1).await;
    let rows: Vec<_> = [true, false, true].map(row).into();
    let issued = h.store.issue(cli(), chunk(event, 0, rows.clone())).await.unwrap();
    assert_eq!((issued.first, issued.count), (Serial(1), 3));
    // Whoever follows the ledger entry by entry never sees such a ticket as paid.
    let page = h.store.feed(event, FeedFrom::default()).await.unwrap();
    let mut state = EventState::new(h.store.installation(), event, kaisatsu_shared::id::Epoch(1));
    for bytes in &page.entries {
        state.apply(bytes).unwrap();
        for (serial, unpaid) in [(1, true), (2, false), (3, true)] {
            let known = serial < state.roster().len();
            assert_eq!(is_unpaid(&state, serial), known && unpaid, "{serial}");
        }
    }
    assert_eq!(page.entries.len(), 2, "an entry an issue");
    // Sent again it marks nothing anew.
    let first = Serial(1);
    let mark = async |mark| h.store.mark(cli(), event, first, mark).await.unwrap();
    let info = h.store.ticket(event, first).await.unwrap();
    assert_eq!((info.status, info.unpaid), (TicketStatus::Unpaid, true));
    let claim = async |serial, key| {
        let right = h.right(event, Serial(serial)).await;
        refusal(h.claim(&gate, right, key, &[]).await)
    };
    assert_eq!(claim(1, 1).await, Some(ClaimRefusal::Unpaid));
    assert_eq!(claim(2, 2).await, None);
    assert_eq!(mark(TicketMark::Paid).await.status, TicketStatus::Unused);
    assert!(h.store.issue(cli(), chunk(event, 0, rows)).await.unwrap().repeated);
    let info = h.store.ticket(event, first).await.unwrap();
    assert_eq!((info.status, info.unpaid), (TicketStatus::Unused, false));
    let told: Vec<_> = info.history.iter().map(|row| (row.kind.as_str(), row.paid)).collect();
    assert_eq!(told, [("issued", Some(false)), ("payment", Some(true))]);
    let paid = h.store.ticket(event, Serial(2)).await.unwrap();
    assert_eq!(paid.history[0].paid, None);
    assert_eq!(claim(1, 3).await, None);
    // Who gets the ticket anew owes the same.
    let other = kaisatsu_shared::ledger::ReissueReason::Transferred;
    let info = h.store.reissue(cli(), event, Serial(3), other).await.unwrap();
    assert_eq!(info.status, TicketStatus::Unpaid);
    assert_eq!(claim(3, 4).await, Some(ClaimRefusal::Unpaid));
    // One bad row, and nobody owes anything.
    let mut bad = vec![row(true), row(true)];
    bad[1].validity =
        Some(Validity { from: super::harness::seconds(5), until: super::harness::seconds(5) });
    assert_eq!(h.store.issue(cli(), chunk(event, 3, bad)).await, Err(StoreError::EmptyValidity));
    assert_eq!(h.followed(event).await.roster().len(), 4);
}

pub(crate) async fn a_hundred_thousand_unpaid_tickets_are_a_hundred_entries<B: Backend>(
    h: &Harness<B>,
) {
    let event = h.event().await;
    let (all, mut first_row) = (100_000, 0);
    while first_row < all {
        let count = MAX_ISSUED.min(all - first_row);
        let first = u64::try_from(first_row).unwrap();
        let rows = vec![row(true); count];
        h.store.issue(cli(), chunk(event, first, rows)).await.unwrap();
        first_row += count;
    }
    let state = h.followed(event).await;
    assert_eq!(state.roster().len(), 100_000);
    assert!((0..100_000).all(|serial| is_unpaid(&state, serial)));
    assert_eq!(state.cursor().sequence, 98);
    let page = h.store.feed(event, FeedFrom::default()).await.unwrap();
    let entry = LedgerEntry::decode(&page.entries[0]).unwrap();
    assert!(matches!(entry.body, LedgerBody::Issued { .. }));
    assert!(page.entries[0].len() < MAX_ISSUED * 8 + 256);
}
