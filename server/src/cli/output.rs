//! Answers on standard output: for people, or as JSON.

use std::io::{self, Write};

use comfy_table::{Table, presets::NOTHING};
use kaisatsu_shared::reason::{Language, LocalText};
use serde::Serialize;

/// How answers are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) language: Language,
}

impl Output {
    /// Writes `value` as one JSON line, or the text for people.
    ///
    /// # Errors
    /// If standard output can't be written to.
    pub(crate) fn give<T: Serialize + ?Sized>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        let mut answer = Vec::new();
        if self.json {
            serde_json::to_writer(&mut answer, value)?;
        } else {
            answer = text().into_bytes();
        }
        if !answer.ends_with(b"\n") {
            answer.push(b'\n');
        }
        self.lines(&answer)
    }

    /// Writes whole lines, at once.
    ///
    /// # Errors
    /// If standard output can't be written to; a reader that is gone ends the command quietly
    /// ([`super::CliError`]).
    pub(crate) fn lines(self, lines: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(lines)?;
        out.flush()
    }

    /// Something worth knowing beside the answer, for people only.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// A name in the chosen language.
    pub(crate) fn name(self, name: &LocalText) -> &str {
        name.get(self.language)
    }
}

/// A plain table.
pub(crate) fn table<R: IntoIterator<Item = Vec<String>>>(header: &[&str], rows: R) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header.iter().copied());
    let mut empty = true;
    for row in rows {
        table.add_row(row);
        empty = false;
    }
    if empty { "none".to_owned() } else { table.trim_fmt() }
}
