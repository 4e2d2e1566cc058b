//! What was recorded.

use clap::Subcommand;
use kaisatsu_shared::id::EventId;

use super::EventArg;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Check the whole chain.
    Verify {
        #[command(flatten)]
        event: EventArg,
    },
    /// Write every entry as one JSON line.
    Export {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConflictCommand {
    /// List conflicts with both sides.
    List {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List entries of revoked devices, of forks, and those that don't fit the event.
    List {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InterventionCommand {
    /// List guests let in by hand or against the rules, and uses taken back.
    List {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List who did what, newest last.
    List {
        /// Only rows of this event.
        #[arg(long, value_name = "N")]
        event: Option<EventId>,
        /// At most so many of the newest rows.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
    },
}
