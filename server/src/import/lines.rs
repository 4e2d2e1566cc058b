//! Lines of a file, counted while its rows are read.

/// Counts lines. The parser's own count is taken before the breaks and empty lines that lead to a
/// row, and so is too low.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line on which a row begins; rows are asked for in order.
    pub(super) fn of(&mut self, record: &csv::StringRecord) -> u64 {
        let parsed = record.position().map_or(0, csv::Position::byte);
        let parsed = usize::try_from(parsed).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at) {
            if self.at >= parsed && *byte != b'\n' {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
    /// Where the row begins that was asked for last, in bytes.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The line of a place within that row.
    pub(super) fn ahead(&self, place: usize) -> u64 {
        let within = self.text.get(self.at..place).unwrap_or_default();
        within.iter().fold(self.line, |line, byte| line + u64::from(*byte == b'\n'))
    }
}
