//! What `ticket issue` tells: its answer, or how an interrupted job goes on.

use std::path::Path;

use kaisatsu_shared::id::{EventId, Serial};
use serde::Serialize;

use super::job::Work;
use crate::{
    cli::{
        context::Context,
        error::{CliError, Unfinished},
    },
    import::BadRow,
    store::types::{IssuedChunk, JobId},
};

/// What was issued.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    event: EventId,
    job: JobId,
    /// Tickets issued by this command.
    issued: u64,
    /// Tickets that an earlier run of the same job had issued.
    repeated: u64,
    /// The first serial.
    first: Option<Serial>,
    /// Runs of consecutive serials: the first one and how many.
    serials: Vec<(Serial, u32)>,
    /// Tickets whose code changes, or that were voided meanwhile: they have no file.
    without_file: u64,
    out: &'a Path,
    /// Rows that were left out.
    bad_rows: &'a [BadRow],
    #[serde(skip)]
    named: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn new(event: EventId, work: &'a Work, out: &'a Path) -> Self {
        Self {
            event,
            job: work.job,
            issued: 0,
            repeated: 0,
            first: None,
            serials: Vec::new(),
            without_file: 0,
            out,
            bad_rows: &work.bad,
            named: work.named,
        }
    }

    /// A chunk was issued.
    pub(super) fn issued(&mut self, chunk: IssuedChunk) {
        let count = u64::from(chunk.count);
        *(if chunk.repeated { &mut self.repeated } else { &mut self.issued }) += count;
        self.first.get_or_insert(chunk.first);
        match self.serials.last_mut() {
            Some((first, run)) if first.0.checked_add(*run) == Some(chunk.first.0) => {
                *run = run.saturating_add(chunk.count);
            }
            _ => self.serials.push((chunk.first, chunk.count)),
        }
    }

    /// So many tickets of the chunk have no file.
    pub(super) fn without_file(&mut self, count: u64) {
        self.without_file += count;
    }

    /// The error of a job that stopped: what stays issued, and how it goes on.
    pub(super) fn stopped(self, error: CliError) -> CliError {
        if self.serials.is_empty() {
            return error;
        }
        let go_on = if self.named {
            format!(
                "give the same command with `--job {}` (and without --again)",
                hex::encode(self.job.0)
            )
        } else {
            "give the same command again".to_owned()
        };
        error.unfinished(Unfinished { job: self.job, serials: self.serials }, &go_on)
    }

    pub(super) fn tell(&self, context: &Context) -> Result<(), CliError> {
        for row in self.bad_rows {
            context.output.note(&format!("left out: {row}"));
        }
        if self.without_file > 0 {
            context.output.note(&format!(
                "{} tickets have no file, because their code changes or they are void; `ticket display SERIAL --at TIME` shows a code that changes",
                self.without_file
            ));
        }
        if self.issued == 0 && !self.named {
            context.output.note("this file was issued before; --again issues it once more");
        }
        let text = || {
            let again = if self.repeated > 0 {
                format!(" ({} had been issued by an earlier run)", self.repeated)
            } else {
                String::new()
            };
            format!("{} tickets issued{again}; files in {}", self.issued, self.out.display())
        };
        Ok(context.output.give(self, text)?)
    }
}
