//! The browser that tests drive: an installed Chromium, none that a test brings.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The feature with which its tests are built.
pub(crate) const FEATURE: &str = "kaisatsu-fixtures/browser";

/// Names on the search path and macOS's places, as the tests and `x` have them.
const KNOWN: &str = include_str!("../../fixtures/browsers.txt");

/// There is no browser: the tests that need one can't run, and don't stay away unnoticed.
#[derive(Debug)]
pub(crate) struct Missing;

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no Chromium, which browser tests need. Debian: apt-get install chromium fonts-noto-cjk; macOS: brew install \
             --cask google-chrome; Ubuntu and others: Google Chrome, or name one in KAISATSU_CHROMIUM. `./x test \
             --no-browser` leaves these tests out",
        )
    }
}

impl std::error::Error for Missing {}

/// Whether this machine has one.
pub(crate) fn find() -> Result<(), Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let named = std::env::var_os("KAISATSU_CHROMIUM");
    if is_there(named.as_deref().map(Path::new), &folders) { Ok(()) } else { Err(Missing) }
}

fn is_there(named: Option<&Path>, folders: &[PathBuf]) -> bool {
    // A place that begins at the root stays what it is when it is joined.
    named.map_or_else(
        || KNOWN.lines().any(|name| folders.iter().any(|folder| folder.join(name).is_file())),
        Path::is_file,
    )
}

/// Whether the runner's arguments leave the browser tests' package in: cargo takes the feature of no other.
pub(crate) fn selected(arguments: &[OsString]) -> bool {
    let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let names = arguments.iter().any(|it| it.starts_with("-p") || it.starts_with("--package"));
    !names || arguments.iter().any(|argument| argument.contains("kaisatsu-fixtures"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_found_by_its_name_or_where_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("empty"), folder.path().to_path_buf()];
        assert!(!is_there(None, &folders[..1]));
        std::fs::write(folder.path().join("chromedriver"), "").unwrap();
        assert!(!is_there(None, &folders));
        let chromium = folder.path().join("chromium");
        std::fs::write(&chromium, "").unwrap();
        assert!(is_there(None, &folders));
        assert!(is_there(Some(&chromium), &[]));
        assert!(
            !is_there(Some(Path::new("/nowhere/chromium")), &folders),
            "the one named, no other"
        );
    }

    #[test]
    fn other_packages_are_run_without_the_feature() {
        let selects =
            |line: &str| selected(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for with in ["", "-E test(kiosk)", "-p kaisatsu-fixtures", "-p xtask -pkaisatsu-fixtures"] {
            assert!(selects(with), "{with}");
        }
        for without in ["-p xtask", "--package=kaisatsu-gate", "-pkaisatsu-shared -E all()"] {
            assert!(!selects(without), "{without}");
        }
    }
}
