//! Gate devices, what is leased to them, and their journals.

use std::path::PathBuf;

use clap::Subcommand;
use kaisatsu_shared::id::{DeviceId, GateId};

use super::EventArg;
use crate::store::types::{DeviceRole, Leasable, WriteOffReason};

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Announce a gate device and show its one-time enrolment code.
    Enrol {
        #[command(flatten)]
        event: EventArg,
        /// The gate it will stand at.
        #[arg(long, value_name = "N")]
        gate: GateId,
        /// Its name for people.
        #[arg(long)]
        name: String,
        /// Whether staff stand at it, who may look tickets up and let guests in by hand.
        #[arg(long, default_value = "staffed", value_name = "ROLE")]
        role: DeviceRole,
    },
    /// Say what a device is for.
    Role {
        /// The device's number.
        device: DeviceId,
        /// What it is for.
        role: DeviceRole,
        #[command(flatten)]
        event: EventArg,
    },
    /// List devices.
    List {
        #[command(flatten)]
        event: EventArg,
    },
    /// Take a device's rights away; it may still deliver its journal.
    Revoke {
        /// The device's number.
        device: DeviceId,
        #[command(flatten)]
        event: EventArg,
    },
    /// Say that a device is lost for good, with what it may have written and not delivered. That frees nothing it
    /// holds by lease; a restore doesn't wait for it any more.
    WriteOff {
        /// The device's number.
        device: DeviceId,
        /// Why.
        #[arg(long, default_value = "lost", value_name = "WHY")]
        reason: WriteOffReason,
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LeaseCommand {
    /// Share the tickets that nobody holds, of types with the policy `strict`, among the gates, and free room in
    /// places of hard capacity.
    Give {
        #[command(flatten)]
        event: EventArg,
        /// A device; repeat it for several. Every enrolled one if it is left out.
        #[arg(long = "device", value_name = "N")]
        devices: Vec<DeviceId>,
        /// Only tickets, or only room: tickets to a hub, for one, and room to the lanes.
        #[arg(long, value_name = "WHAT")]
        only: Option<Leasable>,
    },
    /// Ask for leases back; they are once the gate has said so in its journal.
    Recall {
        #[command(flatten)]
        event: EventArg,
        /// The device; every holder if it is left out.
        #[arg(long, value_name = "N")]
        device: Option<DeviceId>,
    },
    /// List leases.
    List {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HubCommand {
    /// Make a device a hub, or give a hub other addresses. Of `strict` tickets it answers for those that
    /// are leased to it: `lease give --device N`.
    Set {
        #[command(flatten)]
        event: EventArg,
        /// The device; it runs `kaisatsu-gate hub`.
        #[arg(value_name = "N")]
        device: DeviceId,
        /// Where gates find it in the venue's network, such as 192.168.1.20:7443; repeat it for several.
        #[arg(long = "address", required = true, value_name = "HOST:PORT")]
        addresses: Vec<String>,
    },
    /// List hubs.
    List {
        #[command(flatten)]
        event: EventArg,
    },
    /// Make a device no hub any more. It keeps its leases.
    Remove {
        #[command(flatten)]
        event: EventArg,
        /// The device.
        #[arg(value_name = "N")]
        device: DeviceId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Write every delivered entry as one JSON line.
    Export {
        /// The device's number.
        #[arg(long, value_name = "N")]
        device: DeviceId,
    },
    /// Take in a journal that was carried here by hand, because its gate can't reach the server: a file
    /// of `kaisatsu-gate journal export --signed`. Done again it records nothing twice.
    Import {
        #[command(flatten)]
        event: EventArg,
        /// The file; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
