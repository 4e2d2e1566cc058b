//! `time`: what gates are told of the time of day.

use serde_json::json;

use super::{args::TimeCommand, context::Context, error::CliError};

pub(crate) async fn time(context: &Context, command: TimeCommand) -> Result<(), CliError> {
    let TimeCommand::Correct = command;
    let version = context.store.correct_time(context.actor()).await?;
    let now = super::parse::show_time(context.store.now());
    let text = || format!("from now on gates believe this clock again: {now}");
    Ok(context.output.give(&json!({ "version": version, "now": context.store.now() }), text)?)
}
