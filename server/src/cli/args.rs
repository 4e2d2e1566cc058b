//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use kaisatsu_shared::{
    bundle::Policy,
    id::{DeviceId, EventId, GateId, OperatorId, Serial, TypeId},
    ledger::{BlockReason, ReissueReason, VoidReason},
    operator::Role,
    reason::Language,
    right::UseKind,
    token::Mode,
};

use super::parse;
use crate::{
    config::LogFormat,
    store::types::{DeviceRole, JobId, Leasable, Permission},
};

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

#[derive(Debug, Subcommand)]
pub(crate) enum EventCommand {
    /// Create an event; makes the database if there is none.
    Create {
        /// Name, in one language or as `日本語/English`.
        name: String,
        /// Names of gates; they get the numbers 1, 2, 3 …
        #[arg(long = "gate", value_name = "NAME")]
        gates: Vec<String>,
        /// IANA time zone.
        #[arg(long, default_value = "Asia/Tokyo")]
        zone: String,
        /// Who has the last word where the server can't be asked: available or online-only.
        #[arg(long, default_value = "available", value_parser = parse::policy)]
        policy: Policy,
    },
    /// List events.
    List,
    /// Sign new tickets with a new key; older tickets stay good.
    RotateKey {
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EventArg {
    /// The event's number.
    #[arg(long, value_name = "N")]
    pub(crate) event: EventId,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Add an entrance.
    Add {
        /// Name, in one language or as `日本語/English`.
        name: String,
        #[command(flatten)]
        event: EventArg,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Print an event's rules as JSON, to be edited and set again.
    Show {
        #[command(flatten)]
        event: EventArg,
    },
    /// Try what a scan would end with, and why. Nothing is recorded.
    Try(TryArgs),
    /// Set an event's rules from a JSON file such as `rules show` prints.
    Set {
        #[command(flatten)]
        event: EventArg,
        /// The file; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TryArgs {
    #[command(flatten)]
    pub(crate) event: EventArg,
    /// The ticket's serial, or the text of a code; `-` reads the text from standard input, where
    /// other users of the machine can't see it.
    #[arg(long, value_name = "SERIAL|CODE|-")]
    pub(crate) ticket: String,
    /// The gate, by number.
    #[arg(long, value_name = "N")]
    pub(crate) gate: GateId,
    /// The time: `now`, RFC 3339, or without offset in the event's zone: `2027-05-15T10:00`, or today's
    /// `10:00`. `A..B` is a clock that isn't sure.
    #[arg(long, default_value = "now", value_name = "TIME")]
    pub(crate) at: String,
    /// Which way the guest goes: entry or exit.
    #[arg(long, default_value = "entry", value_parser = parse::direction, value_name = "WAY")]
    pub(crate) direction: UseKind,
    /// At a gate that is cut off and decides alone.
    #[arg(long)]
    pub(crate) offline: bool,
    /// How many persons staff count, where the ticket is a group's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) persons: Option<u8>,
    /// What staff see on the guest's ID, where the rules ask for one: match or mismatch.
    #[arg(long, value_name = "WORD", value_parser = parse::identity)]
    pub(crate) identity: Option<bool>,
    /// The guest's answer to the type's question, by its place from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) choice: Option<u8>,
    /// The guest shows no code and is let in by hand; who is signed in: none, staff or lead.
    #[arg(long, value_name = "ROLE", value_parser = parse::signed_in)]
    pub(crate) by_hand: Option<parse::SignedIn>,
    /// Whether staff say that such a guest is the ticket's holder: yes or no.
    #[arg(long, value_name = "WORD", requires = "by_hand", value_parser = parse::yes_or_no)]
    pub(crate) holder: Option<bool>,
    /// Rules to try before they are set, in a file such as `rules show` prints.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TypeCommand {
    /// Add a type of ticket.
    Add {
        /// Name, in one language or as `日本語/English`.
        name: String,
        #[command(flatten)]
        event: EventArg,
        /// Valid from this time (RFC 3339).
        #[arg(long, value_parser = parse::time, value_name = "TIME")]
        from: kaisatsu_shared::time::UnixSeconds,
        /// Valid until just before this time (RFC 3339).
        #[arg(long, value_parser = parse::time, value_name = "TIME")]
        until: kaisatsu_shared::time::UnixSeconds,
        /// Admissions one ticket allows; 0 is without limit.
        #[arg(long, default_value_t = 1, value_name = "N")]
        entries: u8,
        /// How a phone shows it: static or clock.
        #[arg(long, default_value = "static", value_parser = parse::mode)]
        display: Mode,
        /// Gates it may use, by number, separated by commas; without it every gate.
        #[arg(long, value_delimiter = ',', value_name = "N")]
        gates: Vec<GateId>,
        /// Its tickets renew: they stay, and `ticket renew` says how long each is valid. This can't be
        /// changed once tickets were issued.
        #[arg(long)]
        renewing: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TicketCommand {
    /// Issue tickets and draw their codes.
    Issue(IssueArgs),
    /// Make a ticket unusable.
    Void {
        #[command(flatten)]
        ticket: TicketArg,
        /// Why: refunded, lost, abuse or other.
        #[arg(long, default_value = "other", value_parser = parse::void_reason)]
        reason: VoidReason,
    },
    /// Let nobody in on a ticket for the time being.
    Block {
        #[command(flatten)]
        ticket: TicketArg,
        /// Why, as staff read it: lost, stolen, fraud, dispute, banned or office.
        #[arg(long)]
        reason: BlockReason,
    },
    /// Let a blocked ticket admit again.
    Unblock {
        #[command(flatten)]
        ticket: TicketArg,
    },
    /// Note that tickets are paid.
    Paid(MarkArgs),
    /// Note that tickets still have to be paid. The event's rules say what they get at a gate.
    Unpaid(MarkArgs),
    /// Renew tickets of a type that renews: the same codes go on until another time.
    Renew(RenewArgs),
    /// Replace a ticket; the older code stops working.
    Reissue {
        #[command(flatten)]
        ticket: TicketArg,
        /// Why: lost, transferred, device, correction or other. After a transfer, staff read that the
        /// older ticket went to somebody else.
        #[arg(long, default_value = "other")]
        reason: ReissueReason,
        /// Directory for the new code's files (static types).
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Show a ticket and what happened to it.
    Show {
        #[command(flatten)]
        ticket: TicketArg,
    },
    /// Look tickets up by number or by their holder's name. Who did is on record, what they looked for isn't.
    Search {
        #[command(flatten)]
        event: EventArg,
        /// The ticket's serial, or parts of the name or its reading; `-` reads it from standard input,
        /// where other users of the machine can't see it.
        #[arg(value_name = "SERIAL|NAME|-")]
        text: String,
    },
    /// Draw the codes of tickets that were issued before (static types).
    Draw {
        /// The first serial.
        first: Serial,
        /// How many.
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        count: u32,
        #[command(flatten)]
        event: EventArg,
        /// Directory for the codes (PNG, SVG) and tickets.csv.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// The text that a phone shows for a ticket at a time.
    Display {
        #[command(flatten)]
        ticket: TicketArg,
        /// The time (RFC 3339, or `now`).
        #[arg(long, default_value = "now", value_parser = parse::time_or_now, value_name = "TIME")]
        at: parse::TimeOrNow,
        /// Draw the code into this file (.png or .svg); static types only.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TicketArg {
    /// The ticket's serial.
    pub(crate) serial: Serial,
    #[command(flatten)]
    pub(crate) event: EventArg,
}

#[derive(Debug, Args)]
pub(crate) struct MarkArgs {
    /// The tickets' serials.
    #[arg(required = true, value_name = "SERIAL")]
    pub(crate) serials: Vec<Serial>,
    #[command(flatten)]
    pub(crate) event: EventArg,
    /// How many, from each serial on. Of several, voided ones stay as they are; done again, it goes on
    /// where it stopped.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
}

#[derive(Debug, Args)]
pub(crate) struct RenewArgs {
    #[command(flatten)]
    pub(crate) ticket: TicketArg,
    /// How many, from this serial on; voided ones are left out. Done again, it goes on where it stopped.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
    /// Valid until just before this time (RFC 3339).
    #[arg(long, value_parser = parse::time, value_name = "TIME")]
    pub(crate) until: kaisatsu_shared::time::UnixSeconds,
    /// Valid from this time (RFC 3339); without it, each from when it is valid now.
    #[arg(long, value_parser = parse::time, value_name = "TIME")]
    pub(crate) from: Option<kaisatsu_shared::time::UnixSeconds>,
    /// Also where a ticket is then valid for less time than now.
    #[arg(long)]
    pub(crate) shorten: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["count", "csv"]))]
pub(crate) struct IssueArgs {
    #[command(flatten)]
    pub(crate) event: EventArg,
    /// The type, by number. With --csv: of rows that name none.
    #[arg(long = "type", value_name = "N", required_unless_present = "csv")]
    pub(crate) ticket_type: Option<TypeId>,
    /// Issue so many tickets without holders.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: Option<u32>,
    /// Issue one ticket for each row: name,kana,email,type,note, and unpaid (yes or no) where it differs.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// The tickets still have to be paid; `ticket paid` tells later that they are. With --csv: of rows
    /// that don't say.
    #[arg(long)]
    pub(crate) unpaid: bool,
    /// Issue the good rows although others are malformed.
    #[arg(long, requires = "csv")]
    pub(crate) partial: bool,
    /// Issue a file again that was issued before.
    #[arg(long, requires = "csv")]
    pub(crate) again: bool,
    /// Go on with the job that an interrupted issue named.
    #[arg(long, conflicts_with = "again", value_parser = parse::job, value_name = "ID")]
    pub(crate) job: Option<JobId>,
    /// Directory for the codes (PNG, SVG) and tickets.csv.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

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
pub(crate) enum OperatorCommand {
    /// Add an operator and print their PIN, once.
    Add {
        #[command(flatten)]
        event: EventArg,
        /// What colleagues call them, such as a post: `North Gate`. Not a full name.
        #[arg(long, value_name = "TEXT")]
        label: String,
        /// `lead` may let guests in against the rules, take back any scan and set a gate's time.
        #[arg(long, default_value = "staff", value_parser = parse::role, value_name = "ROLE")]
        role: Role,
        #[command(flatten)]
        pin: PinArgument,
    },
    /// List an event's operators.
    List {
        #[command(flatten)]
        event: EventArg,
    },
    /// Give an operator another PIN.
    Pin {
        #[command(flatten)]
        event: EventArg,
        /// Their number.
        #[arg(value_name = "N")]
        operator: OperatorId,
        #[command(flatten)]
        pin: PinArgument,
    },
    /// Remove an operator. Gates know it within a minute, where they are online.
    Remove {
        #[command(flatten)]
        event: EventArg,
        /// Their number.
        #[arg(value_name = "N")]
        operator: OperatorId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PinArgument {
    /// A file whose first line is the PIN, 6 to 12 digits; `-` is standard input. Without it one is
    /// drawn. It can't be an argument: others see those.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an API token and print it, once.
    Create {
        /// Its name for people.
        name: String,
        /// What it may do, separated by commas; `all` is everything.
        #[arg(long, value_delimiter = ',', required = true, value_parser = parse::permissions, value_name = "PERMISSION")]
        allow: Vec<Vec<Permission>>,
        /// Events it is for, by number, separated by commas; without it every event.
        #[arg(long, value_delimiter = ',', value_name = "N")]
        event: Vec<EventId>,
        /// When it stops working (RFC 3339).
        #[arg(long, value_parser = parse::time, value_name = "TIME")]
        expires: Option<kaisatsu_shared::time::UnixSeconds>,
    },
    /// List API tokens, without their secrets.
    List,
    /// Revoke an API token.
    Revoke {
        /// Its number, as `token list` shows it.
        token: u32,
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
