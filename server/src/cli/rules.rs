//! `rules`.

use std::{io::Read as _, path::Path};

use super::{args::RulesCommand, context::Context, error::CliError, trial};
use crate::store::types::{EventInfo, GateRules, RuleSet, TypeRules};

pub(crate) async fn rules(context: &Context, command: RulesCommand) -> Result<(), CliError> {
    match command {
        RulesCommand::Show { event } => {
            let rules = RuleSet::from(&context.store.event(event.event).await?);
            let text = serde_json::to_string_pretty(&rules)
                .map_err(|error| CliError::failed("output_failed", error))?;
            context.output.give(&rules, || text)?;
        }
        RulesCommand::Try(arguments) => trial::try_rules(context, arguments).await?,
        RulesCommand::Set { event, file } => {
            let rules = read(&file)?;
            let set = context.store.set_rules(context.actor(), event.event, rules).await?;
            let rules = RuleSet::from(&set);
            context.output.give(&rules, || format!("rules of event {} are set", set.id))?;
        }
    }
    Ok(())
}

/// The rules in a file; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<RuleSet, CliError> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| {
        CliError::usage(
            "rules_unreadable",
            format_args!("FILE: {} can't be read ({error})", file.display()),
        )
    })?;
    serde_json::from_str(&text).map_err(|error| {
        CliError::usage(
            "rules_malformed",
            format_args!("FILE: {error}; `rules show` prints what belongs here"),
        )
    })
}

impl From<&EventInfo> for RuleSet {
    fn from(event: &EventInfo) -> Self {
        let types = event.types.iter().map(|info| &info.ticket_type);
        Self {
            calendar: event.calendar.clone(),
            zones: event.zones.clone(),
            capacity: event.capacity,
            unpaid: event.unpaid,
            interventions: event.interventions,
            search: event.search,
            gates: event
                .gates
                .iter()
                .map(|gate| GateRules { id: gate.id, into: gate.into })
                .collect(),
            types: types
                .map(|known| TypeRules {
                    id: known.id,
                    gates: known.gates.clone(),
                    renewing: Some(known.renewing),
                    admission: known.admission.clone(),
                })
                .collect(),
        }
    }
}
