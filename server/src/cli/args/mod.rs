//! What the command line takes.

mod device;
mod event;
mod people;
mod proof;
mod restore;
mod ticket;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use kaisatsu_shared::reason::Language;

use crate::config::LogFormat;

pub(crate) use device::{DeviceCommand, HubCommand, JournalCommand, LeaseCommand};
pub(crate) use event::{EventArg, EventCommand, GateCommand, RulesCommand, TryArgs, TypeCommand};
pub(crate) use people::{OperatorCommand, PinArgument, TokenCommand};
pub(crate) use proof::{
    AuditCommand, ConflictCommand, InterventionCommand, LedgerCommand, QuarantineCommand,
};
pub(crate) use restore::RestoreCommand;
pub(crate) use ticket::{IssueArgs, MarkArgs, RenewArgs, TicketArg, TicketCommand};

/// Issuer, ledger, claims and feed of Kaisatsu: QR tickets that are used once.
#[derive(Debug, Parser)]
#[command(name = "kaisatsu-server", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Directory of the database.
    #[arg(
        long,
        global = true,
        env = "KAISATSU_DATA",
        default_value = "kaisatsu-data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,
    /// File with the master key; without it the environment's KAISATSU_MASTER_KEY.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) master_key_file: Option<PathBuf>,
    /// Answer in JSON; errors too (on standard error).
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of names in answers: ja or en.
    #[arg(long, global = true, default_value = "en", value_name = "LANG")]
    pub(crate) lang: Language,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the master key that protects the database.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Run the server.
    Serve(ServeArgs),
    /// Events.
    #[command(subcommand)]
    Event(EventCommand),
    /// Entrances.
    #[command(subcommand)]
    Gate(GateCommand),
    /// Ticket types.
    #[command(subcommand)]
    Type(TypeCommand),
    /// Who may enter when, where and how often.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Tickets.
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// Gate devices.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Shares of tickets that one gate alone decides about.
    #[command(subcommand)]
    Lease(LeaseCommand),
    /// Gates that others ask while they can't reach the server.
    #[command(subcommand)]
    Hub(HubCommand),
    /// After the database was put back from a backup.
    #[command(subcommand)]
    Restore(RestoreCommand),
    /// The ledger of an event.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Journals that devices delivered, or that are carried here by hand.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Uses that together exceed what a ticket allows.
    #[command(subcommand)]
    Conflict(ConflictCommand),
    /// Journal entries that were set apart.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// What staff did at gates beyond scanning.
    #[command(subcommand)]
    Intervention(InterventionCommand),
    /// Who may sign in at an event's gates.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// API tokens of organisers.
    #[command(subcommand)]
    Token(TokenCommand),
    /// What gates are told of the time of day.
    #[command(subcommand)]
    Time(TimeCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Print a fresh master key. Keep it outside the database and its backups.
    New,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TimeCommand {
    /// Declare that this machine's clock is right now. Gates that had believed a wrong time go back,
    /// and those that wait for an admin because it is far ahead go by it. Set the clock right first.
    Correct,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", env = "KAISATSU_LISTEN", value_name = "ADDR")]
    pub(crate) listen: String,
    /// Allow an address that other machines reach, without TLS.
    #[arg(long)]
    pub(crate) insecure_http: bool,
    /// Show every event's numbers at / to everybody; only where this machine alone can ask.
    #[arg(long)]
    pub(crate) open_overview: bool,
    /// Write the address in use to this file once the server listens.
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,
    /// How log lines look.
    #[arg(long, value_enum, default_value_t, env = "KAISATSU_LOG_FORMAT")]
    pub(crate) log_format: LogFormat,
    /// Which lines are logged, for instance `debug` or `info,actix_server=warn`.
    #[arg(long, env = "KAISATSU_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Threads that answer requests; one for each core without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) workers: Option<u16>,
}
