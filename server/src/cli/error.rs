//! How a command fails: a stable code, a sentence that names the flag, and an exit code.

use std::{fmt::Display, io::Write, path::Path, process::ExitCode};

use kaisatsu_shared::{api::Problem, id::Serial};

use crate::{
    config::{DataError, ListenError},
    http::ServeError,
    import::{BadRow, ImportError},
    render::RenderError,
    store::{ErrorKind, StoreError, types::JobId},
    vault::VaultError,
};

/// The code of an answer that nobody reads on, as in `… | head`.
const READER_GONE: &str = "reader_gone";
/// How shells show a process that ended for that reason.
const SIGPIPE_EXIT: u8 = 128 + 13;

/// A failed command.
#[derive(Debug)]
pub(crate) struct CliError {
    /// Whether the caller gave something wrong (exit code 2) or something failed (1).
    usage: bool,
    code: String,
    title: String,
    /// More lines: one a bad row.
    rows: Vec<BadRow>,
    /// What stays done all the same.
    unfinished: Option<Box<Unfinished>>,
}

/// An issue that stopped halfway.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Unfinished {
    /// The job, for `--job`.
    pub(crate) job: JobId,
    /// What is issued and stays so: runs of serials, the first one and how many.
    pub(crate) serials: Vec<(Serial, u32)>,
}

impl CliError {
    /// The caller gave something wrong.
    pub(crate) fn usage(code: &str, title: impl Display) -> Self {
        Self {
            usage: true,
            code: code.to_owned(),
            title: title.to_string(),
            rows: Vec::new(),
            unfinished: None,
        }
    }

    /// Something failed.
    pub(crate) fn failed(code: &str, title: impl Display) -> Self {
        Self { usage: false, ..Self::usage(code, title) }
    }

    /// A file or directory can't be used.
    pub(crate) fn file(flag: &str, path: &Path, error: &std::io::Error) -> Self {
        let shown = path.display();
        Self::failed(
            "file_unusable",
            format_args!("{flag} {shown}: {error}; check path, permissions and disk"),
        )
    }

    /// Rows of a CSV file that can't be used.
    pub(crate) fn rows(rows: Vec<BadRow>, partial: bool) -> Self {
        let advice = if partial {
            "with --partial, too, there must be a row to issue; correct the file"
        } else {
            "correct the file, or add --partial to issue the other rows"
        };
        let title = format!(
            "--csv: {} malformed, and nothing was issued; {advice}",
            if rows.len() == 1 {
                "1 row is".to_owned()
            } else {
                format!("{} rows are", rows.len())
            },
        );
        Self { rows, ..Self::usage("csv_malformed", title) }
    }

    /// The same error of an issue that had issued tickets by then; `go_on` says how it goes on.
    pub(crate) fn unfinished(mut self, unfinished: Unfinished, go_on: &str) -> Self {
        let runs = unfinished.serials.iter().map(|(first, count)| {
            let last = first.0.saturating_add(count.saturating_sub(1));
            format!("{first}-{last}")
        });
        let runs = runs.collect::<Vec<_>>().join(", ");
        let title = core::mem::take(&mut self.title);
        self.title = format!(
            "{title}. Tickets {runs} are issued; {go_on} to issue the rest and get all files"
        );
        self.unfinished = Some(Box::new(unfinished));
        self
    }

    /// Tells what happened on standard error, and how the process ends.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if self.code == READER_GONE {
            return ExitCode::from(SIGPIPE_EXIT);
        }
        let mut out = std::io::stderr().lock();
        // Nobody is left to tell if standard error is closed.
        let _ = if json { self.write_json(&mut out) } else { self.write_text(&mut out) };
        ExitCode::from(if self.usage { 2 } else { 1 })
    }

    fn write_text(&self, out: &mut impl Write) -> std::io::Result<()> {
        for row in &self.rows {
            writeln!(out, "{row}")?;
        }
        writeln!(out, "kaisatsu-server: {}", self.title)
    }

    fn write_json(&self, out: &mut impl Write) -> std::io::Result<()> {
        #[derive(serde::Serialize)]
        struct Full<'a> {
            #[serde(flatten)]
            problem: Problem,
            #[serde(skip_serializing_if = "<[BadRow]>::is_empty")]
            rows: &'a [BadRow],
            #[serde(skip_serializing_if = "Option::is_none")]
            unfinished: Option<&'a Unfinished>,
        }
        let problem = Problem::new(if self.usage { 400 } else { 500 }, &self.code, &self.title);
        serde_json::to_writer(
            &mut *out,
            &Full { problem, rows: &self.rows, unfinished: self.unfinished.as_deref() },
        )?;
        writeln!(out)
    }
}

/// The flag or argument that a store's refusal is about.
const fn flag(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::EventUnknown(_) => Some("--event"),
        StoreError::GateUnknown(_) => Some("--gate"),
        StoreError::TypeUnknown(_) => Some("--type"),
        StoreError::UnknownZone(_) => Some("--zone"),
        StoreError::EmptyValidity => Some("--until"),
        StoreError::TicketUnknown(_) | StoreError::TicketVoided(_) => Some("SERIAL"),
        StoreError::DeviceUnknown(_) => Some("DEVICE"),
        StoreError::TokenIdUnknown(_) => Some("TOKEN"),
        StoreError::DatabaseMissing(_)
        | StoreError::DatabaseCorrupt(_)
        | StoreError::DatabaseLocked
        | StoreError::DatabaseNewer
        | StoreError::DatabaseUnusable(_) => Some("--data"),
        StoreError::Vault(VaultError::Wrong | VaultError::Malformed) => Some("--master-key-file"),
        _ => None,
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let usage = match error.kind() {
            ErrorKind::Invalid | ErrorKind::Conflict => true,
            ErrorKind::NotFound => !matches!(error, StoreError::DatabaseMissing(_)),
            _ => false,
        };
        let title = match flag(&error) {
            Some(flag) => format!("{flag}: {error}"),
            None => error.to_string(),
        };
        Self { usage, ..Self::usage(error.code(), title) }
    }
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let wrong = matches!(error, VaultError::Wrong | VaultError::Damaged(_));
        Self { usage: !wrong, ..StoreError::from(error).into() }
    }
}

impl From<DataError> for CliError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Missing(_) => Self::usage("data_missing", error),
            DataError::Unusable { .. } => Self::failed("data_unusable", error),
        }
    }
}

impl From<ListenError> for CliError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Malformed(_) => Self::usage("listen_malformed", error),
            ListenError::Insecure(_) => Self::usage("listen_insecure", error),
        }
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        Self::failed(error.code(), error)
    }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        let code = match error {
            ImportError::Encoding { .. } => "csv_encoding",
            _ => "csv_unusable",
        };
        Self::usage(code, format_args!("--csv: {error}"))
    }
}

impl From<RenderError> for CliError {
    fn from(error: RenderError) -> Self {
        Self::failed("drawing_failed", error)
    }
}

/// Writing to standard output.
impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // Whoever read the answer has seen enough; there is nothing to tell them.
            return Self::failed(READER_GONE, "the answer's reader is gone");
        }
        Self::failed("output_failed", format_args!("the answer can't be written ({error})"))
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::id::EventId;

    use super::*;

    #[test]
    fn what_the_caller_gave_wrong_is_named_and_exits_with_2() {
        let error = CliError::from(StoreError::EventUnknown(EventId(9)));
        assert!(error.usage && error.title.starts_with("--event: "), "{error:?}");
        let missing = CliError::from(StoreError::DatabaseMissing("/x".to_owned()));
        assert!(!missing.usage, "{missing:?}");
        let locked = CliError::from(StoreError::DatabaseLocked);
        assert!(!locked.usage && locked.title.starts_with("--data: "), "{locked:?}");
        assert!(CliError::from(VaultError::Malformed).usage);
        assert!(!CliError::from(VaultError::Wrong).usage);
    }

    #[test]
    fn json_holds_the_problem_and_every_bad_row() {
        let row = BadRow { line: 3, faults: vec![crate::import::RowFault::UnclosedQuote] };
        let mut out = Vec::new();
        CliError::rows(vec![row], false).write_json(&mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["code"], "csv_malformed");
        assert_eq!(value["rows"][0]["line"], 3);
        assert_eq!(value["rows"][0]["faults"][0]["fault"], "unclosed_quote");
    }
}
