//! Tickets that were looked up, on a terminal: a line each.

use kaisatsu_shared::{reason::Language, sync::SearchHit};

use super::{Found, paint::Screen, style::Style};

/// Their screen.
pub(super) fn found_screen(found: &Found<'_>, language: Language) -> Screen {
    let style = Style::pick();
    let hits = found.answer.hits.iter().zip(1_u8..);
    let mut lines: Vec<_> = hits.map(|(hit, number)| line(found, hit, number, language)).collect();
    if found.answer.more {
        lines.push(match language {
            Language::Ja => "ほかにもあります。名前をもっと入れてください".to_owned(),
            Language::En => "There are more. Give more of the name".to_owned(),
        });
    }
    lines.push(match language {
        Language::Ja => "admit と番号で入場".to_owned(),
        Language::En => "Type admit and the number to let one in".to_owned(),
    });
    Screen { style, word: style.word(language).to_owned(), lines, status: String::new() }
}

fn line(found: &Found<'_>, hit: &SearchHit, number: u8, language: Language) -> String {
    let name = hit.name.as_ref().map(|name| format!("{name}  ")).unwrap_or_default();
    let ticket_type = hit.verdict.facts.ticket_type;
    let ticket_type = found.bundle.zip(ticket_type).and_then(|(bundle, id)| {
        bundle.ticket_type(id).map(|known| known.name.get(language).to_owned())
    });
    let (serial, ticket_type) = (hit.right.serial, ticket_type.unwrap_or_default());
    format!("{number}  {name}#{serial}  {ticket_type}  {}", found.standing(hit, language))
}
