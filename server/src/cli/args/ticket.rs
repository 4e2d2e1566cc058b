//! Tickets: issue, marks, renewal, codes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kaisatsu_shared::{
    id::{Serial, TypeId},
    ledger::{BlockReason, ReissueReason, VoidReason},
};

use super::EventArg;
use crate::{cli::parse, store::types::JobId};

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
    /// The personal link that opens a ticket on its holder's phone; of several tickets, one that opens them all.
    /// Whoever has it has the ticket. A reissued ticket's older link opens nothing.
    Link {
        /// The tickets' serials.
        #[arg(required = true, value_name = "SERIAL")]
        serials: Vec<Serial>,
        #[command(flatten)]
        event: EventArg,
        /// The server's address, as phones reach it.
        #[arg(
            long,
            env = "KAISATSU_URL",
            default_value = "http://127.0.0.1:8080",
            value_name = "URL"
        )]
        url: String,
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
