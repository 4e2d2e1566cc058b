//! How far a long command is, on standard error. Hidden by itself where that isn't a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `len` things, such as "tickets".
pub(crate) fn bar(len: u64, things: &str) -> ProgressBar {
    let bar = ProgressBar::new(len);
    let template = format!("{{bar:40}} {{pos}}/{{len}} {things}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
