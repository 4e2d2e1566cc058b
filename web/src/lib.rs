//! The files of Kaisatsu's pages, as `./x web` built them: whoever serves a page takes them from here.
//!
//! They are embedded in optimised programs and read from `dist` by others, so that a page can be built anew without its
//! server. A build without them works, too: then [`file()`] knows none of a page, and [`UNBUILT`] says what to do.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "dist"]
struct Dist;

/// What a page may load and ask: its own server only. Its engine is WebAssembly, which counts as evaluating.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Shown in place of a page that wasn't built.
pub const UNBUILT: &str = include_str!("unbuilt.html");

/// A page, by the folder it is built into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The attendee's ticket.
    Ticket,
    /// The gate of a tablet.
    Gate,
}

impl Page {
    const fn folder(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Gate => "gate",
        }
    }
}

/// A file of a page.
#[derive(Debug)]
pub struct File {
    /// Its media type.
    pub kind: &'static str,
    /// What is in it.
    pub content: Cow<'static, [u8]>,
    /// How long it may be kept, as `Cache-Control` says it.
    pub keep: &'static str,
}

/// The file of `page` at `path`, relative to the page; the empty path is the page itself.
#[must_use]
pub fn file(page: Page, path: &str) -> Option<File> {
    let path = if path.is_empty() { "index.html" } else { path };
    let kind = kind(path)?;
    let found = Dist::get(&format!("{}/{path}", page.folder()))?;
    // Only a name that changes with the content can be kept without asking.
    let keep = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(File { kind, content: found.data, keep })
}

/// The kinds of files that pages consist of; anything else isn't one's.
fn kind(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

/// Whether the name holds its content's hash, as the bundler writes it: `main-2DZXQHYK.js`.
fn is_hashed(path: &str) -> bool {
    let stem = path.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 8 && hash.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept() {
        for (path, hashed) in [
            ("main-2DZXQHYK.js", true),
            ("ticket_bg-AAAA2222.wasm", true),
            ("main.js", false),
            ("worker.js", false),
            ("index.html", false),
            ("well-known.js", false),
            ("main-2dzxqhyk.js", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn nothing_but_a_pages_files_is_given() {
        for path in
            ["../.gitignore", "../../Cargo.toml", "../../src/unbuilt.html", "nothing.js", "/"]
        {
            assert!(file(Page::Ticket, path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_page_that_stands_in_names_the_command_and_loads_nothing() {
        assert!(UNBUILT.contains("./x web") && UNBUILT.contains("lang=\"ja\""));
        assert!(!UNBUILT.contains("<script") && !UNBUILT.contains("style"));
    }
}
