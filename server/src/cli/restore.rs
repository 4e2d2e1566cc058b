//! `restore`.

use kaisatsu_shared::id::EventId;

use super::{args::RestoreCommand, context::Context, error::CliError};
use crate::store::types::{ConfirmRestore, Offering, RestoreInfo};

pub(crate) async fn restore(context: &Context, command: RestoreCommand) -> Result<(), CliError> {
    match command {
        RestoreCommand::Begin => begin(context).await,
        RestoreCommand::Status { event } => {
            let info = context.store.restore(event.event).await?;
            Ok(context.output.give(&info, || text(&info))?)
        }
        RestoreCommand::Confirm { event, issued_up_to } => {
            let request = ConfirmRestore { issued_up_to };
            let info = context.store.confirm_restore(context.actor(), event.event, request).await?;
            Ok(context.output.give(&info, || text(&info))?)
        }
    }
}

async fn begin(context: &Context) -> Result<(), CliError> {
    let begun = context.store.begin_restore(context.actor()).await?;
    Ok(context.output.give(&begun, || {
        format!(
            "epoch {} began in {} events; start the server, and let every gate connect.\nThen look at `restore status` for each event, and say with `restore confirm` that its list of devices is complete.",
            begun.epoch, begun.events
        )
    })?)
}

fn text(info: &RestoreInfo) -> String {
    let RestoreInfo { event, epoch, open, confirmed, devices, .. } = info;
    let mut lines = vec![format!("event {event}, epoch {epoch}: {}", stands(*open, info))];
    for device in devices {
        let standing = match device.standing {
            Offering::Offered => "has offered what it has",
            Offering::Awaited => "AWAITED: connect it, or write it off (`device write-off`)",
            Offering::Announced => "not enrolled, as far as is known: if it was, connect it first",
            Offering::Revoked => "revoked",
            Offering::WrittenOff => "written off",
        };
        lines.push(format!(
            "device {} at gate {} ({}): {standing}",
            device.device, device.gate, device.name
        ));
    }
    if *open && !confirmed && info.rolled_back.is_none() {
        lines.push(format!(
            "If these are all devices that were ever used for it: `restore confirm --event {}`",
            EventId(event.0)
        ));
    }
    if info.lost_serials > 0 {
        lines.push(format!(
            "{} ticket numbers may have been issued in what stays lost; they are reviewed at gates",
            info.lost_serials
        ));
    }
    lines.join("\n")
}

fn stands(open: bool, info: &RestoreInfo) -> &'static str {
    match (open, info.rolled_back) {
        (_, Some(_)) => {
            "ROLLED BACK: a gate has what this server lost; stop it, run `restore begin`, start it again"
        }
        (true, None) => "restoring: strict tickets are reviewed and nothing is issued",
        (false, None) => "nothing is awaited",
    }
}
