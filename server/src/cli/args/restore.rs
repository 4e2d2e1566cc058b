//! `restore`.

use clap::Subcommand;
use kaisatsu_shared::id::Serial;

use super::EventArg;

#[derive(Debug, Subcommand)]
pub(crate) enum RestoreCommand {
    /// Begin a new epoch. Stop the server, put the database back from its backup, run this, start the server:
    /// gates then give back what the backup doesn't have.
    Begin,
    /// Show which gates have given back what they have.
    Status {
        #[command(flatten)]
        event: EventArg,
    },
    /// Say that the list of devices is complete. Once each of them has given back what it has, strict tickets
    /// are admitted and tickets are issued again.
    Confirm {
        #[command(flatten)]
        event: EventArg,
        /// The highest ticket number known to be sold, from whoever sells them: numbers up to it are never
        /// given again.
        #[arg(long, value_name = "SERIAL")]
        issued_up_to: Option<Serial>,
    },
}
