//! `ticket`, except `issue`.

use std::path::Path;

use kaisatsu_shared::{id::Serial, ledger::ReissueReason, token::Mode};

use super::{
    args::{MarkArgs, RenewArgs, TicketArg, TicketCommand},
    context::Context,
    draw,
    error::CliError,
    files::{OutDir, printed, write_private},
    issue,
    output::{Output, table},
    parse::{self, TimeOrNow},
    search,
};
use crate::{
    link,
    render::PRINT_SCALE,
    store::{
        StoreError,
        types::{RenewTickets, RenewedTickets, TicketInfo, TicketMark, TicketShown, Validity},
    },
};

/// Most tickets in one command to the store.
const MOST_RENEWED: u32 = 1_024;

pub(crate) async fn ticket(context: &Context, command: TicketCommand) -> Result<(), CliError> {
    let (store, output) = (&context.store, context.output);
    match command {
        TicketCommand::Issue(arguments) => issue::issue(context, arguments).await,
        TicketCommand::Void { ticket, reason } => {
            let TicketArg { serial, event } = ticket;
            let voided = store.void(context.actor(), event.event, serial, reason).await?;
            let text = || {
                let before = if voided.repeated { "was already" } else { "is" };
                format!("ticket {serial} {before} void ({})", parse::word(&voided.reason))
            };
            Ok(output.give(&voided, text)?)
        }
        TicketCommand::Block { ticket, reason } => {
            mark(context, &alone(ticket), TicketMark::Blocked(reason)).await
        }
        TicketCommand::Unblock { ticket } => {
            mark(context, &alone(ticket), TicketMark::Unblocked).await
        }
        TicketCommand::Paid(tickets) => mark(context, &tickets, TicketMark::Paid).await,
        TicketCommand::Unpaid(tickets) => mark(context, &tickets, TicketMark::Unpaid).await,
        TicketCommand::Renew(arguments) => renew(context, &arguments).await,
        TicketCommand::Reissue { ticket, reason, out } => {
            reissue(context, &ticket, reason, out.as_deref()).await
        }
        TicketCommand::Search { event, text } => search::search(context, event.event, text).await,
        TicketCommand::Show { ticket } => {
            let info = store.ticket(ticket.event.event, ticket.serial).await?;
            Ok(output.give(&info, || describe(&info, output))?)
        }
        TicketCommand::Draw { first, count, event, out } => {
            draw::draw(context, event.event, first, count, &out).await
        }
        TicketCommand::Link { serials, event, url } => {
            let links = store.links(context.actor(), event.event, serials).await?;
            let address = link::address(&url, &links);
            let answer = serde_json::json!({ "link": address });
            Ok(output.give(&answer, || address)?)
        }
        TicketCommand::Display { ticket, at, out } => {
            display(context, &ticket, at, out.as_deref()).await
        }
    }
}

/// One ticket.
fn alone(TicketArg { serial, event }: TicketArg) -> MarkArgs {
    MarkArgs { serials: vec![serial], event, count: 1 }
}

/// Marks tickets one by one; those before a refusal stay marked.
async fn mark(context: &Context, tickets: &MarkArgs, mark: TicketMark) -> Result<(), CliError> {
    let MarkArgs { serials, event, count } = tickets;
    let event = event.event;
    let runs = serials.iter().map(|first| first.0..first.0.saturating_add(*count));
    let all: Vec<_> = runs.flatten().map(Serial).collect();
    let mut marked = Vec::new();
    for serial in all.iter().copied() {
        marked.push(match context.store.mark(context.actor(), event, serial, mark).await {
            Err(StoreError::TicketVoided(_)) if all.len() > 1 => {
                context.store.ticket(event, serial).await?
            }
            other => other?,
        });
    }
    let text = || {
        let lines: Vec<_> = marked
            .iter()
            .map(|info| format!("ticket {} is {}", info.serial, parse::word(&info.status)))
            .collect();
        lines.join("\n")
    };
    Ok(context.output.give(&marked, text)?)
}

/// Renews in steps of what one command takes; those before a refusal stay renewed.
async fn renew(context: &Context, arguments: &RenewArgs) -> Result<(), CliError> {
    let RenewArgs { ticket, count, until, from, shorten } = arguments;
    let (TicketArg { serial, event }, count) = (ticket, *count);
    let mut all = RenewedTickets::default();
    let mut left = count;
    while left > 0 {
        let first = Serial(serial.0.saturating_add(count - left));
        let request = RenewTickets {
            first,
            count: left.min(MOST_RENEWED),
            from: *from,
            until: *until,
            shorten: *shorten,
        };
        let done = context.store.renew(context.actor(), event.event, request).await?;
        all.renewed += done.renewed;
        all.unchanged += done.unchanged;
        all.voided.extend(done.voided);
        left -= request.count;
    }
    let text = || {
        let until = parse::show_time(until.to_millis());
        let renewed = match all.renewed {
            1 => "1 ticket is".to_owned(),
            many => format!("{many} tickets are"),
        };
        let mut text = format!("{renewed} valid until {until} now");
        if all.unchanged > 0 {
            text.push_str(&format!("; {} were so already", all.unchanged));
        }
        if !all.voided.is_empty() {
            let voided: Vec<_> = all.voided.iter().map(ToString::to_string).collect();
            text.push_str(&format!("; void and left out: {}", voided.join(", ")));
        }
        text
    };
    Ok(context.output.give(&all, text)?)
}

async fn reissue(
    context: &Context,
    ticket: &TicketArg,
    reason: ReissueReason,
    out: Option<&Path>,
) -> Result<(), CliError> {
    let event = ticket.event.event;
    // A directory that can't be used is told before the older code stops working.
    let out = match out {
        Some(path) => {
            Some((path, OutDir::open(path).map_err(|error| CliError::file("--out", path, &error))?))
        }
        None => None,
    };
    let info = context.store.reissue(context.actor(), event, ticket.serial, reason).await?;
    if let Some((path, mut dir)) = out {
        draw::draw_into(context, event, ticket.serial, 1, path, &mut dir).await?;
        dir.finish().map_err(|error| CliError::file("--out", path, &error))?;
    }
    let text = || format!("ticket {} has generation {} now", info.serial, info.generation);
    Ok(context.output.give(&info, text)?)
}

async fn display(
    context: &Context,
    ticket: &TicketArg,
    at: TimeOrNow,
    out: Option<&Path>,
) -> Result<(), CliError> {
    let (store, event) = (&context.store, ticket.event.event);
    let at = match at {
        TimeOrNow::Now => store.now().to_seconds(),
        TimeOrNow::At(at) => at,
    };
    if let Some(path) = out
        && store.ticket(event, ticket.serial).await?.display != Mode::Static
    {
        return Err(CliError::usage(
            "display_changes",
            format_args!(
                "--out {}: this ticket's code changes every ten seconds, and a drawing of it is refused at the gate; leave --out away to see its text",
                path.display()
            ),
        ));
    }
    let shown = store.show(context.actor(), event, ticket.serial, at).await?;
    if let Some(path) = out {
        write_code(&shown, path)?;
    }
    if let Some(lane) = &shown.lane {
        context.output.note(context.output.name(&lane.text));
    }
    Ok(context.output.give(&shown, || shown.text.clone())?)
}

fn write_code(shown: &TicketShown, path: &Path) -> Result<(), CliError> {
    let code = printed(shown)?;
    let file = match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => code.png(PRINT_SCALE)?,
        Some("svg") => code.svg().into_bytes(),
        _ => {
            return Err(CliError::usage(
                "file_kind",
                format_args!("--out {}: give a file that ends in .png or .svg", path.display()),
            ));
        }
    };
    write_private(path, &file).map_err(|error| CliError::file("--out", path, &error))
}

fn describe(info: &TicketInfo, output: Output) -> String {
    let rows = info.history.iter().map(|row| {
        let used = row.used.map(|used| format!("gate {}, device {}", used.gate, used.device));
        let until =
            |validity: Validity| format!("until {}", parse::show_time(validity.until.to_millis()));
        let by_hand = row.by_hand.map(|operator| format!(", by hand by operator {operator}"));
        let paid = row.paid.map_or("", |paid| if paid { ", paid" } else { ", unpaid" });
        vec![
            row.sequence.to_string(),
            parse::show_time(row.at.middle()),
            row.kind.clone() + paid,
            used.or_else(|| row.validity.map(until)).unwrap_or_default()
                + &by_hand.unwrap_or_default(),
        ]
    });
    format!(
        "ticket {} of event {}: {}\ntype {}, generation {}, {} of {} entries\nvalid from {} until {}{}\n\n{}",
        info.serial,
        info.event,
        parse::word(&info.status),
        info.ticket_type,
        info.generation,
        info.entered,
        if info.entries == 0 { "any number of".to_owned() } else { info.entries.to_string() },
        parse::show_time(info.validity.from.to_millis()),
        parse::show_time(info.validity.until.to_millis()),
        info.lane.as_ref().map_or(String::new(), |lane| format!("\n{}", output.name(&lane.text))),
        table(&["ENTRY", "AT", "WHAT", "WHERE OR UNTIL"], rows),
    )
}
