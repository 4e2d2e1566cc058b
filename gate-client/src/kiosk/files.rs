//! The page's files, as they are: it is written so that a browser takes it without a build.

/// A file by its path: its kind and what is in it.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static str)> {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    Some(match path {
        "/" => ("text/html; charset=utf-8", include_str!("../../web/index.html")),
        "/style.css" => ("text/css; charset=utf-8", include_str!("../../web/style.css")),
        "/main.js" => (SCRIPT, include_str!("../../web/main.js")),
        "/actions.js" => (SCRIPT, include_str!("../../web/actions.js")),
        "/gate.js" => (SCRIPT, include_str!("../../web/gate.js")),
        "/keys.js" => (SCRIPT, include_str!("../../web/keys.js")),
        "/signals.js" => (SCRIPT, include_str!("../../web/signals.js")),
        "/status.js" => (SCRIPT, include_str!("../../web/status.js")),
        "/verdict.js" => (SCRIPT, include_str!("../../web/verdict.js")),
        "/words.js" => (SCRIPT, include_str!("../../web/words.js")),
        _ => return None,
    })
}
