//! `ticket issue`: by number or from a CSV file, in chunks that a crash can't issue twice.

mod job;
mod plan;
mod report;

use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::{Serial, TypeId},
    token::Mode,
};

use self::{
    job::{Work, work},
    plan::Chunk,
    report::Answer,
};
use super::{args::IssueArgs, context::Context, error::CliError, files::OutDir, progress};
use crate::store::{
    StoreError,
    types::{EventInfo, IssueChunk, NewTicket},
};

/// Issues tickets, draws their codes and lists them. A job that was issued before, wholly or in
/// part, is gone through again: only what is missing is issued, everything is drawn and listed.
///
/// # Errors
/// [`CliError`]; what was issued before it stays issued, and the error names the command that
/// goes on from there.
pub(crate) async fn issue(context: &Context, arguments: IssueArgs) -> Result<(), CliError> {
    let info = context.store.event(arguments.event.event).await?;
    if let Some(id) = arguments.ticket_type {
        known_type(&info, id)?;
    }
    let work = work(context, &info, &arguments).await?;
    let out = &arguments.out;
    let dir = OutDir::open(out).map_err(|error| CliError::file("--out", out, &error))?;
    let content = work.plan.content();
    let begun = context.store.begin_job(context.actor(), info.id, work.job, content).await;
    begun.map_err(|error| match error {
        StoreError::JobContent => CliError::usage(
            error.code(),
            "the job was begun with other tickets: give --type, --count, --csv and --unpaid as then, or leave --job away (with --csv add --again) to issue these as another job",
        ),
        error => error.into(),
    })?;
    if work.named && work.plan.len() > 1_024 {
        // A killed process can't tell it at its end.
        let job = hex::encode(work.job.0);
        context.output.note(&format!("if this is interrupted, `--job {job}` goes on with it"));
    }
    let mut answer = Answer::new(info.id, &work, out);
    match run(context, &info, &work, &arguments, dir, &mut answer).await {
        Ok(()) => answer.tell(context),
        Err(error) => Err(answer.stopped(error)),
    }
}

async fn run(
    context: &Context,
    info: &EventInfo,
    work: &Work,
    arguments: &IssueArgs,
    mut dir: OutDir,
    answer: &mut Answer<'_>,
) -> Result<(), CliError> {
    let event = info.id;
    let unusable = |error: std::io::Error| CliError::file("--out", &arguments.out, &error);
    let progress = progress::bar(work.plan.len(), "tickets");
    for chunk in work.plan.chunks() {
        let Chunk { first_row, ticket_type, rows } = chunk;
        let names: Vec<_> = rows.iter().map(name_of).collect();
        let command = IssueChunk { event, ticket_type, job: work.job, first_row, rows };
        let issued = context.store.issue(context.actor(), command).await?;
        answer.issued(issued);
        let mut drawn = BTreeSet::new();
        if known_type(info, ticket_type)? == Mode::Static {
            let actor = context.actor();
            let shown = context.store.show_static(actor, event, issued.first, issued.count).await?;
            dir.draw(event, &shown).map_err(unusable)?;
            drawn.extend(shown.iter().map(|ticket| ticket.serial));
        }
        let type_name = type_name(context, info, ticket_type);
        for (serial, name) in (issued.first.0..).map(Serial).zip(&names) {
            let drawn = drawn.contains(&serial);
            answer.without_file(u64::from(!drawn));
            dir.list(event, serial, &type_name, name, drawn).map_err(unusable)?;
        }
        progress.inc(u64::from(issued.count));
    }
    progress.finish_and_clear();
    dir.finish().map_err(unusable)
}

/// A type's display mode.
fn known_type(info: &EventInfo, id: TypeId) -> Result<Mode, CliError> {
    let known = info.types.iter().find(|known| known.ticket_type.id == id);
    known.map(|known| known.ticket_type.display).ok_or_else(|| StoreError::TypeUnknown(id).into())
}

/// A type's name in the chosen language.
pub(super) fn type_name(context: &Context, info: &EventInfo, id: TypeId) -> String {
    let known = info.types.iter().find(|known| known.ticket_type.id == id);
    known.map_or_else(
        || id.to_string(),
        |known| context.output.name(&known.ticket_type.name).to_owned(),
    )
}

fn name_of(ticket: &NewTicket) -> String {
    ticket.holder.as_ref().map(|holder| holder.name.clone()).unwrap_or_default()
}
