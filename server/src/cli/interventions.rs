//! `intervention`: what staff did at gates beyond scanning.

use kaisatsu_shared::id::{GateId, OperatorId};

use super::{args::InterventionCommand, context::Context, error::CliError, output::table, parse};
use crate::store::types::{Export, Intervention, InterventionRow};

pub(crate) async fn intervention(
    context: &Context,
    command: InterventionCommand,
) -> Result<(), CliError> {
    let InterventionCommand::List { event } = command;
    let info = context.store.event(event.event).await?;
    context.store.note_export(context.actor(), Export::Interventions(event.event)).await?;
    let done = context.store.interventions(event.event).await?;
    let gate = |id: GateId| {
        let gate = info.gates.iter().find(|gate| gate.id == id);
        gate.map_or_else(|| id.to_string(), |gate| context.output.name(&gate.name).to_owned())
    };
    let rows = done.iter().map(|row| {
        let (what, why) = told(row.what);
        vec![
            row.sequence.to_string(),
            parse::show_time(row.by.at.middle()),
            gate(row.by.gate),
            row.by.device.to_string(),
            who(row),
            row.serial.to_string(),
            what.to_owned(),
            why,
        ]
    });
    let header = ["ENTRY", "AT", "GATE", "DEVICE", "OPERATOR", "TICKET", "WHAT", "WHY"];
    let text = table(&header, rows);
    Ok(context.output.give(&done, || text)?)
}

/// The operator's number, and what colleagues call them.
fn who(row: &InterventionRow) -> String {
    match (&row.label, row.by.operator) {
        (_, OperatorId(0)) => "nobody".to_owned(),
        (Some(label), operator) => format!("{operator} {label}"),
        (None, operator) => operator.to_string(),
    }
}

/// What was done, and why.
fn told(what: Intervention) -> (&'static str, String) {
    match what {
        Intervention::ByHand { count } => ("by hand", format!("no code shown, {count} in")),
        Intervention::Overridden { count, code, reason } => {
            ("overridden", format!("{}, against {code}, {count} in", reason.name()))
        }
        Intervention::Annulled { of_sequence, way, count, by_hand, .. } => {
            let by_hand = if by_hand { " by hand" } else { "" };
            let way = parse::word(&way);
            ("annulled", format!("takes entry {of_sequence} back ({way}{by_hand}, {count})"))
        }
    }
}
