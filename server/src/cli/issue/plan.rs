//! What will be issued, cut into chunks. Pure: the same plan always gives the same chunks, which
//! is what lets an interrupted job go on.

use kaisatsu_shared::{id::TypeId, ledger::MAX_ISSUED};

use crate::{
    import::HolderRow,
    issuing::Content,
    store::types::{Holder, NewTicket},
};

/// What will be issued, in the order of its serials.
pub(super) enum Plan {
    /// So many tickets of one type, without holders.
    Count { ticket_type: TypeId, count: u32, unpaid: bool },
    /// A ticket a row, rows of one type together.
    Rows(Vec<(TypeId, NewTicket)>),
}

/// One command to the store.
pub(super) struct Chunk {
    pub(super) first_row: u64,
    pub(super) ticket_type: TypeId,
    pub(super) rows: Vec<NewTicket>,
}

impl Plan {
    /// Rows of one type together, otherwise in the file's order.
    pub(super) fn rows(mut rows: Vec<HolderRow>) -> Self {
        rows.sort_by_key(|row| (row.ticket_type, row.line));
        let ticket = |row: HolderRow| {
            let holder = Holder {
                name: row.name,
                kana: row.kana.unwrap_or_default(),
                email: row.email.unwrap_or_default(),
                note: row.note.unwrap_or_default(),
            };
            NewTicket { holder: Some(holder), validity: None, unpaid: row.unpaid }
        };
        Self::Rows(rows.into_iter().map(|row| (row.ticket_type, ticket(row))).collect())
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Count { count, .. } => u64::from(*count),
            Self::Rows(rows) => u64::try_from(rows.len()).unwrap_or(u64::MAX),
        }
    }

    /// The hash of all rows.
    pub(super) fn content(&self) -> [u8; 32] {
        let mut content = Content::default();
        for chunk in self.chunks() {
            chunk.rows.iter().for_each(|row| content.add(chunk.ticket_type, row));
        }
        content.finish()
    }

    /// At most [`MAX_ISSUED`] rows of one type at a time.
    pub(super) fn chunks(&self) -> Box<dyn Iterator<Item = Chunk> + '_> {
        match self {
            Self::Count { ticket_type, count, unpaid } => {
                Box::new((0..*count).step_by(MAX_ISSUED).map(move |first| {
                    let left = usize::try_from(count - first).unwrap_or(usize::MAX);
                    let row = NewTicket { unpaid: *unpaid, ..NewTicket::default() };
                    Chunk {
                        first_row: u64::from(first),
                        ticket_type: *ticket_type,
                        rows: vec![row; left.min(MAX_ISSUED)],
                    }
                }))
            }
            Self::Rows(rows) => {
                let mut first_row = 0;
                let of_one_type = rows.chunk_by(|one, other| one.0 == other.0);
                Box::new(of_one_type.flat_map(|rows| rows.chunks(MAX_ISSUED)).map(move |rows| {
                    let chunk = Chunk {
                        first_row,
                        ticket_type: rows.first().map_or(TypeId(0), |(id, _)| *id),
                        rows: rows.iter().map(|(_, ticket)| ticket.clone()).collect(),
                    };
                    first_row += u64::try_from(rows.len()).unwrap_or(0);
                    chunk
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, ticket_type: u16) -> HolderRow {
        HolderRow {
            line,
            ticket_type: TypeId(ticket_type),
            name: format!("n{line}"),
            kana: None,
            email: None,
            note: None,
            unpaid: line == 3,
        }
    }

    #[test]
    fn chunks_cover_the_plan_without_hole_or_overlap() {
        let shape = |plan: &Plan| -> Vec<_> {
            plan.chunks().map(|c| (c.first_row, c.ticket_type.0, c.rows.len())).collect()
        };
        assert_eq!(
            shape(&Plan::Count { ticket_type: TypeId(3), count: 2_050, unpaid: true }),
            [(0, 3, 1024), (1024, 3, 1024), (2048, 3, 2)]
        );
        let rows = (2..1_500).map(|line| row(line, if line % 2 == 0 { 2 } else { 1 })).collect();
        let plan = Plan::rows(rows);
        assert_eq!(shape(&plan), [(0, 1, 749), (749, 2, 749)]);
        let first = plan.chunks().next().unwrap();
        assert_eq!(first.rows[0].holder.as_ref().unwrap().name, "n3");
        let unpaid: Vec<_> = first.rows.iter().map(|row| row.unpaid).take(3).collect();
        assert_eq!(unpaid, [true, false, false]);
    }
}
