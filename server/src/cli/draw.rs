//! `ticket draw`: files and list of tickets that were issued before.

use std::path::Path;

use kaisatsu_shared::{
    id::{EventId, Serial},
    ledger::MAX_ISSUED,
};
use serde::Serialize;

use super::{context::Context, error::CliError, files::OutDir, issue, progress};
use crate::store::StoreError;

/// How many tickets were drawn, and how many could only be listed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Drawn {
    drawn: u64,
    /// Tickets whose code changes: they have no file.
    without_file: u64,
}

pub(super) async fn draw(
    context: &Context,
    event: EventId,
    first: Serial,
    count: u32,
    path: &Path,
) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Answer<'a> {
        #[serde(flatten)]
        drawn: Drawn,
        out: &'a Path,
    }
    let failed = |error: std::io::Error| CliError::file("--out", path, &error);
    let issued = context.store.stats(event).await?.issued;
    let count = match issued.checked_sub(first.0) {
        None | Some(0) => return Err(StoreError::TicketUnknown(first).into()),
        Some(left) => count.min(left),
    };
    let mut dir = OutDir::open(path).map_err(failed)?;
    let drawn = draw_into(context, event, first, count, path, &mut dir).await?;
    dir.finish().map_err(failed)?;
    Ok(context.output.give(&Answer { drawn, out: path }, || {
        let Drawn { drawn, without_file } = drawn;
        let listed = if without_file > 0 {
            format!(" ({without_file} more tickets are listed without a file: their code changes)")
        } else {
            String::new()
        };
        format!("{drawn} codes in {}{listed}", path.display())
    })?)
}

/// Draws the static tickets among `count` from `first` on, and lists all that aren't void.
pub(super) async fn draw_into(
    context: &Context,
    event: EventId,
    first: Serial,
    count: u32,
    path: &Path,
    dir: &mut OutDir,
) -> Result<Drawn, CliError> {
    let failed = |error: std::io::Error| CliError::file("--out", path, &error);
    let info = context.store.event(event).await?;
    let chunk = u32::try_from(MAX_ISSUED).unwrap_or(u32::MAX);
    let progress = progress::bar(u64::from(count), "tickets");
    let mut sum = Drawn::default();
    for offset in (0..count).step_by(MAX_ISSUED) {
        let Some(from) = first.0.checked_add(offset) else { break };
        let some = chunk.min(count - offset);
        let tickets = context.store.print(context.actor(), event, Serial(from), some).await?;
        let codes: Vec<_> = tickets.iter().filter_map(|ticket| ticket.shown.clone()).collect();
        dir.draw(event, &codes).map_err(failed)?;
        for ticket in &tickets {
            let type_name = issue::type_name(context, &info, ticket.ticket_type);
            let name = ticket.holder.as_ref().map_or("", |holder| holder.name.as_str());
            let drawn = ticket.shown.is_some();
            *(if drawn { &mut sum.drawn } else { &mut sum.without_file }) += 1;
            dir.list(event, ticket.serial, &type_name, name, drawn).map_err(failed)?;
        }
        progress.inc(u64::from(some));
    }
    progress.finish_and_clear();
    Ok(sum)
}
