//! `quarantine`: journal entries that were kept but have no effect, such as both sides of a fork.

use kaisatsu_shared::journal::JournalEntry;

use super::{args::QuarantineCommand, context::Context, error::CliError, output::table, parse};
use crate::store::types::{Export, QuarantineRow};

pub(crate) async fn quarantine(
    context: &Context,
    command: QuarantineCommand,
) -> Result<(), CliError> {
    let QuarantineCommand::List { event } = command;
    // An unknown event is told, where an empty list would be misread.
    context.store.note_export(context.actor(), Export::Quarantine(event.event)).await?;
    let entries = context.store.quarantine(event.event).await?;
    let rows = entries.iter().map(|entry| {
        vec![
            entry.device.to_string(),
            entry.number.to_string(),
            parse::word(&entry.reason),
            kind(entry).to_owned(),
            parse::show_time(entry.at),
            hex::encode(&entry.bytes),
        ]
    });
    let header = ["DEVICE", "ENTRY", "WHY", "KIND", "RECEIVED", "BYTES"];
    let text = table(&header, rows);
    Ok(context.output.give(&entries, || text)?)
}

/// What the entry says, as `journal export` names it.
fn kind(entry: &QuarantineRow) -> &'static str {
    // It was checked when it came. What isn't an entry is a signed end, which begins differently.
    JournalEntry::decode(&entry.bytes).map_or("signed_head", |entry| entry.body.name())
}
