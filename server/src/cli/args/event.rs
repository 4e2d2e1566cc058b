//! Events, their gates, types and rules.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kaisatsu_shared::{
    bundle::Policy,
    id::{EventId, GateId},
    right::UseKind,
    token::Mode,
};

use crate::cli::parse;

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
