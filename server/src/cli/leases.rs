//! `lease`.

use kaisatsu_shared::place::Place;

use super::{args::LeaseCommand, context::Context, error::CliError, output::table};
use crate::store::types::{GiveLeases, LeaseInfo, LeasedInfo};

pub(crate) async fn lease(context: &Context, command: LeaseCommand) -> Result<(), CliError> {
    let (store, actor) = (&context.store, context.actor());
    let leases = match command {
        LeaseCommand::Give { event, devices, only } => {
            store.lease(actor, event.event, GiveLeases { devices, only }).await?
        }
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
        let state = match (lease.lost, lease.recalled) {
            (true, _) => "lost".to_owned(),
            (false, 0) => "held".to_owned(),
            (false, recalled) => format!("{recalled} recalled"),
        };
        vec![
            lease.lease.to_string(),
            lease.gate.to_string(),
            lease.device.to_string(),
            what(&lease.what),
            lease.what.count().to_string(),
            state,
        ]
    });
    table(&["LEASE", "GATE", "DEVICE", "WHAT", "COUNT", "STATE"], rows)
}

fn what(what: &LeasedInfo) -> String {
    match what {
        LeasedInfo::Serials(serials) if serials.count() == 1 => {
            format!("ticket {}", serials.first())
        }
        LeasedInfo::Serials(serials) => format!("tickets {}-{}", serials.first(), serials.last()),
        LeasedInfo::Room { place: Place::Venue, .. } => "room in the venue".to_owned(),
        LeasedInfo::Room { place: Place::Zone(zone), .. } => format!("room in zone {zone}"),
        LeasedInfo::Room { place: Place::Slot(slot), .. } => format!("room in slot {slot}"),
    }
}
