//! Operators and programs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kaisatsu_shared::{
    id::{EventId, OperatorId},
    operator::Role,
};

use super::EventArg;
use crate::{cli::parse, store::types::Permission};

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
