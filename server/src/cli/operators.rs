//! `operator`.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, stdin},
};

use super::{
    args::{OperatorCommand, PinArgument},
    context::Context,
    error::CliError,
    output::{Output, table},
    parse,
};
use crate::store::types::{AddOperator, OperatorPin, Pin};

pub(crate) async fn operator(context: &Context, command: OperatorCommand) -> Result<(), CliError> {
    let (store, output) = (&context.store, context.output);
    match command {
        OperatorCommand::Add { event, label, role, pin } => {
            let pin = read(pin)?;
            let request = AddOperator { event: event.event, label, role, pin };
            let made = store.add_operator(context.actor(), request).await?;
            give(output, &made)
        }
        OperatorCommand::List { event } => {
            // An unknown event is told, where an empty list would be misread.
            store.event(event.event).await?;
            let operators = store.operators(event.event).await?;
            let rows = operators.iter().map(|operator| {
                vec![operator.id.to_string(), operator.label.clone(), parse::word(&operator.role)]
            });
            let text = table(&["OPERATOR", "LABEL", "ROLE"], rows);
            Ok(output.give(&operators, || text)?)
        }
        OperatorCommand::Pin { event, operator, pin } => {
            let pin = read(pin)?;
            let made = store.set_pin(context.actor(), event.event, operator, pin).await?;
            give(output, &made)
        }
        OperatorCommand::Remove { event, operator } => {
            let gone = store.remove_operator(context.actor(), event.event, operator).await?;
            Ok(output.give(&gone, || format!("operator {} is removed", gone.id))?)
        }
    }
}

fn read(argument: PinArgument) -> Result<Option<Pin>, CliError> {
    let Some(path) = argument.pin_file else { return Ok(None) };
    let mut line = zeroize::Zeroizing::new(String::new());
    let read = if path.as_os_str() == "-" {
        stdin().lock().read_line(&mut line)
    } else {
        File::open(&path).and_then(|file| BufReader::new(file).read_line(&mut line))
    };
    read.map_err(|error| {
        CliError::usage(
            "pin_unreadable",
            format_args!("--pin-file: {} can't be read ({error})", path.display()),
        )
    })?;
    Ok(Some(Pin::typed(&line)))
}

fn give(output: Output, made: &OperatorPin) -> Result<(), CliError> {
    let id = made.operator.id;
    let text = match &made.pin {
        Some(pin) => {
            output.note("the PIN is not shown again; tell it to nobody else");
            format!("operator {id}: PIN {pin}")
        }
        None => format!("operator {id}: the PIN is set"),
    };
    Ok(output.give(made, || text)?)
}
