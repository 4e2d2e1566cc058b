//! Reads an organiser's list of ticket holders (CSV) without changing anything: every row that
//! can't be used is reported with its line, so that one correction round is enough.

mod encoding;
mod lines;
mod quotes;
mod row;

pub use row::{HolderRow, RowFault};

use self::lines::Lines;
use kaisatsu_shared::id::TypeId;

/// Most rows of one file; larger lists are split.
pub const MAX_ROWS: usize = 100_000;

/// What follows the file while it is read. If it isn't read as a row of its own, a quotation mark
/// before it was never closed.
const SENTINEL: &str = "\n\u{1}end\u{1}";

/// The columns a file may have, in any order; `type` may be absent where a type is given otherwise,
/// and `unpaid` always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Name,
    Kana,
    Email,
    Type,
    Note,
    Unpaid,
}

impl Column {
    pub(crate) const ALL: [Self; 6] =
        [Self::Name, Self::Kana, Self::Email, Self::Type, Self::Note, Self::Unpaid];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Email => "email",
            Self::Type => "type",
            Self::Note => "note",
            Self::Unpaid => "unpaid",
        }
    }
}

/// Why a file can't be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Another encoding than UTF-8.
    #[error(
        "line {line} is not UTF-8; the file looks like {guess}: save it as \"CSV UTF-8\", or convert it with `iconv -f {iconv} -t UTF-8`"
    )]
    Encoding {
        /// The first line that isn't UTF-8.
        line: u64,
        /// What the file seems to be.
        guess: &'static str,
        /// Its name for `iconv`.
        iconv: &'static str,
    },
    /// Nothing in it.
    #[error("the file is empty; its first line must be `name,kana,email,type,note`")]
    Empty,
    /// Only a header.
    #[error("the file has a header but no rows; add one row for each ticket")]
    NoRows,
    /// Columns that must be there are not.
    #[error("line 1 lacks the column {0}; it must be `name,kana,email,type,note`, in any order")]
    MissingColumn(String),
    /// A column nobody knows.
    #[error(
        "line 1 names the column `{0}`, which is not known; use name, kana, email, type, note and unpaid"
    )]
    UnknownColumn(String),
    /// A column twice.
    #[error("line 1 names the column `{0}` twice; remove one")]
    RepeatedColumn(String),
    /// More rows than one file may have.
    #[error("the file has more than {MAX_ROWS} rows; split it")]
    TooManyRows,
}

/// A row that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BadRow {
    /// The line in the file on which the row begins, from 1.
    pub line: u64,
    /// Everything that is wrong with it.
    pub faults: Vec<RowFault>,
}

impl core::fmt::Display for BadRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "line {}: ", self.line)?;
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Import {
    /// Rows that can be used, in the file's order.
    pub rows: Vec<HolderRow>,
    /// Rows that can't.
    pub bad: Vec<BadRow>,
}

impl Import {
    /// The last row swallowed everything after its quotation mark: it is bad for this reason only.
    fn blame_last_row(&mut self) {
        let good = self.rows.last().map_or(0, |row| row.line);
        let bad = self.bad.last().map_or(0, |row| row.line);
        if good > bad {
            self.rows.pop();
        } else {
            self.bad.pop();
        }
        let line = good.max(bad).max(1);
        self.bad.push(BadRow { line, faults: vec![RowFault::UnclosedQuote] });
    }
}

/// What holds for rows that don't say it themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unsaid {
    /// The type of ticket.
    pub ticket_type: Option<TypeId>,
    /// Whether it still has to be paid.
    pub unpaid: bool,
}

/// Reads a file. `find_type` knows the event's types by number or name.
///
/// # Errors
/// [`ImportError`] for what concerns the file as a whole.
pub fn read(
    file: &[u8],
    find_type: &dyn Fn(&str) -> Option<TypeId>,
    unsaid: Unsaid,
) -> Result<Import, ImportError> {
    let text = encoding::utf8(file)?;
    if text.trim().is_empty() {
        return Err(ImportError::Empty);
    }
    // One kind of line break, so that lines can be counted.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let guarded = format!("{}{SENTINEL}", text.trim_end_matches('\n'));
    let mut lines = Lines::new(&guarded);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(guarded.as_bytes());
    let mut strays = quotes::strays(&guarded).into_iter().peekable();
    let mut records = reader.records();
    let columns = header(records.next(), unsaid.ticket_type.is_some())?;
    let mut import = Import::default();
    let mut ended = false;
    while let Some(record) = records.next() {
        let end = usize::try_from(records.reader().position().byte()).unwrap_or(usize::MAX);
        // The text is UTF-8 and in memory: no other error exists.
        let Ok(record) = record else { continue };
        if record.get(0) == Some(SENTINEL.trim()) {
            ended = true;
            continue;
        }
        if import.rows.len() + import.bad.len() >= MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
        let line = lines.of(&record);
        // Marks in the header are told by the names of its columns.
        while strays.next_if(|stray| *stray < lines.at()).is_some() {}
        let stray = strays.next_if(|stray| *stray < end);
        let row = match stray {
            // What the parser made of the row is not what stands there.
            Some(stray) => Err(vec![RowFault::TextAfterQuote { line: lines.ahead(stray) }]),
            None => row::read(line, &record, &columns, find_type, unsaid),
        };
        match row {
            Ok(row) => import.rows.push(row),
            Err(faults) => import.bad.push(BadRow { line, faults }),
        }
    }
    if !ended {
        import.blame_last_row();
    }
    if import.rows.is_empty() && import.bad.is_empty() {
        return Err(ImportError::NoRows);
    }
    Ok(import)
}

/// Which column stands at which place.
fn header(
    record: Option<csv::Result<csv::StringRecord>>,
    type_given: bool,
) -> Result<Vec<Column>, ImportError> {
    let Some(Ok(record)) = record else { return Err(ImportError::Empty) };
    let mut columns = Vec::with_capacity(record.len());
    for field in &record {
        let name = field.trim();
        let column = Column::ALL
            .into_iter()
            .find(|column| column.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| ImportError::UnknownColumn(name.chars().take(40).collect()))?;
        if columns.contains(&column) {
            return Err(ImportError::RepeatedColumn(column.name().to_owned()));
        }
        columns.push(column);
    }
    let missing: Vec<_> = Column::ALL
        .into_iter()
        .filter(|column| match column {
            Column::Type if type_given => false,
            Column::Unpaid => false,
            _ => !columns.contains(column),
        })
        .map(Column::name)
        .collect();
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(ImportError::MissingColumn(missing.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_TWO: Unsaid = Unsaid { ticket_type: Some(TypeId(2)), unpaid: false };

    fn find(name: &str) -> Option<TypeId> {
        match name {
            "1" | "一般" => Some(TypeId(1)),
            "2" | "VIP" => Some(TypeId(2)),
            _ => None,
        }
    }

    fn lines(text: &str) -> Vec<String> {
        read(text.as_bytes(), &find, Unsaid::default())
            .unwrap()
            .bad
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn lines_are_counted_over_any_break_and_over_empty_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["name,kana,email,type,note", "", "A,,,1,\"x", "y\"", "", ",,,1,", ",,,1,"];
            let bad = read(text.join(end).as_bytes(), &find, Unsaid::default()).unwrap().bad;
            let found: Vec<_> = bad.iter().map(|row| row.line).collect();
            assert_eq!(found, [6, 7], "{end:?}");
        }
    }

    #[test]
    fn rows_are_read_in_any_column_order_with_or_without_bom() {
        let text = "type,email,note,name,kana\r\nVIP,hana@example.jp,\"車椅子, 前列\",山田 花子,ヤマダ ハナコ\r\n1,,,佐藤,\r\n";
        for file in [text.to_owned(), format!("\u{feff}{text}")] {
            let import = read(file.as_bytes(), &find, Unsaid::default()).unwrap();
            assert!(import.bad.is_empty(), "{:?}", import.bad);
            let [first, second] = import.rows.as_slice() else { panic!("two rows") };
            assert_eq!((first.line, second.line), (2, 3));
            assert_eq!(first.name, "山田 花子");
            assert_eq!(first.kana.as_deref(), Some("ヤマダ ハナコ"));
            assert_eq!(first.email.as_deref(), Some("hana@example.jp"));
            assert_eq!(first.note.as_deref(), Some("車椅子, 前列"));
            assert_eq!((first.ticket_type, second.ticket_type), (TypeId(2), TypeId(1)));
            assert_eq!((second.email.as_deref(), second.note.as_deref()), (None, None));
        }
    }

    #[test]
    fn the_type_column_may_be_absent_if_a_type_is_given() {
        let text = "name,kana,email,note\nA,,,\n";
        assert_eq!(
            read(text.as_bytes(), &find, Unsaid::default()).unwrap_err(),
            ImportError::MissingColumn("type".to_owned())
        );
        let import = read(text.as_bytes(), &find, OF_TWO).unwrap();
        assert_eq!(import.rows[0].ticket_type, TypeId(2));
        let empty = "name,kana,email,type,note\nA,,,,\n";
        assert_eq!(read(empty.as_bytes(), &find, OF_TWO).unwrap().rows[0].ticket_type, TypeId(2));
    }

    #[test]
    fn rows_say_whether_they_are_paid_or_the_command_does() {
        let text = "name,unpaid,kana,email,note\nA,yes,,,\nB,NO,,,\nC,,,,\nD,maybe,,,\n";
        for unpaid in [false, true] {
            let import = read(text.as_bytes(), &find, Unsaid { unpaid, ..OF_TWO }).unwrap();
            let said: Vec<_> = import.rows.iter().map(|row| row.unpaid).collect();
            assert_eq!(said, [true, false, unpaid]);
            let bad = import.bad[0].to_string();
            assert_eq!(bad, "line 5: unpaid `maybe` is neither yes nor no");
        }
        let plain = "name,kana,email,note\nA,,,\n";
        let import = read(plain.as_bytes(), &find, Unsaid { unpaid: true, ..OF_TWO }).unwrap();
        assert!(import.rows[0].unpaid, "the column may be absent");
    }

    #[test]
    fn every_bad_row_is_reported_with_its_line() {
        let text = "name,kana,email,type,note\n,,,1,\nA,,nomail,9,\n\"B\nC\",,,1,\nD,,,1\nE,,,1,,\nF,,,1,\n";
        assert_eq!(
            lines(text),
            [
                "line 2: name is empty",
                "line 3: email `nomail` is not an address; type `9` is not one of this event's",
                "line 4: name holds a line break or control character",
                "line 6: has 4 fields, the header has 5",
                "line 7: has 6 fields, the header has 5",
            ]
        );
        assert_eq!(read(text.as_bytes(), &find, Unsaid::default()).unwrap().rows.len(), 1);
    }

    #[test]
    fn an_unclosed_quotation_mark_is_found_where_it_opens() {
        let text = "name,kana,email,type,note\nA,,,1,\nB,\"x,,1,\nC,,,1,\n";
        assert_eq!(lines(text), ["line 3: a quotation mark is opened but never closed"]);
        let import = read(text.as_bytes(), &find, Unsaid::default()).unwrap();
        assert_eq!(import.rows.len(), 1, "the row before it is good");
        let stray = "name,kana,email,type,note\nA,,,1,5\" long\n";
        assert!(lines(stray).is_empty(), "a quotation mark inside a plain field is text");
        let header = "name,kana,email,type,\"note\nA,,,1,\n";
        assert!(read(header.as_bytes(), &find, Unsaid::default()).is_err());
    }

    #[test]
    fn rows_that_a_quotation_mark_swallowed_are_told() {
        let text = "name,kana,email,type,note\nA,,,1,\"x\nB,,,1,\nC,,,1,\"y\nD,,,1,\n\nE,,,1,\"x\"y,\"z\"\n\"F\" ,,,1,\nG,,,1,\"a \"\"b\"\"\"\n";
        let after = |line| {
            format!(
                "text follows a closing quotation mark in line {line}; rows between the marks may be meant as rows: enclose the whole field, and double the marks within it"
            )
        };
        assert_eq!(
            lines(text),
            [
                format!("line 2: {}", after(4)),
                format!("line 7: {}", after(7)),
                format!("line 8: {}", after(8)),
            ]
        );
        let import = read(text.as_bytes(), &find, Unsaid::default()).unwrap();
        let good: Vec<_> = import.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(good, ["D", "G"]);
        assert_eq!(import.rows[1].note.as_deref(), Some("a \"b\""));
    }

    #[test]
    fn headers_are_checked() {
        let error = |text: &str| read(text.as_bytes(), &find, Unsaid::default()).unwrap_err();
        assert_eq!(error(""), ImportError::Empty);
        assert_eq!(error("\u{feff}\n\n"), ImportError::Empty);
        assert_eq!(error("name,kana,email,type,note\n"), ImportError::NoRows);
        assert_eq!(
            error("name,mail,kana,type,note\nA,,,1,\n"),
            ImportError::UnknownColumn("mail".to_owned())
        );
        assert_eq!(
            error("name,name,kana,type,note\nA,,,1,\n"),
            ImportError::RepeatedColumn("name".to_owned())
        );
        assert_eq!(
            error("name,type\nA,1\n"),
            ImportError::MissingColumn("kana, email, note".to_owned())
        );
    }
}
