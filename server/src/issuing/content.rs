//! What a job is to issue, as one hash: under a job's name nothing else may be issued.

use kaisatsu_shared::id::TypeId;
use sha2::{Digest, Sha256};

use crate::store::types::NewTicket;

/// Hashes rows one after the other, whatever chunks they come in.
#[derive(Clone, Debug, Default)]
pub struct Content(Sha256);

impl Content {
    /// Adds a job's next row.
    pub fn add(&mut self, ticket_type: TypeId, row: &NewTicket) {
        self.0.update(ticket_type.0.to_be_bytes());
        // 0 and 1 are what they were before tickets could be issued as unpaid.
        let paid = if row.unpaid { 2 } else { 0 };
        match &row.validity {
            None => self.0.update([paid]),
            Some(validity) => {
                self.0.update([paid + 1]);
                self.0.update(validity.from.0.to_be_bytes());
                self.0.update(validity.until.0.to_be_bytes());
            }
        }
        match &row.holder {
            None => self.0.update([0]),
            Some(holder) => {
                self.0.update([1]);
                for text in [&holder.name, &holder.kana, &holder.email, &holder.note] {
                    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
                    self.0.update(length.to_be_bytes());
                    self.0.update(text);
                }
            }
        }
    }

    /// The hash of all rows.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::time::UnixSeconds;

    use super::*;
    use crate::store::types::{Holder, Validity};

    fn of(rows: &[(u16, NewTicket)]) -> [u8; 32] {
        let mut content = Content::default();
        rows.iter().for_each(|(id, row)| content.add(TypeId(*id), row));
        content.finish()
    }

    #[test]
    fn every_part_of_every_row_counts() {
        let named = |name: &str, kana: &str| NewTicket {
            holder: Some(Holder {
                name: name.to_owned(),
                kana: kana.to_owned(),
                ..Holder::default()
            }),
            ..NewTicket::default()
        };
        let validity = Validity { from: UnixSeconds(1), until: UnixSeconds(2) };
        let plain = NewTicket::default();
        let all = [
            of(&[]),
            of(&[(1, plain.clone())]),
            of(&[(2, plain.clone())]),
            of(&[(1, plain.clone()), (1, plain.clone())]),
            of(&[(1, NewTicket { validity: Some(validity), ..plain.clone() })]),
            of(&[(1, NewTicket { unpaid: true, ..plain.clone() })]),
            of(&[(1, NewTicket { validity: Some(validity), unpaid: true, ..plain })]),
            of(&[(1, named("ab", "c"))]),
            of(&[(1, named("a", "bc"))]),
            of(&[(1, named("a", "b")), (1, named("c", ""))]),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[place + 1..].contains(one), "{place}");
        }
    }

    #[test]
    fn jobs_of_paid_tickets_keep_the_hash_that_they_were_begun_with() {
        let holder = Holder { name: "n".to_owned(), ..Holder::default() };
        let validity = Validity { from: UnixSeconds(1), until: UnixSeconds(2) };
        let row =
            NewTicket { holder: Some(holder), validity: Some(validity), ..NewTicket::default() };
        let mut before = Sha256::new();
        before.update([0, 1, 0, 0]);
        before.update([0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1]);
        before.update([0, 0, 0, 0, 0, 0, 0, 1, b'n']);
        before.update([0; 24]);
        assert_eq!(of(&[(1, NewTicket::default()), (1, row)]), <[u8; 32]>::from(before.finalize()));
    }
}
