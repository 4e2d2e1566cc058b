//! `lease`.

use super::{args::LeaseCommand, context::Context, error::CliError, output::table};
use crate::store::types::LeaseInfo;

pub(crate) async fn lease(context: &Context, command: LeaseCommand) -> Result<(), CliError> {
    let (store, actor) = (&context.store, context.actor());
    let leases = match command {
        LeaseCommand::Give { event, devices } => store.lease(actor, event.event, devices).await?,
        LeaseCommand::Recall { event, device } => store.recall(actor, event.event, device).await?,
        LeaseCommand::List { event } => {
            // An unknown event is told, where an empty list would be misread.
            store.event(event.event).await?;
            store.leases(event.event).await?
        }
    };
    Ok(context.output.give(&leases, || text(&leases))?)
}

fn text(leases: &[LeaseInfo]) -> String {
    let rows = leases.iter().map(|lease| {
        let (first, last) = (lease.serials.first(), lease.serials.last());
        let state = match (lease.lost, lease.recalled) {
            (true, _) => "lost".to_owned(),
            (false, 0) => "held".to_owned(),
            (false, recalled) => format!("{recalled} recalled"),
        };
        vec![
            lease.lease.to_string(),
            lease.gate.to_string(),
            lease.device.to_string(),
            if first == last { first.to_string() } else { format!("{first}-{last}") },
            lease.serials.count().to_string(),
            state,
        ]
    });
    table(&["LEASE", "GATE", "DEVICE", "TICKETS", "COUNT", "STATE"], rows)
}
