//! What comes from a gate's page, and where it goes.

use serde::Deserialize;
use tokio::sync::mpsc;

use crate::{
    platform::Clock,
    scan::{ScanInput, ScanText},
};

use super::command::Command;

/// What the page is called as a source of codes.
const PAGE: &str = "page";

/// What a page says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// A code that it read, or that was typed.
    Scan(String),
    /// What staff tell the gate, a line as on a terminal.
    Line(String),
}

/// Hands on what the page says.
pub(crate) async fn hear(
    mut said: mpsc::Receiver<Said>,
    scans: mpsc::Sender<ScanInput>,
    commands: mpsc::Sender<Command>,
    clock: Clock,
) {
    while let Some(words) = said.recv().await {
        let heard = match words {
            Said::Scan(text) => {
                let text = ScanText::from_line(Ok(text));
                let scan = ScanInput { text, source: PAGE.to_owned(), at_ms: clock.monotonic() };
                scans.send(scan).await.is_ok()
            }
            Said::Line(line) => match Command::read(&line) {
                Some(command) => commands.send(command).await.is_ok(),
                None => true,
            },
        };
        if !heard {
            return;
        }
    }
}
