//! One row: who gets a ticket of which type.

use kaisatsu_shared::id::TypeId;

use super::{Column, Unsaid};
use crate::issuing::{MAX_EMAIL, MAX_NAME, MAX_NOTE};

/// A usable row. Personal data: it never goes into a log; its `Debug` form shows the line only.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// The type of ticket.
    pub ticket_type: TypeId,
    /// The holder's name.
    pub name: String,
    /// Its reading.
    pub kana: Option<String>,
    /// Where the ticket may be sent.
    pub email: Option<String>,
    /// The organiser's note.
    pub note: Option<String>,
    /// Whether the ticket still has to be paid.
    pub unpaid: bool,
}

impl core::fmt::Debug for HolderRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HolderRow(line {})", self.line)
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum RowFault {
    /// More or fewer fields than the header.
    #[error("has {found} fields, the header has {expected}")]
    FieldCount {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// Opened and never closed.
    #[error("a quotation mark is opened but never closed")]
    UnclosedQuote,
    /// A closing quotation mark isn't followed by a comma or the line's end.
    #[error(
        "text follows a closing quotation mark in line {line}; rows between the marks may be meant as rows: enclose the whole field, and double the marks within it"
    )]
    TextAfterQuote {
        /// The line of that text.
        line: u64,
    },
    /// A field that must be filled.
    #[error("{column} is empty")]
    Empty {
        /// The column.
        column: &'static str,
    },
    /// Longer than can be kept.
    #[error("{column} has more than {most} characters")]
    TooLong {
        /// The column.
        column: &'static str,
        /// The most it may have.
        most: usize,
    },
    /// Something that belongs to no name or address.
    #[error("{column} holds a line break or control character")]
    Control {
        /// The column.
        column: &'static str,
    },
    /// Not an e-mail address.
    #[error("email `{value}` is not an address")]
    Email {
        /// What stands there, cut to 40 characters.
        value: String,
    },
    /// Not a type of the event.
    #[error("type `{value}` is not one of this event's")]
    UnknownType {
        /// What stands there, cut to 40 characters.
        value: String,
    },
    /// Something else than yes or no.
    #[error("unpaid `{value}` is neither yes nor no")]
    Unpaid {
        /// What stands there, cut to 40 characters.
        value: String,
    },
    /// Neither the row nor the command names a type.
    #[error("type is empty; fill it in or give --type")]
    NoType,
}

/// Reads a row, or tells everything that is wrong with it.
pub(super) fn read(
    line: u64,
    record: &csv::StringRecord,
    columns: &[Column],
    find_type: &dyn Fn(&str) -> Option<TypeId>,
    unsaid: Unsaid,
) -> Result<HolderRow, Vec<RowFault>> {
    if record.len() != columns.len() {
        let (found, expected) = (record.len(), columns.len());
        return Err(vec![RowFault::FieldCount { found, expected }]);
    }
    let field = |column: Column| {
        let place = columns.iter().position(|other| *other == column)?;
        record.get(place).map(str::trim).filter(|text| !text.is_empty())
    };
    let mut faults = Vec::new();
    if field(Column::Name).is_none() {
        faults.push(RowFault::Empty { column: Column::Name.name() });
    }
    for (column, most) in [
        (Column::Name, MAX_NAME),
        (Column::Kana, MAX_NAME),
        (Column::Email, MAX_EMAIL),
        (Column::Note, MAX_NOTE),
    ] {
        check_text(column, field(column).unwrap_or_default(), most, &mut faults);
    }
    if let Some(email) = field(Column::Email)
        && !is_address(email)
    {
        faults.push(RowFault::Email { value: cut(email) });
    }
    let ticket_type = match field(Column::Type) {
        Some(text) => find_type(text).or_else(|| {
            faults.push(RowFault::UnknownType { value: cut(text) });
            None
        }),
        None => unsaid.ticket_type.or_else(|| {
            faults.push(RowFault::NoType);
            None
        }),
    };
    let unpaid = match field(Column::Unpaid) {
        None => unsaid.unpaid,
        Some(text) if text.eq_ignore_ascii_case("yes") => true,
        Some(text) if text.eq_ignore_ascii_case("no") => false,
        Some(text) => {
            faults.push(RowFault::Unpaid { value: cut(text) });
            false
        }
    };
    let owned = |column| field(column).map(str::to_owned);
    match (ticket_type, owned(Column::Name)) {
        (Some(ticket_type), Some(name)) if faults.is_empty() => Ok(HolderRow {
            line,
            ticket_type,
            name,
            kana: owned(Column::Kana),
            email: owned(Column::Email),
            note: owned(Column::Note),
            unpaid,
        }),
        _ => Err(faults),
    }
}

fn check_text(column: Column, text: &str, most: usize, faults: &mut Vec<RowFault>) {
    if text.chars().count() > most {
        faults.push(RowFault::TooLong { column: column.name(), most });
    }
    // A note may have paragraphs.
    let allowed = |c: char| column == Column::Note && matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        faults.push(RowFault::Control { column: column.name() });
    }
}

/// Whether the text is laid out like an address. Whether it exists, only sending tells.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !matches!(c, ',' | ';' | '<' | '>' | '"');
    !local.is_empty()
        && !local.contains('@')
        && text.chars().all(plain)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.jp", "first.last+x@mail.example.co.jp", "花子@例え.jp"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "a@", "@b.jp", "a@b", "a b@c.jp", "a@b..jp", "a@b@c.jp", "a@b.jp,c"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn rows_are_not_printed() {
        let row = HolderRow {
            line: 7,
            ticket_type: TypeId(1),
            name: "山田".to_owned(),
            kana: None,
            email: Some("a@b.jp".to_owned()),
            note: None,
            unpaid: false,
        };
        assert_eq!(format!("{row:?}"), "HolderRow(line 7)");
    }
}
