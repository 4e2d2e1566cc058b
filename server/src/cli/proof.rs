//! `ledger`, `journal`, `conflict` and `audit`.

use kaisatsu_shared::id::{DeviceId, EventId};

use super::{
    args::{AuditCommand, ConflictCommand, JournalCommand, LedgerCommand},
    carried,
    context::Context,
    error::CliError,
    output::table,
    parse, progress,
};
use crate::{
    export::{self, ConflictShown},
    store::types::{AuditQuery, Export},
};

/// Entries read at a time.
const PAGE: u32 = 512;

pub(crate) async fn ledger(context: &Context, command: LedgerCommand) -> Result<(), CliError> {
    match command {
        LedgerCommand::Verify { event } => {
            let spinner = progress::spinner("checking the ledger");
            let report = context.store.verify_ledger(event.event).await;
            spinner.finish_and_clear();
            let report = report?;
            Ok(context.output.give(&report, || {
                format!(
                    "ledger of event {}: {} entries hold together, {} tickets, {} uses, {} conflicts\nhead {}",
                    report.event,
                    report.entries,
                    report.tickets,
                    report.redemptions,
                    report.conflicts,
                    hex::encode(report.head.hash),
                )
            })?)
        }
        LedgerCommand::Export { event } => export_ledger(context, event.event).await,
    }
}

async fn export_ledger(context: &Context, event: EventId) -> Result<(), CliError> {
    let store = &context.store;
    store.note_export(context.actor(), Export::Ledger(event)).await?;
    let progress = progress::beside_output(store.stats(event).await?.head, "entries");
    let mut after = 0;
    loop {
        let page = store.ledger(event, after, PAGE).await?;
        let Some(last) = page.rows.last() else { break };
        after = last.sequence;
        let mut lines = Vec::new();
        for row in &page.rows {
            export::ledger_line(&row.bytes, store.installation(), &mut lines)?;
        }
        context.output.lines(&lines)?;
        progress.set_position(after);
    }
    progress.finish_and_clear();
    Ok(())
}

pub(crate) async fn journal(context: &Context, command: JournalCommand) -> Result<(), CliError> {
    match command {
        JournalCommand::Export { device } => export_journal(context, device).await,
        JournalCommand::Import { event, file } => {
            carried::import(context, event.event, &file).await
        }
    }
}

async fn export_journal(context: &Context, device: DeviceId) -> Result<(), CliError> {
    let store = &context.store;
    store.note_export(context.actor(), Export::Journal(device)).await?;
    let progress = progress::beside_output(store.device(device).await?.journal.number, "entries");
    let mut after = 0;
    loop {
        let page = store.journal(device, after, PAGE).await?;
        let Some(last) = page.rows.last() else { break };
        after = last.number;
        let mut lines = Vec::new();
        for row in &page.rows {
            export::journal_line(&row.bytes, store.installation(), &mut lines)?;
        }
        context.output.lines(&lines)?;
        progress.set_position(after);
    }
    let device = store.device(device).await?;
    if let Some(missing) = &device.undelivered {
        let mut line = Vec::new();
        export::undelivered_line(&device, missing, &mut line)?;
        context.output.lines(&line)?;
    }
    progress.finish_and_clear();
    Ok(())
}

pub(crate) async fn conflict(context: &Context, command: ConflictCommand) -> Result<(), CliError> {
    let ConflictCommand::List { event } = command;
    let info = context.store.event(event.event).await?;
    context.store.note_export(context.actor(), Export::Conflicts(event.event)).await?;
    let conflicts: Vec<ConflictShown> =
        context.store.conflicts(event.event).await?.into_iter().map(ConflictShown::from).collect();
    let gate = |id| {
        let gate = info.gates.iter().find(|gate| gate.id == id);
        gate.map_or_else(|| id.to_string(), |gate| context.output.name(&gate.name).to_owned())
    };
    let rows = conflicts.iter().flat_map(|conflict| {
        let uses = conflict.uses.iter().map(|used| {
            vec![
                conflict.serial.to_string(),
                conflict.allowed.to_string(),
                gate(used.gate),
                used.device.to_string(),
                used.operator.to_string(),
                parse::show_time(used.at.middle()),
                parse::word(&used.authority),
            ]
        });
        let answers = conflict.answers.iter().map(|answer| {
            vec![
                conflict.serial.to_string(),
                conflict.allowed.to_string(),
                gate(answer.by.gate),
                answer.by.device.to_string(),
                answer.by.operator.to_string(),
                parse::show_time(answer.by.at.middle()),
                if answer.let_in { "was in already" } else { "let in after interruption" }.into(),
            ]
        });
        uses.chain(answers).collect::<Vec<_>>()
    });
    let header = ["TICKET", "ALLOWED", "GATE", "DEVICE", "OPERATOR", "USED AT", "DECIDED BY"];
    let text = table(&header, rows);
    Ok(context.output.give(&conflicts, || text)?)
}

pub(crate) async fn audit(context: &Context, command: AuditCommand) -> Result<(), CliError> {
    let AuditCommand::List { event, limit } = command;
    // Of every organisation: who has the machine sees all of it, also what belongs to none, such
    // as a failed enrolment.
    let query = AuditQuery {
        organisation: None,
        before: None,
        object: event.map(|event| format!("event/{event}")),
        limit: Some(limit),
    };
    let mut rows = context.store.audit(query).await?;
    rows.reverse();
    let lines = rows.iter().map(|row| {
        vec![
            row.sequence.to_string(),
            parse::show_time(row.at),
            format!("{} {}", row.actor.kind.name(), row.actor.id),
            row.actor.address.clone().unwrap_or_else(|| "-".to_owned()),
            row.action.clone(),
            row.object.clone(),
            row.outcome.clone(),
        ]
    });
    let header = ["ROW", "AT", "WHO", "FROM", "WHAT", "TO", "OUTCOME"];
    let text = table(&header, lines);
    Ok(context.output.give(&rows, || text)?)
}
