//! The page at `/`: what this is and whether it works. Numbers need a permission, at
//! `/api/v1/events/N/stats`; the page has them only where the server was started to show them.

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
    let works = overview.ready().await.is_ok();
    let page = page(works, overview.events().await?.as_deref());
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

fn page(works: bool, events: Option<&[(EventInfo, EventStats)]>) -> String {
    let health = if works {
        "正常に動作しています <span lang=en>It works</span>"
    } else {
        "データベースを使えません。ログを確認してください <span lang=en>The database can't be used; look at the log</span>"
    };
    format!(
        "<!doctype html>\n<html lang=ja><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\"><title>Kaisatsu</title><link rel=stylesheet href=/style.css></head><body><main><h1>Kaisatsu <small>改札 {version}</small></h1><p>QR チケットを発行し、入場口で一度だけ通し、その記録を台帳に残すサーバーです。<br><span lang=en>This server issues QR tickets, lets each in once, and keeps the ledger that proves it.</span></p><p><a href=/readyz>{health}</a></p>{numbers}<p><a href=/api/openapi.json>API の説明 <span lang=en>API description</span></a></p><p>使い方は、プログラムに付属する README.md、SECURITY.md、ARCHITECTURE.md をご覧ください。<br><span lang=en>README.md, SECURITY.md and ARCHITECTURE.md, which come with the program, say how to use it.</span></p></main></body></html>\n",
        version = env!("CARGO_PKG_VERSION"),
        numbers = events.map(numbers).unwrap_or_default(),
    )
}

fn numbers(events: &[(EventInfo, EventStats)]) -> String {
    if events.is_empty() {
        return "<p>催しはまだありません。<code>kaisatsu-server event create</code> で作成します。<br><span lang=en>No events yet. Create one with <code>kaisatsu-server event create</code>.</span></p>".to_owned();
    }
    let mut rows = String::new();
    for (event, stats) in events {
        // Writing into a String can't fail.
        let _ = write!(
            rows,
            "<tr><th scope=row>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            names(&event.name.ja, &event.name.en),
            stats.issued,
            stats.entered,
            stats.inside,
            stats.conflicts,
        );
    }
    format!(
        "<table><thead><tr><th scope=col>催し <span lang=en>Event</span></th><th scope=col>発行 <span lang=en>issued</span></th><th scope=col>入場 <span lang=en>admitted</span></th><th scope=col>場内 <span lang=en>inside</span></th><th scope=col>二重入場 <span lang=en>conflicts</span></th></tr></thead><tbody>{rows}</tbody></table>"
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
        let page = page(true, Some(&[]));
        assert!(page.contains("event create"));
        assert!(!page.contains("<script") && !page.contains("<style") && !page.contains(" style="));
    }

    #[test]
    fn the_closed_page_says_version_and_health_and_no_numbers() {
        let works = page(true, None);
        assert!(works.contains(env!("CARGO_PKG_VERSION")) && works.contains("It works"));
        assert!(!works.contains("<table") && !works.contains("event create"), "{works}");
        assert!(page(false, None).contains("look at the log"));
    }
}
