//! `hub`.

use super::{args::HubCommand, context::Context, error::CliError, output::table};
use crate::store::types::HubInfo;

pub(crate) async fn hub(context: &Context, command: HubCommand) -> Result<(), CliError> {
    let (store, actor) = (&context.store, context.actor());
    match command {
        HubCommand::Set { event, device, addresses } => {
            let hub = store.set_hub(actor, event.event, device, addresses).await?;
            Ok(context.output.give(&hub, || format!("device {} is a hub", hub.device))?)
        }
        HubCommand::List { event } => {
            // An unknown event is told, where an empty list would be misread.
            store.event(event.event).await?;
            let hubs = store.hubs(event.event).await?;
            Ok(context.output.give(&hubs, || text(&hubs))?)
        }
        HubCommand::Remove { event, device } => {
            let gone = store.remove_hub(actor, event.event, device).await?;
            Ok(context.output.give(&gone, || format!("device {} is no hub", gone.device))?)
        }
    }
}

fn text(hubs: &[HubInfo]) -> String {
    let rows = hubs.iter().map(|hub| {
        let state = if hub.lost { "revoked" } else { "asked" };
        let (device, gate) = (hub.device.to_string(), hub.gate.to_string());
        vec![device, gate, hub.addresses.join(", "), state.to_owned()]
    });
    table(&["DEVICE", "GATE", "ADDRESSES", "STATE"], rows)
}
