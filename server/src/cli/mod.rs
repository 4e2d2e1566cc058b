//! The command line. Commands work on the database through the store, also while the server runs.

mod args;
mod carried;
mod context;
mod devices;
mod draw;
mod error;
mod events;
mod files;
mod hubs;
mod interventions;
mod issue;
mod leases;
mod moment;
mod operators;
mod output;
mod parse;
mod progress;
mod proof;
mod quarantine;
mod restore;
mod rules;
mod search;
mod serve;
mod tails;
mod tickets;
mod time;
mod tokens;
mod trial;

use std::process::ExitCode;

use clap::Parser;

use self::{
    args::{Cli, Command, KeyCommand},
    context::Context,
    error::CliError,
    output::Output,
};
use crate::{adapters, vault::MasterKey};

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let json = cli.global.json;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            Err(CliError::failed("no_threads", format_args!("no threads can be started ({error})")))
        }
    };
    done.map_or_else(|error| error.report(json), |()| ExitCode::SUCCESS)
}

/// Help, version, or arguments that can't be understood.
fn refuse(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && json {
        let text = error.render().to_string();
        let first = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let sentence: Vec<_> = first.take_while(|line| !line.starts_with("Usage:")).collect();
        let sentence = sentence.join(" ");
        return CliError::usage("usage", sentence.trim_start_matches("error: ")).report(true);
    }
    // Nobody is left to tell if the terminal is closed.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn run(cli: Cli) -> Result<(), CliError> {
    let Cli { global, command } = cli;
    let output = Output { json: global.json, language: global.lang };
    match command {
        Command::Key(KeyCommand::New) => new_key(output),
        Command::Serve(arguments) => serve::serve(&global, output, arguments).await,
        other => {
            let create = matches!(other, Command::Event(args::EventCommand::Create { .. }));
            let context = Context::open(&global, output, create)?;
            let done = dispatch(&context, other).await;
            let closed = context.store.close().await;
            done?;
            Ok(closed?)
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<(), CliError> {
    match command {
        Command::Event(command) => events::event(context, command).await,
        Command::Gate(command) => events::gate(context, command).await,
        Command::Type(command) => events::ticket_type(context, command).await,
        Command::Rules(command) => rules::rules(context, command).await,
        Command::Ticket(command) => tickets::ticket(context, command).await,
        Command::Device(command) => devices::device(context, command).await,
        Command::Hub(command) => hubs::hub(context, command).await,
        Command::Lease(command) => leases::lease(context, command).await,
        Command::Restore(command) => restore::restore(context, command).await,
        Command::Ledger(command) => proof::ledger(context, command).await,
        Command::Journal(command) => proof::journal(context, command).await,
        Command::Conflict(command) => proof::conflict(context, command).await,
        Command::Quarantine(command) => quarantine::quarantine(context, command).await,
        Command::Intervention(command) => interventions::intervention(context, command).await,
        Command::Operator(command) => operators::operator(context, command).await,
        Command::Token(command) => tokens::token(context, command).await,
        Command::Time(command) => time::time(context, command).await,
        Command::Audit(command) => proof::audit(context, command).await,
        // Handled before a database is opened.
        Command::Key(_) | Command::Serve(_) => Ok(()),
    }
}

fn new_key(output: Output) -> Result<(), CliError> {
    let bytes = adapters::system().random().map_err(crate::store::StoreError::from)?;
    let key = MasterKey::from_bytes(bytes);
    let hex = key.to_hex();
    Ok(output
        .give(&serde_json::json!({ "master_key": hex.as_str() }), || hex.as_str().to_owned())?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
