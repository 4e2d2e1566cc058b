//! `device`.

use kaisatsu_shared::id::{DeviceId, EventId};

use super::{args::DeviceCommand, context::Context, error::CliError, output::table, parse, tails};
use crate::{
    render::{Code, Purpose},
    store::{StoreError, types::AnnounceDevice},
};

pub(crate) async fn device(context: &Context, command: DeviceCommand) -> Result<(), CliError> {
    let (store, output) = (&context.store, context.output);
    match command {
        DeviceCommand::Enrol { event, gate, name, role } => {
            let event = event.event;
            let request = AnnounceDevice { event, gate, name, role, code_lasts: None };
            let made = store.announce_device(context.actor(), request).await?;
            let code = Code::new(&made.code, Purpose::Screen)?;
            output.give(&made, || {
                format!(
                    "{}\n{}\n\ndevice {}: enter the code at the gate, once, before {}",
                    code.terminal(),
                    made.code,
                    made.device,
                    parse::show_time(made.expires_at),
                )
            })?;
        }
        DeviceCommand::Role { device, role, event } => {
            own_device(context, device, event.event).await?;
            let device = store.set_device_role(context.actor(), device, role).await?;
            output.give(&device, || {
                format!("device {} is {}", device.device, parse::word(&device.role))
            })?;
        }
        DeviceCommand::List { event } => {
            // An unknown event is told, where an empty list would be misread.
            let info = store.event(event.event).await?;
            let devices = store.devices(event.event).await?;
            let rows = devices.iter().map(|device| {
                vec![
                    device.device.to_string(),
                    device.name.clone(),
                    device.gate.to_string(),
                    parse::word(&device.role),
                    parse::word(&device.state),
                    device.last_seen.map_or_else(|| "-".to_owned(), parse::show_time),
                    device.journal.number.to_string(),
                    device.undelivered.map_or_else(|| "-".to_owned(), |it| tails::numbers(&it)),
                ]
            });
            let header =
                ["DEVICE", "NAME", "GATE", "ROLE", "STATE", "LAST SEEN", "JOURNAL", "MISSING"];
            let mut text = table(&header, rows);
            for device in &devices {
                let gate = info.gates.iter().find(|gate| gate.id == device.gate);
                let gate = gate.map(|gate| output.name(&gate.name)).unwrap_or_default();
                if let Some(line) = tails::told(device, gate) {
                    text.push('\n');
                    text.push_str(&line);
                }
            }
            output.give(&devices, || text)?;
        }
        DeviceCommand::Revoke { device, event } => {
            own_device(context, device, event.event).await?;
            let device = store.revoke_device(context.actor(), device).await?;
            output.give(&device, || {
                format!("device {} is revoked; it may only deliver its journal", device.device)
            })?;
        }
        DeviceCommand::WriteOff { device, reason, event } => {
            own_device(context, device, event.event).await?;
            let device = store.write_off_device(context.actor(), device, reason).await?;
            output.give(&device, || {
                let lost = match &device.undelivered {
                    Some(missing) => format!(": entries {} lost", tails::numbers(missing)),
                    None => String::new(),
                };
                format!(
                    "device {} is written off{lost}; what it holds by lease stays its own, and what it delivers after all is taken in",
                    device.device
                )
            })?;
        }
    }
    Ok(())
}

/// A device of another event isn't meant.
async fn own_device(context: &Context, device: DeviceId, event: EventId) -> Result<(), CliError> {
    if context.store.device(device).await?.event != event {
        return Err(StoreError::DeviceUnknown(device).into());
    }
    Ok(())
}
