//! What the records of a write hold.

use kaisatsu_gate::engine::Record;
use kaisatsu_shared::{
    journal::{JournalBody, JournalEntry},
    lease::Recipient,
};

/// Entries that records say were interrupted.
pub(super) fn interruptions(records: &[Record]) -> impl Iterator<Item = u64> {
    records.iter().filter_map(|record| match record {
        Record::Journal { bytes, .. } => match JournalEntry::decode(bytes).ok()?.body {
            JournalBody::Interrupted { number, .. } => Some(number),
            _ => None,
        },
        _ => None,
    })
}

/// Whether a record lets a guest in.
pub(super) fn admits(record: &Record) -> bool {
    let Record::Journal { bytes, .. } = record else { return false };
    let entry = JournalEntry::decode(bytes);
    entry.is_ok_and(|entry| matches!(entry.body, JournalBody::Redeemed { .. }))
}

/// Whether a write holds what a light or a claim hangs on.
pub(super) fn matters(records: &[Record]) -> bool {
    records.iter().any(|record| match record {
        Record::Intent(_) => true,
        Record::Journal { bytes, .. } => JournalEntry::decode(bytes).is_ok_and(|entry| {
            matches!(
                entry.body,
                JournalBody::Redeemed { .. }
                    | JournalBody::Answered { .. }
                    | JournalBody::Abandoned { .. }
                    | JournalBody::Granted { .. }
                    | JournalBody::GaveUp { .. }
                    | JournalBody::Transferred { to: Recipient::Device(_), .. }
                    | JournalBody::Received { .. }
            )
        }),
        _ => false,
    })
}
