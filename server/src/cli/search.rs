//! `ticket search`.

use std::io::Read as _;

use kaisatsu_shared::{id::EventId, sync::SearchQuery};

use super::{context::Context, error::CliError, output::table};

pub(crate) async fn search(
    context: &Context,
    event: EventId,
    text: String,
) -> Result<(), CliError> {
    let query = query_of(text)?;
    let found = context.store.find_tickets(context.actor(), event, query).await?;
    let types = context.store.event(event).await?.types;
    let output = context.output;
    // Most events have no lanes.
    let lanes = found.tickets.iter().any(|ticket| ticket.lane.is_some());
    let rows = found.tickets.iter().map(|ticket| {
        let kind = types.iter().find(|known| known.ticket_type.id == ticket.ticket_type);
        let kind = kind.map(|known| output.name(&known.ticket_type.name).to_owned());
        let mut row = vec![
            ticket.serial.to_string(),
            ticket.name.clone().unwrap_or_default(),
            ticket.kana.clone().unwrap_or_default(),
            kind.unwrap_or_else(|| ticket.ticket_type.to_string()),
            output.name(&ticket.text).to_owned(),
            ticket.entered.to_string(),
        ];
        if lanes {
            let lane = ticket.lane.as_ref().map_or("", |lane| output.name(&lane.name));
            row.push(lane.to_owned());
        }
        row
    });
    let mut header = vec!["TICKET", "NAME", "READING", "TYPE", "STATE", "ENTERED"];
    if lanes {
        header.push("LANE");
    }
    let mut text = table(&header, rows);
    if found.more {
        text.push_str("\n\nThere are more; give more of the name.");
    }
    Ok(output.give(&found, || text)?)
}

fn query_of(text: String) -> Result<SearchQuery, CliError> {
    let text = match text.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| {
                CliError::usage(
                    "search_unreadable",
                    format_args!(
                        "-: standard input can't be read ({error}); give a serial or a name there"
                    ),
                )
            })?;
            text
        }
        _ => text,
    };
    let text = text.trim();
    Ok(text.parse().map_or_else(|_| SearchQuery::Name(text.to_owned()), SearchQuery::Code))
}
