//! `rules try`.

use std::io::Read as _;

use kaisatsu_shared::{
    calendar::TimeZone,
    operator::Role,
    reason::Outcome,
    time::{TimeInterval, UnixMillis},
};

use super::{
    args::TryArgs, context::Context, error::CliError, moment, output::Output, parse::SignedIn,
    rules,
};
use crate::store::types::{Trial, TriedByHand, TriedRules, TriedTicket};

pub(crate) async fn try_rules(context: &Context, arguments: TryArgs) -> Result<(), CliError> {
    let TryArgs { event, gate, at, direction, offline, persons, identity, choice, .. } = arguments;
    let TryArgs { ticket, by_hand, holder, rules, .. } = arguments;
    let ticket = match by_hand {
        Some(SignedIn(role)) => TriedTicket::ByHand(by_hand_of(&ticket, role, holder)?),
        None => ticket_of(ticket)?,
    };
    let draft = rules.as_deref().map(rules::read).transpose()?;
    let zone = context.store.event(event.event).await?.zone;
    let zone = TimeZone::named(&zone).map_err(|error| CliError::failed("unknown_zone", error))?;
    let at = Some(moment::interval(&at, zone, context.store.now())?);
    let trial =
        Trial { ticket, gate, direction, at, offline, persons, identity, choice, rules: draft };
    let tried = context.store.try_rules(event.event, trial).await?;
    Ok(context.output.give(&tried, || describe(&tried, zone, context.output))?)
}

/// Who shows no code is found by their ticket's number.
fn by_hand_of(
    ticket: &str,
    role: Option<Role>,
    holder: Option<bool>,
) -> Result<TriedByHand, CliError> {
    let serial = ticket.parse().map_err(|_| {
        CliError::usage(
            "ticket_not_named",
            "--by-hand: a guest without a code is found by their ticket; give --ticket its serial",
        )
    })?;
    Ok(TriedByHand { serial, role, holder })
}

fn ticket_of(text: String) -> Result<TriedTicket, CliError> {
    if let Ok(serial) = text.parse() {
        return Ok(TriedTicket::Serial(serial));
    }
    if text != "-" {
        return Ok(TriedTicket::Code(text));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| {
        CliError::usage(
            "code_unreadable",
            format_args!("--ticket -: standard input can't be read ({error}); give a code's text"),
        )
    })?;
    Ok(TriedTicket::Code(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The verdict, its sentence, when, and a line for each rule; what stopped the scan stands out.
fn describe(tried: &TriedRules, zone: TimeZone, output: Output) -> String {
    let word = match tried.outcome {
        Outcome::Admit => "どうぞ / GO",
        Outcome::Exit => "退場 / EXIT",
        Outcome::Review => "確認 / CHECK",
        Outcome::Deny => "不可 / STOP",
    };
    let head = [
        format!("{word}  {}", tried.code),
        output.name(&tried.sentence).to_owned(),
        when(tried.at, zone),
        String::new(),
    ];
    let steps = tried.trail.iter().map(|tried| {
        let mark = if tried.step.said.is_some() { '>' } else { ' ' };
        format!("{mark} {}", output.name(&tried.text))
    });
    head.into_iter().chain(steps).collect::<Vec<_>>().join("\n")
}

fn when(at: TimeInterval, zone: TimeZone) -> String {
    let show = |at: UnixMillis| zone.local(at).format("%Y-%m-%d %H:%M:%S").to_string();
    if at.earliest == at.latest {
        return show(at.earliest);
    }
    format!("{} .. {}", show(at.earliest), show(at.latest))
}
