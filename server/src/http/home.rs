//! The page at `/`: what this is, and each event's numbers.

use core::fmt::Write as _;

use actix_web::{HttpResponse, get};

use super::ApiResult;
use crate::{
    auth::Overview,
    store::types::{EventInfo, EventStats},
};

/// The page's style; a file of its own, because the content policy allows no inline style.
const STYLE: &str = include_str!("home.css");

/// The page's style sheet.
#[utoipa::path(tag = "pages", responses((status = 200, description = "CSS")))]
#[get("/style.css")]
pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "max-age=3600"))
        .body(STYLE)
}

/// The page.
#[utoipa::path(tag = "pages", responses((status = 200, description = "HTML")))]
#[get("/")]
pub(crate) async fn home(overview: Overview) -> ApiResult<HttpResponse> {
    let page = page(&overview.events().await?);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

fn page(events: &[(EventInfo, EventStats)]) -> String {
    let mut rows = String::new();
    for (event, stats) in events {
        // Writing into a String can't fail.
        let _ = write!(
            rows,
            "<tr><th scope=row>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            names(&event.name.ja, &event.name.en),
            stats.issued,
            stats.entered,
            stats.conflicts,
        );
    }
    let numbers = if rows.is_empty() {
        "<p>催しはまだありません。<code>kaisatsu-server event create</code> で作成します。<br><span lang=en>No events yet. Create one with <code>kaisatsu-server event create</code>.</span></p>".to_owned()
    } else {
        format!(
            "<table><thead><tr><th scope=col>催し <span lang=en>Event</span></th><th scope=col>発行 <span lang=en>issued</span></th><th scope=col>入場 <span lang=en>admitted</span></th><th scope=col>二重入場 <span lang=en>conflicts</span></th></tr></thead><tbody>{rows}</tbody></table>"
        )
    };
    format!(
        "<!doctype html>\n<html lang=ja><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\"><title>Kaisatsu</title><link rel=stylesheet href=/style.css></head><body><main><h1>Kaisatsu <small>改札</small></h1><p>QR チケットを発行し、入場口で一度だけ通し、その記録を台帳に残すサーバーです。<br><span lang=en>This server issues QR tickets, lets each in once, and keeps the ledger that proves it.</span></p>{numbers}<p><a href=/api/openapi.json>API の説明 <span lang=en>API description</span></a></p></main></body></html>\n"
    )
}

/// The Japanese name with the English one beside it where both exist.
fn names(ja: &str, en: &str) -> String {
    match (ja.is_empty(), en.is_empty()) {
        (false, false) => format!("{} <span lang=en>{}</span>", escape(ja), escape(en)),
        (true, _) => format!("<span lang=en>{}</span>", escape(en)),
        _ => escape(ja),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        let shown = names("<script>alert('x')</script>", "A & \"B\"");
        assert!(!shown.contains("<script"), "{shown}");
        assert!(shown.contains("A &amp; &quot;B&quot;"), "{shown}");
        assert_eq!(names("", "North"), "<span lang=en>North</span>");
    }

    #[test]
    fn an_empty_server_says_the_next_step_and_the_page_holds_no_script_or_style() {
        let page = page(&[]);
        assert!(page.contains("event create"));
        assert!(!page.contains("<script") && !page.contains("<style") && !page.contains(" style="));
    }
}
