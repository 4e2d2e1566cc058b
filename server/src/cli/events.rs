//! `event`, `gate` and `type`.

use super::{
    args::{EventCommand, GateCommand, TypeCommand},
    context::{Context, ORGANISATION},
    error::CliError,
    output::table,
    parse,
};
use crate::store::types::{AddGate, AddType, CreateEvent};

pub(crate) async fn event(context: &Context, command: EventCommand) -> Result<(), CliError> {
    let (store, output) = (&context.store, context.output);
    match command {
        EventCommand::Create { name, gates, zone, policy } => {
            let request = CreateEvent {
                organisation: ORGANISATION,
                name: parse::name(&name),
                zone,
                policy,
                gates: gates.iter().map(|name| parse::name(name)).collect(),
            };
            let event = store.create_event(context.actor(), request).await?;
            output.give(&event, || format!("event {}", event.id))?;
        }
        EventCommand::List => {
            let events = store.events(Some(ORGANISATION)).await?;
            let mut rows = Vec::new();
            let mut lines = Vec::new();
            for event in events {
                let stats = store.stats(event.id).await?;
                rows.push(vec![
                    event.id.to_string(),
                    output.name(&event.name).to_owned(),
                    event.zone.clone(),
                    stats.issued.to_string(),
                    stats.entered.to_string(),
                    stats.inside.to_string(),
                    stats.conflicts.to_string(),
                    stats.undelivered.to_string(),
                ]);
                lines.push(serde_json::json!({ "event": event, "stats": stats }));
            }
            let header =
                ["EVENT", "NAME", "ZONE", "ISSUED", "ADMITTED", "INSIDE", "CONFLICTS", "MISSING"];
            output.give(&lines, || table(&header, rows))?;
        }
        EventCommand::RotateKey { event } => {
            let key = store.rotate_key(context.actor(), event.event).await?;
            output.give(&key, || {
                format!("key {} signs new tickets of event {}", key.id, event.event)
            })?;
        }
    }
    Ok(())
}

pub(crate) async fn gate(context: &Context, command: GateCommand) -> Result<(), CliError> {
    let GateCommand::Add { name, event } = command;
    let request = AddGate { event: event.event, name: parse::name(&name) };
    let gate = context.store.add_gate(context.actor(), request).await?;
    Ok(context.output.give(&gate, || format!("gate {}", gate.id))?)
}

pub(crate) async fn ticket_type(context: &Context, command: TypeCommand) -> Result<(), CliError> {
    let TypeCommand::Add { name, event, from, until, entries, display, gates, renewing } = command;
    let request = AddType {
        event: event.event,
        name: parse::name(&name),
        entries,
        display,
        gates,
        valid_from: from,
        valid_until: until,
        renewing,
    };
    let made = context.store.add_type(context.actor(), request).await?;
    Ok(context.output.give(&made, || format!("type {}", made.ticket_type.id))?)
}
